from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from learning.handbook import queries
from learning.handbook.models import Collection, TechniqueEdition
from project.foundation.http import cursors
from project.foundation.http.conditional import instant
from project.foundation.http.openapi import answers

from .shapes import Belt, BeltAsked, Category, ListQuery, Names, Next, SlugPath, Text, Typed, changes_with, optional

router = Router()

ORDERINGS = {
    "slug": ["identity__slug"],
    "belt": ["-min_belt", "transliteration", "identity__slug"],
    "-belt": ["min_belt", "transliteration", "identity__slug"],
    "name": ["transliteration", "identity__slug"],
    "-name": ["-transliteration", "-identity__slug"],
}
AP_CHAGI: dict[str, Any] = {
    "slug": "ap-cha-busigi",
    "category": "kick",
    "min_belt": 10,
    "names": {"pl": "kopnięcie przednie", "en": "front snap kick", "ko": "앞차부수기"},
    "hangul": "앞차부수기",
    "transliteration": "ap cha busigi",
}


class TechniqueLine(Schema):
    """A technique, stance or motion in a list."""

    slug: str
    category: Category
    min_belt: Belt = Field(description="The lowest belt that learns it.")
    names: Names
    hangul: str
    transliteration: str

    model_config = {"json_schema_extra": {"examples": [AP_CHAGI]}}

    @staticmethod
    def resolve_names(edition: TechniqueEdition) -> dict[str, str]:
        return edition.name


class TechniqueOut(TechniqueLine):
    """Everything a learner reads about a technique, stance or motion."""

    version: int = Field(description="Number of the edition that is valid now.")
    aliases: list[str]
    section: Literal["high", "middle", "low", ""] = Field(description="Where it is aimed; empty when that varies.")
    tool: Text | None = Field(description="The part of the body that hits or blocks.")
    key_points: list[Text]
    mistakes: list[Text]
    safety: Text | None
    tags: list[str]
    source_note: Text | None


class TechniquePage(Schema):
    items: list[TechniqueLine]
    next: Next


class TechniqueQuery(ListQuery):
    category: Category | None = optional()
    belt: BeltAsked | None = optional(description="Learned at exactly this belt.")
    min_belt: BeltAsked | None = optional(description="Met by a learner of this belt.")
    has_media: bool | None = optional(description="Has a picture or a film. There are none yet.")
    q: Annotated[Typed, Field(description="Called or spelled like this, in any language.", examples=["chagi"])] = ""
    ordering: Annotated[
        Literal["slug", "belt", "-belt", "name", "-name"],
        Field(description="belt: as they are learned, from 10th kup up; name: by transliteration."),
    ] = "slug"


@router.get(
    "/techniques", response=answers(TechniquePage), operation_id="list_techniques", summary="Techniques", auth=None
)
@changes_with(Collection.TECHNIQUES)
def techniques(request: HttpRequest, asked: Query[TechniqueQuery]) -> cursors.Page[TechniqueEdition]:
    """Techniques, stances and motions that are valid now."""
    found = queries.techniques(
        now=instant(request), category=asked.category or "", belt=asked.min_belt, exact_belt=asked.belt,
        has_media=asked.has_media, q=asked.q,
    )  # fmt: skip
    return cursors.page(
        found, of="techniques", orderings=ORDERINGS, ordering=asked.ordering, cursor=asked.cursor, limit=asked.limit
    )


@router.get(
    "/techniques/{slug}",
    response=answers(TechniqueOut, may_be_missing=True),
    operation_id="get_technique",
    summary="One technique",
    auth=None,
)
@changes_with(Collection.TECHNIQUES)
def technique(request: HttpRequest, slug: SlugPath) -> Any:
    """One technique with everything a learner reads about it."""
    try:
        return queries.technique(slug=slug, now=instant(request))
    except TechniqueEdition.DoesNotExist:
        raise Http404 from None
