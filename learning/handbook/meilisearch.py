"""The protocol of Meilisearch, and nothing else of the house: documents in, the order of answers out."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings

from project.foundation.outbound import Kind, Service, ServiceError, Unavailable

from .models import DocumentKind, SearchDocument

INDICES = {
    DocumentKind.TECHNIQUE: "techniques",
    DocumentKind.TUL: "tuls",
    DocumentKind.TERM: "glossary",
    DocumentKind.ARTICLE: "theory",
}
NAME = "Meilisearch"
PATIENCE = 0.3
"""Seconds that a reader waits before PostgreSQL answers instead."""

REST = 5
"""Seconds for which no reader's search is sent after one that failed, of whatever kind."""

_SETTINGS = {
    # The earlier an attribute stands, the more a match in it counts.
    "searchableAttributes": ["title", "names", "spellings", "tags", "category", "belt", "words"],
    "filterableAttributes": ["slug", "belt", "category", "valid_from", "valid_to"],
    "sortableAttributes": ["belt"],
    "rankingRules": ["words", "typo", "exactness", "attribute", "proximity", "sort"],
}


def is_configured() -> bool:
    return bool(settings.MEILISEARCH_URL)


def search(
    *, q: str, kinds: Sequence[str], belt: int | None, category: str, limit: int, now: datetime
) -> list[tuple[str, str, int]]:
    """The answers, best first, as kind, slug and version. Raises ServiceError, at once while it is out of order."""
    instant = now.timestamp()
    conditions = [f"valid_from <= {instant}", f"(valid_to IS NULL OR valid_to > {instant})"]
    conditions += [f"belt >= {belt}"] if belt is not None else []
    conditions += [f'category = "{category}"'] if category else []
    queries = [
        {"indexUid": INDICES[DocumentKind(kind)], "q": q, "filter": conditions, "attributesToRetrieve": ["id"]}
        for kind in kinds or INDICES
    ]
    found: list[tuple[str, str, int]] = _reading().call(
        "POST",
        "/multi-search",
        json={"federation": {"limit": limit}, "queries": queries},
        shape=lambda found: [_known(hit["id"]) for hit in found["hits"]],
    )
    return found


def put(kind: DocumentKind, documents: Iterable[SearchDocument]) -> None:
    """Add or replace documents. Meilisearch works them in by and by; `wait` sees it done. Raises ServiceError."""
    rows = [_row(document) for document in documents]
    if rows:
        _writing().call("POST", f"/indexes/{INDICES[kind]}/documents", json=rows, params={"primaryKey": "id"})


def forget(kind: DocumentKind, slug: str) -> None:
    """Take out everything about one thing. Raises ServiceError."""
    _writing().call("POST", f"/indexes/{INDICES[kind]}/documents/delete", json={"filter": f'slug = "{slug}"'})


def prepare(kind: DocumentKind, *, drop: bool) -> None:
    """Make the index with its settings; with `drop` it is emptied first. Raises ServiceError."""
    index = INDICES[kind]
    if drop:
        _writing().call("DELETE", f"/indexes/{index}/documents")
    _writing().call("PATCH", f"/indexes/{index}/settings", json=_SETTINGS)


def wait(*, seconds: float = 60) -> None:
    """Until everything sent has been worked in. Raises ServiceError, Unavailable when it takes longer."""
    until = time.monotonic() + seconds
    while _writing().call("GET", "/tasks", params={"statuses": "enqueued,processing", "limit": "1"})["results"]:
        if time.monotonic() > until:
            raise Unavailable(NAME, f"not done after {seconds:g} s", kind=Kind.TIMEOUT)
        time.sleep(0.05)


def is_well() -> bool:
    try:
        return bool(_asking().call("GET", "/health", shape=lambda found: found["status"] == "available"))
    except ServiceError:
        return False


def _row(document: SearchDocument) -> dict[str, Any]:
    return {
        "id": f"{document.kind}_{document.slug}_{document.version}",
        "slug": document.slug,
        "title": list(document.title.values()),
        "names": [each for each in (document.roman, document.hangul) if each],
        "spellings": [each.lstrip("=") for each in document.spellings],
        "tags": document.tags,
        "category": document.category,
        "belt": document.belt,
        "valid_from": document.valid_from.timestamp(),
        "valid_to": document.valid_to.timestamp() if document.valid_to else None,
    }


def _known(id: str) -> tuple[str, str, int]:
    kind, slug, version = id.split("_")
    return kind, slug, int(version)


@cache
def _connection(url: str, key: str, deadline: float, failures: int) -> Service:
    """Nothing is repeated: a reader has PostgreSQL, and the job that writes is itself run again."""
    return Service(
        NAME,
        url=url,
        headers={"Authorization": f"Bearer {key}"} if key else {},
        deadline=deadline,
        retries=0,
        failures=failures,
        rest=REST,
        counts=(ServiceError,),
    )


def _reading() -> Service:
    return _connection(settings.MEILISEARCH_URL, settings.MEILISEARCH_API_KEY, PATIENCE, 1)


def _asking() -> Service:
    """Asks even while searches rest."""
    return _connection(settings.MEILISEARCH_URL, settings.MEILISEARCH_API_KEY, PATIENCE, 0)


def _writing() -> Service:
    return _connection(settings.MEILISEARCH_URL, settings.MEILISEARCH_API_KEY, 30, 0)
