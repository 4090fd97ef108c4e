from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from learning.handbook import queries
from learning.handbook.models import Collection, TheoryArticleEdition
from project.foundation.http import cursors
from project.foundation.http.conditional import instant
from project.foundation.http.openapi import answers

from .shapes import Belt, BeltAsked, ListQuery, Next, SlugPath, Text, TheoryTopic, Typed, changes_with, optional

router = Router()

ORDERINGS = {
    "topic": ["topic", "order", "identity__slug"],
    "belt": ["-belt", "topic", "order", "identity__slug"],
    "-belt": ["belt", "topic", "order", "identity__slug"],
    "slug": ["identity__slug"],
}


class ArticleLine(Schema):
    """Something to read about, without its text."""

    slug: str = Field(examples=["sine-wave"])
    topic: TheoryTopic
    belt: Belt = Field(description="From which belt on it is expected to be known.")
    order: int = Field(description="Place in its topic.")
    title: Text


class ArticleOut(ArticleLine):
    version: int = Field(description="Number of the edition that is valid now.")
    body: Text = Field(description="Markdown. It may hold anything that an editor typed; make it safe to show.")
    sources: list[str]


class ArticlePage(Schema):
    items: list[ArticleLine]
    next: Next


class ArticleQuery(ListQuery):
    topic: TheoryTopic | None = optional()
    belt: BeltAsked | None = optional(description="Expected at exactly this belt.")
    q: Annotated[Typed, Field(description="With words like these in the title.", examples=["tenets"])] = ""
    ordering: Annotated[
        Literal["topic", "belt", "-belt", "slug"],
        Field(description="topic: by topic and its own order; belt: lowest grade first."),
    ] = "topic"


@router.get("/theory", response=answers(ArticlePage), operation_id="list_articles", summary="Theory", auth=None)
@changes_with(Collection.THEORY)
def articles(request: HttpRequest, asked: Query[ArticleQuery]) -> cursors.Page[TheoryArticleEdition]:
    """What there is to read, without the texts."""
    found = queries.articles(now=instant(request), topic=asked.topic or "", exact_belt=asked.belt, q=asked.q)
    return cursors.page(
        found, of="theory", orderings=ORDERINGS, ordering=asked.ordering, cursor=asked.cursor, limit=asked.limit
    )


@router.get(
    "/theory/{slug}",
    response=answers(ArticleOut, may_be_missing=True),
    operation_id="get_article",
    summary="One article",
    auth=None,
)
@changes_with(Collection.THEORY)
def article(request: HttpRequest, slug: SlugPath) -> Any:
    """One article with its text in all languages that it has."""
    try:
        return queries.article(slug=slug, now=instant(request))
    except TheoryArticleEdition.DoesNotExist:
        raise Http404 from None
