"""Search follows what is published, in the transaction that publishes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from learning.handbook.models import (
    DocumentKind,
    GlossaryTerm,
    SearchDocument,
    SearchSlip,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
)
from learning.handbook.queries import entry_of
from learning.handbook.rules import documents, spelling

from . import mirroring

SOURCES: dict[DocumentKind, Any] = {
    DocumentKind.TECHNIQUE: TechniqueEdition,
    DocumentKind.TUL: TulEdition,
    DocumentKind.TERM: GlossaryTerm,
    DocumentKind.ARTICLE: TheoryArticleEdition,
}
"""Where the documents of each kind come from. Syllabi are found by their belt, not by search."""


@dataclass(frozen=True)
class _Dated:
    """What search is told of one row, and when it may say so."""

    document: documents.Document
    version: int
    valid_from: datetime
    valid_to: datetime | None


def index_edition(edition: Any, *, now: datetime) -> None:
    """Let search know a published edition, from when until when it is valid; a kind without documents is left alone."""
    if type(edition) in SOURCES.values():
        _put([_dated(edition, edition.valid_from)])
        mirroring.mirror(**_thing(edition), now=now)


def index_term(term: GlossaryTerm, *, now: datetime) -> None:
    """Let search know a word of the glossary, which has one version and no end."""
    _put([_dated(term, now)])
    mirroring.mirror(kind=DocumentKind.TERM, slug=term.slug, now=now)


def end_document(edition: Any, valid_to: datetime | None, *, now: datetime) -> None:
    """Search forgets an edition at the instant at which lists do."""
    if type(edition) in SOURCES.values():
        SearchDocument.objects.filter(**_thing(edition), version=edition.version).update(valid_to=valid_to)
        mirroring.mirror(**_thing(edition), now=now)


def withdraw_document(edition: Any, *, now: datetime) -> None:
    """Search forgets an edition that is a draft again."""
    if type(edition) in SOURCES.values():
        SearchDocument.objects.filter(**_thing(edition), version=edition.version).delete()
        mirroring.mirror(**_thing(edition), now=now)


def reindex(*, kind: DocumentKind, batch_size: int, drop: bool, now: datetime) -> Iterator[int]:
    """Make the documents of a kind again from what is published; gives the number done after each batch.

    With `drop` the old ones go first, so that none is left of what exists no more; nobody sees the gap, since
    all of it is one transaction.
    """
    with transaction.atomic():
        if drop:
            SearchDocument.objects.filter(kind=kind).delete()
        rows = sources(kind).order_by("pk")
        done = last = 0
        while batch := list(rows.filter(pk__gt=last)[:batch_size]):
            _put([_dated(row, now) for row in batch])
            last, done = batch[-1].pk, done + len(batch)
            yield done


def sources(kind: DocumentKind) -> QuerySet[Any]:
    """The rows that have a document, or should."""
    model = SOURCES[kind]
    if kind == DocumentKind.TERM:
        return GlossaryTerm.objects.select_related("technique")
    rows: QuerySet[Any] = model.objects.filter(is_draft=False).select_related("identity")
    return rows


def without_document(kind: DocumentKind) -> QuerySet[Any]:
    """Published rows that search does not know: only after a migration or a restore from elsewhere."""
    if kind == DocumentKind.TERM:
        same = Q(slug=OuterRef("slug"))
    else:
        same = Q(slug=OuterRef("identity__slug"), version=OuterRef("version"))
    return sources(kind).filter(~Exists(SearchDocument.objects.filter(same, kind=kind)))


def _dated(row: Any, now: datetime) -> _Dated:
    document = documents.document(entry_of(row))
    if isinstance(row, GlossaryTerm):
        return _Dated(document, 1, now, None)
    return _Dated(document, row.version, row.valid_from, row.valid_to)


def _put(rows: Sequence[_Dated]) -> None:
    made = [
        SearchDocument(
            kind=row.document.kind,
            slug=row.document.slug,
            version=row.version,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            belt=row.document.belt,
            category=row.document.category,
            title=dict(row.document.title),
            hangul=row.document.hangul,
            roman=row.document.roman,
            tags=list(row.document.tags),
            spellings=row.document.spellings,
            words=Cast(Value(spelling.as_vector(row.document.lexemes)), SearchVectorField()),
        )
        for row in rows
    ]
    key = {"kind", "slug", "version"}
    others = [field.name for field in SearchDocument._meta.concrete_fields if field.name not in {"id", *key}]
    SearchDocument.objects.bulk_create(made, update_conflicts=True, unique_fields=sorted(key), update_fields=others)
    known = sorted({word for row in rows for word in row.document.known_words})
    SearchSlip.objects.bulk_create(
        [SearchSlip(slip=slip, word=word) for word in known for slip in spelling.slips(word)], ignore_conflicts=True
    )


def _thing(edition: Any) -> dict[str, Any]:
    kind = next(kind for kind, model in SOURCES.items() if isinstance(edition, model))
    return {"kind": kind, "slug": edition.identity.slug}
