from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from learning.handbook import queries
from learning.handbook.models import Collection, TulEdition
from project.foundation.http import cursors
from project.foundation.http.conditional import instant
from project.foundation.http.openapi import answers

from .shapes import Belt, BeltAsked, ListQuery, Next, SlugPath, Text, Typed, changes_with, optional

router = Router()

ORDERINGS = {
    "order": ["order", "-belt", "identity__slug"],
    "-order": ["-order", "belt", "-identity__slug"],
    "belt": ["-belt", "order", "identity__slug"],
    "-belt": ["belt", "order", "identity__slug"],
    "slug": ["identity__slug"],
}
Heading = Literal["A", "B", "C", "D", "AC", "AD", "BC", "BD"]


class TulLine(Schema):
    """A tul, or one of the four-direction exercises, in a list."""

    slug: str = Field(examples=["chon-ji"])
    kind: Literal["tul", "exercise"]
    order: int = Field(description="Place in the official order, for each kind.")
    belt: Belt = Field(description="The belt that learns it.")
    name: str = Field(examples=["Chon-Ji"])
    hangul: str = Field(examples=["천지"])
    movements: int = Field(examples=[19])
    has_steps: bool = Field(description="Whether its steps are known.")


class StepOut(Schema):
    """One movement, and where it leaves the feet."""

    step_key: str = Field(description="Stays the same in every edition of the tul.", examples=["7"])
    position: int
    technique: str = Field(description="Slug.", examples=["ap-joomuk-jirugi"])
    side: Literal["left", "right", "both"]
    section: Literal["high", "middle", "low", ""]
    stance: str = Field(description="Slug.", examples=["gunnun-sogi"])
    stance_side: Literal["left", "right", ""]
    facing: Heading = Field(description="On the diagram: A is left, B right, C behind, D in front of the start.")
    turn: Literal["clockwise", "counterclockwise", ""]
    tempo: Literal["normal", "slow", "fast", "connecting", "continuous", "natural"]
    is_joined: bool = Field(description="Shares a count with the step before it.")
    note: Text | None
    left: tuple[float, float] = Field(description="Left foot: x toward A, y toward D, in shoulder widths.")
    right: tuple[float, float] = Field(description="Right foot, likewise.")


class TulOut(TulLine):
    """A tul with all its steps; none when they are not known."""

    version: int = Field(description="Number of the edition that is valid now.")
    meaning: Text
    ready: str = Field(description="Slug of the ready posture.", examples=["narani-junbi-sogi"])
    judges_notes: list[Text]
    source_note: Text | None
    steps: list[StepOut]


class TulPage(Schema):
    items: list[TulLine]
    next: Next


class TulQuery(ListQuery):
    kind: Literal["tul", "exercise"] | None = optional()
    belt: BeltAsked | None = optional(description="Learned at exactly this belt.")
    min_belt: BeltAsked | None = optional(description="Met by a learner of this belt.")
    q: Annotated[Typed, Field(description="Called or spelled like this, in any language.", examples=["won"])] = ""
    ordering: Annotated[
        Literal["order", "-order", "belt", "-belt", "slug"],
        Field(description="order: the official one; belt: as they are learned, lowest grade first."),
    ] = "order"


@router.get("/tuls", response=answers(TulPage), operation_id="list_tuls", summary="Tuls", auth=None)
@changes_with(Collection.TULS)
def tuls(request: HttpRequest, asked: Query[TulQuery]) -> cursors.Page[TulEdition]:
    """Tuls and four-direction exercises, without their steps."""
    found = queries.tuls(
        now=instant(request), kind=asked.kind or "", belt=asked.min_belt, exact_belt=asked.belt, q=asked.q
    )
    return cursors.page(
        found, of="tuls", orderings=ORDERINGS, ordering=asked.ordering, cursor=asked.cursor, limit=asked.limit
    )


@router.get(
    "/tuls/{slug}",
    response=answers(TulOut, may_be_missing=True),
    operation_id="get_tul",
    summary="One tul",
    auth=None,
)
@changes_with(Collection.TULS)
def tul(request: HttpRequest, slug: SlugPath) -> dict[str, Any]:
    """One tul with all its steps."""
    try:
        sheet = queries.tul(slug=slug, now=instant(request))
    except TulEdition.DoesNotExist:
        raise Http404 from None
    fields = {name: getattr(sheet.tul, name) for name in TulOut.model_fields if hasattr(sheet.tul, name)}
    return fields | {
        "has_steps": bool(sheet.steps),
        "ready": sheet.tul.ready.slug,
        "steps": [_step(step) for step in sheet.steps],
    }


def _step(step: queries.NamedStep) -> dict[str, Any]:
    row = step.row
    fields = {name: getattr(row, name) for name in StepOut.model_fields if hasattr(row, name)}
    return fields | {
        "technique": row.technique.slug,
        "stance": row.stance.slug,
        "left": (row.left_x, row.left_y),
        "right": (row.right_x, row.right_y),
    }
