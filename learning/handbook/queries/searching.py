"""One box over techniques, tuls, the glossary and theory. How spellings meet is told in rules/spelling.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import structlog
from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, Q, QuerySet
from django.utils.functional import cached_property

from learning.handbook import meilisearch
from learning.handbook.models import DocumentKind, SearchDocument, SearchSlip, TheoryArticleEdition
from learning.handbook.rules import ranking, spelling
from project.foundation.health import Finding
from project.foundation.markdown import to_text
from project.foundation.outbound import ServiceError
from project.foundation.texts import in_language

log = structlog.get_logger("handbook.search")

LONGEST_QUERY = 200
"""Letters of a query that leave the house."""

ENOUGH = 200
"""Documents that one stage of a search looks at. Whoever types two letters among 100,000 entries gets the best
of some; every further letter narrows it, and a handbook of a school is always looked at whole."""


@dataclass(frozen=True)
class Hit:
    """One answer: the document, how near it is (ranking.EXACT …), and of an article the place in its text."""

    document: SearchDocument
    nearness: int
    typed: Sequence[str]
    excerpt: str = ""

    def marked(self, text: str) -> list[ranking.Piece]:
        return ranking.marked(text, self.typed)


@dataclass(frozen=True)
class Found:
    """Answers, best first. `meant` are the words that were looked for instead of misspelt ones, if any were."""

    hits: Sequence[Hit]
    meant: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.hits)


@dataclass(frozen=True)
class Asked:
    """What may be found: kinds of documents, those met by a learner of `belt`, one category; valid at `now`."""

    now: datetime
    kinds: Sequence[str] = ()
    belt: int | None = None
    category: str = ""

    @cached_property
    def documents(self) -> QuerySet[SearchDocument]:
        found: QuerySet[SearchDocument] = SearchDocument.objects.valid_at(self.now).defer("words")
        if self.kinds:
            found = found.filter(kind__in=self.kinds)
        if self.belt is not None:
            found = found.filter(belt__gte=self.belt)
        return found.filter(category=self.category) if self.category else found


class Lexemes(SearchQuery):
    """A tsquery whose lexemes are looked up as they stand, without any dictionary of PostgreSQL's."""

    def __init__(self, query: str) -> None:
        super().__init__(query, search_type="raw")
        self.query = query

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[str, ...]]:
        return "%s::tsquery", (self.query,)


def search(*, q: str, asked: Asked, language: str, limit: int = 20) -> Found:
    """What is called, spelled, or sounds like `q`, or speaks of it; best first.

    Goes from the nearest stage to the farthest and stops as soon as there are enough answers: names that begin
    so, names that hold all the words, texts that hold them; when nothing does, the same with misspelt words
    corrected. At most five queries, and one for the texts of articles. Where Meilisearch is configured it finds
    and PostgreSQL only says what of that is valid now; when it does not answer in time, all is as without it.
    """
    typed = spelling.words(q)[: spelling.MOST_WORDS]
    if not typed:
        return Found([])
    if meilisearch.is_configured():
        try:
            return Found(_hits(_by_meilisearch(q, typed, asked, limit), typed, language, asked.now))
        except ServiceError as reason:
            log.warning("search falls back to PostgreSQL", reason=str(reason))
    ranked = _ranked(typed, _candidates(typed, asked, limit))
    meant: list[str] = []
    if not ranked and (choices := _corrected(typed)):
        meant = [each[0] for each in choices]
        ranked = _ranked(meant, _documents(asked, spelling.every_word(choices, weights="")))
    return Found(_hits(ranked[:limit], meant or typed, language, asked.now), tuple(meant))


def search_is_well() -> Finding:
    """For the health check: PostgreSQL always searches, so the worst is that Meilisearch does not."""
    if meilisearch.is_configured() and not meilisearch.is_well():
        return Finding("search", "degraded", "Meilisearch does not answer; PostgreSQL searches")
    return Finding("search", "ok")


