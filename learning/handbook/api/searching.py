from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view

from learning.handbook import meilisearch, queries
from learning.handbook.models import Collection
from learning.handbook.rules import ranking
from project.foundation.http.conditional import conditional, instant
from project.foundation.http.openapi import answers
from project.foundation.http.throttling import throttled

from .shapes import Belt, BeltAsked, Category, Text, Typed, optional

router = Router()

Kind = Literal["technique", "tul", "term", "article"]
NEARNESS = {
    ranking.EXACT: "exact",
    ranking.SOUNDS_EXACT: "sounds_exact",
    ranking.BEGINS: "begins",
    ranking.SOUNDS_BEGUN: "sounds_begun",
    ranking.HAS_WORDS: "has_words",
    ranking.SOUNDS_WORDS: "sounds_words",
    ranking.ELSEWHERE: "elsewhere",
}


def _state(now: datetime) -> str | None:
    """Nobody can tell what Meilisearch has taken in so far, so what it finds is not to be kept."""
    everything = (Collection.TECHNIQUES, Collection.TULS, Collection.GLOSSARY, Collection.THEORY)
    return None if meilisearch.is_configured() else queries.state(*everything, now=now)


class HitOut(Schema):
    type: Kind
    slug: str = Field(examples=["dollyo-chagi"])
    title: Text
    hangul: str = Field(description="Empty for articles.")
    transliteration: str = Field(description="Empty for articles.")
    belt: Belt
    category: str = Field(description="Category of a technique, kind of a tul, topic of a word or an article.")
    excerpt: str = Field(description="Of an article: the part that speaks of it, in the language of the request.")
    nearness: Literal["exact", "sounds_exact", "begins", "sounds_begun", "has_words", "sounds_words", "elsewhere"] = (
        Field(description="How near the name is to what was asked; elsewhere: it is in tags or in the text.")
    )


class HitsOut(Schema):
    items: list[HitOut] = Field(description="Best first.")
    meant: list[str] = Field(description="Words that were looked for instead of misspelt ones.", examples=[["dollyo"]])


class SearchQuery(Schema):
    q: Annotated[Typed, Field(min_length=1, description="In any language and spelling.", examples=["dolyo chagi"])]
    type: Kind | None = optional()
    belt: BeltAsked | None = optional(description="Met by a learner of this belt.")
    category: Category | None = optional(description="Techniques of this category only.")
    limit: Annotated[int, Field(ge=1, le=50)] = 20


@router.get("/search", response=answers(HitsOut), operation_id="search", summary="Search the handbook", auth=None)
@conditional(_state)
@decorate_view(throttled("search"))
def search(request: HttpRequest, asked: Query[SearchQuery]) -> dict[str, Any]:
    """Techniques, tuls, words and articles by name, spelling or sound, tolerant of slips; has a limit of its own."""
    wanted = queries.Asked(
        now=instant(request), kinds=[asked.type] if asked.type else [], belt=asked.belt, category=asked.category or ""
    )
    found = queries.search(q=asked.q, asked=wanted, language=get_language(), limit=asked.limit)
    return {"items": [_hit(hit) for hit in found.hits], "meant": list(found.meant)}


def _hit(hit: queries.Hit) -> dict[str, Any]:
    document = hit.document
    return {
        "type": document.kind,
        "slug": document.slug,
        "title": document.title,
        "hangul": document.hangul,
        "transliteration": document.roman,
        "belt": document.belt,
        "category": document.category,
        "excerpt": hit.excerpt,
        "nearness": NEARNESS[hit.nearness],
    }
