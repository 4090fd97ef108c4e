"""What every reader of a collection can see, in a few letters: the same as long as nothing has changed for them."""

import functools
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import Case, QuerySet, Subquery, When
from django.db.models.functions import Greatest

from learning.handbook.models import (
    Collection,
    CollectionRevision,
    Edition,
    ExamSyllabusEdition,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
)

_EDITIONS: dict[Collection, type[Edition]] = {
    Collection.TECHNIQUES: TechniqueEdition,
    Collection.TULS: TulEdition,
    Collection.SYLLABI: ExamSyllabusEdition,
    Collection.THEORY: TheoryArticleEdition,
}


def state(*collections: Collection, now: datetime) -> str:
    """How often the collections have changed, and the last instant at which an edition of theirs began or ended.

    One query of a few index look-ups, whatever the number of rows. Equal states mean equal contents: what was
    written is counted (triggers, migration 0005), and what was scheduled shows in the boundary just passed.
    """
    sql, parameters = _statement(collections)
    with connection.cursor() as cursor:
        cursor.execute(sql, [now if each == _SOME_INSTANT else each for each in parameters])
        found = cursor.fetchall()
    return " ".join(f"{name}:{number}:{passed.timestamp() if passed else ''}" for name, number, passed in found)


_SOME_INSTANT = datetime.max.replace(tzinfo=UTC)


@functools.cache
def _statement(collections: tuple[Collection, ...]) -> tuple[str, tuple[Any, ...]]:
    """The query, put together once: that takes Django longer than PostgreSQL takes to answer it, and every 304
    would wait for it."""
    boundary = Case(
        *(When(collection=name, then=_last_boundary(_EDITIONS[name])) for name in collections if name in _EDITIONS),
        output_field=models.DateTimeField(),
    )
    rows: QuerySet[CollectionRevision] = CollectionRevision.objects.filter(collection__in=collections)
    query = rows.order_by("collection").values_list("collection", "number", boundary).query
    statement: tuple[str, tuple[Any, ...]] = query.sql_with_params()
    return statement


def _last_boundary(model: type[Edition]) -> Greatest:
    begun = model.objects.filter(valid_from__lte=_SOME_INSTANT).order_by("-valid_from").values("valid_from")[:1]
    ended = model.objects.filter(valid_to__lte=_SOME_INSTANT).order_by("-valid_to").values("valid_to")[:1]
    return Greatest(Subquery(begun), Subquery(ended))
