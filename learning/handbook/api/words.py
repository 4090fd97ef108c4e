from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from learning.handbook import queries
from learning.handbook.models import Collection, GlossaryTerm
from project.foundation.http import cursors
from project.foundation.http.conditional import instant
from project.foundation.http.openapi import answers

from .shapes import Belt, ListQuery, Names, Next, SlugPath, TermTopic, Text, Typed, changes_with, optional

router = Router()

ORDERINGS = {
    "topic": ["topic", "place", "slug"],
    "slug": ["slug"],
    "name": ["transliteration", "slug"],
    "-name": ["-transliteration", "-slug"],
}


class TermOut(Schema):
    """A Korean word of the hall: how it is written, said and meant."""

    slug: str = Field(examples=["charyot"])
    topic: TermTopic
    names: Names
    hangul: str
    transliteration: str
    aliases: list[str]
    min_belt: Belt = Field(description="The lowest belt that learns it.")
    note: Text | None
    technique: str | None = Field(description="Slug of the technique that it names.", examples=["gunnun-sogi"])

    @staticmethod
    def resolve_names(term: GlossaryTerm) -> dict[str, str]:
        return term.name

    @staticmethod
    def resolve_technique(term: GlossaryTerm) -> str | None:
        return term.technique.slug if term.technique else None


class TermPage(Schema):
    items: list[TermOut]
    next: Next


class TermQuery(ListQuery):
    topic: TermTopic | None = optional()
    q: Annotated[Typed, Field(description="Called or spelled like this, in any language.", examples=["charyot"])] = ""
    ordering: Annotated[
        Literal["topic", "slug", "name", "-name"],
        Field(description="topic: by topic and then as a lesson would go; name: by transliteration."),
    ] = "topic"


@router.get("/glossary", response=answers(TermPage), operation_id="list_terms", summary="Glossary", auth=None)
@changes_with(Collection.GLOSSARY)
def terms(request: HttpRequest, asked: Query[TermQuery]) -> cursors.Page[GlossaryTerm]:
    """The Korean words of the hall, whole."""
    found = queries.terms(now=instant(request), topic=asked.topic or "", q=asked.q)
    return cursors.page(
        found, of="glossary", orderings=ORDERINGS, ordering=asked.ordering, cursor=asked.cursor, limit=asked.limit
    )


@router.get(
    "/glossary/{slug}",
    response=answers(TermOut, may_be_missing=True),
    operation_id="get_term",
    summary="One word of the glossary",
    auth=None,
)
@changes_with(Collection.GLOSSARY)
def term(request: HttpRequest, slug: SlugPath) -> Any:
    """One Korean word."""
    try:
        return queries.term(slug=slug)
    except GlossaryTerm.DoesNotExist:
        raise Http404 from None
