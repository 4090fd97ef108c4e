"""Meilisearch, where there is one, follows the documents of PostgreSQL: one thing after it was published, or all."""

from collections.abc import Iterator
from datetime import datetime

from learning.handbook import meilisearch
from learning.handbook.models import DocumentKind, SearchDocument
from project.foundation.jobs import commands as jobs


def mirror(*, kind: DocumentKind, slug: str, now: datetime) -> None:
    """Ask for the job that brings Meilisearch up to date about one thing; without Meilisearch there is none."""
    if meilisearch.is_configured():
        arguments = {"kind": str(kind), "slug": slug}
        jobs.enqueue("handbook.mirror", arguments=arguments, asked_by=None, why="published", now=now)


def mirror_now(*, kind: DocumentKind, slug: str) -> None:
    """Replace what Meilisearch knows of one thing by what PostgreSQL knows now. Raises outbound.ServiceError."""
    meilisearch.forget(kind, slug)
    meilisearch.put(kind, SearchDocument.objects.filter(kind=kind, slug=slug).defer("words"))


def mirror_all(*, kind: DocumentKind, batch_size: int, drop: bool) -> Iterator[int]:
    """Send all documents of a kind; gives the number sent after each batch. Raises outbound.ServiceError."""
    meilisearch.prepare(kind, drop=drop)
    rows = SearchDocument.objects.filter(kind=kind).defer("words").order_by("pk")
    sent = last = 0
    while batch := list(rows.filter(pk__gt=last)[:batch_size]):
        meilisearch.put(kind, batch)
        last, sent = batch[-1].pk, sent + len(batch)
        yield sent
    meilisearch.wait()