def spelled_like[Rows: QuerySet[Any]](rows: Rows, q: str, *, kind: str, now: datetime) -> Rows:
    """Those of a list that search would find by `q`, in the order of the list."""
    typed = spelling.words(q)[: spelling.MOST_WORDS]
    if not typed:
        return rows if not q.strip() else rows.none()
    documents = Asked(now=now, kinds=[kind]).documents
    found = documents.filter(words=Lexemes(_by_name(typed)))
    if choices := _corrected(typed, unless=found):
        found = documents.filter(words=Lexemes(spelling.every_word(choices, weights="A")))
    key = "slug__in" if kind == DocumentKind.TERM else "identity__slug__in"
    return rows.filter(**{key: found.values("slug")})


def _by_meilisearch(q: str, typed: Sequence[str], asked: Asked, limit: int) -> list[tuple[int, SearchDocument]]:
    """Raises Unavailable."""
    order = meilisearch.search(
        q=q[:LONGEST_QUERY], kinds=asked.kinds, belt=asked.belt, category=asked.category, limit=limit, now=asked.now
    )
    same = [Q(kind=kind, slug=slug, version=version) for kind, slug, version in order]
    rows = asked.documents.filter(reduce(or_, same)) if same else []
    valid = {(row.kind, row.slug, row.version): row for row in rows}
    found = [valid[key] for key in order if key in valid]
    return [(ranking.nearness(typed, row.spellings)[0], row) for row in found]


def _by_name(typed: Sequence[str]) -> str:
    return f"{spelling.whole_name(typed)} | {spelling.every_word([[word] for word in typed], weights='A')}"


def _candidates(typed: Sequence[str], asked: Asked, limit: int) -> list[SearchDocument]:
    each = [[word] for word in typed]
    found: dict[int, SearchDocument] = {}
    stages = (
        spelling.whole_name(typed),
        spelling.every_word(each, weights="A"),
        spelling.every_word(each, weights=""),
    )
    for stage in stages:
        found |= {document.pk: document for document in _documents(asked, stage)}
        if len(found) >= limit:
            break
    return list(found.values())


def _documents(asked: Asked, query: str) -> list[SearchDocument]:
    return list(asked.documents.filter(words=Lexemes(query))[:ENOUGH])


def _ranked(typed: Sequence[str], documents: Sequence[SearchDocument]) -> list[tuple[int, SearchDocument]]:
    def order(document: SearchDocument) -> tuple[Any, ...]:
        near, length = ranking.nearness(typed, document.spellings)
        return near, length, ranking.KINDS.index(document.kind), -document.belt, document.slug

    keyed = sorted(((order(document), document) for document in documents), key=lambda each: each[0])
    return [(key[0], document) for key, document in keyed]


def _corrected(typed: Sequence[str], *, unless: QuerySet[SearchDocument] | None = None) -> list[list[str]]:
    """For each typed word those that were perhaps meant; empty when one of them is like nothing known, or when
    there are any documents in `unless`. One query."""
    slips = {word: spelling.slips(word) for word in typed}
    rows = SearchSlip.objects.filter(slip__in={slip for every in slips.values() for slip in every})
    if unless is not None:
        rows = rows.filter(~Exists(unless))
    alike: dict[str, set[str]] = {}
    for slip, known in rows.values_list("slip", "word"):
        alike.setdefault(slip, set()).add(known)
    found = [
        spelling.corrections(word, set().union(*(alike.get(slip, ()) for slip in every)))
        for word, every in slips.items()
    ]
    return found if all(found) else []


def _hits(
    ranked: Sequence[tuple[int, SearchDocument]], typed: Sequence[str], language: str, now: datetime
) -> list[Hit]:
    articles = [document.slug for _, document in ranked if document.kind == DocumentKind.ARTICLE]
    bodies = (
        dict(
            TheoryArticleEdition.objects.valid_at(now)
            .filter(identity__slug__in=articles)
            .values_list("identity__slug", "body")
        )
        if articles
        else {}
    )

    def excerpt(document: SearchDocument) -> str:
        body = in_language(bodies.get(document.slug), language) if document.kind == DocumentKind.ARTICLE else None
        return ranking.excerpt(to_text(body.text), typed) if body else ""

    return [Hit(document, near, typed, excerpt(document)) for near, document in ranked]
