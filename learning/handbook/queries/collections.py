"""What every reader of a collection can see, in a few letters: the same as long as nothing has changed for them."""

from datetime import datetime

from django.db import models
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
    boundary = Case(
        *(When(collection=name, then=_last_boundary(model, now)) for name, model in _EDITIONS.items()),
        output_field=models.DateTimeField(),
    )
    rows: QuerySet[CollectionRevision] = CollectionRevision.objects.filter(collection__in=collections)
    found = rows.order_by("collection").values_list("collection", "number", boundary)
    return " ".join(f"{name}:{number}:{passed.timestamp() if passed else ''}" for name, number, passed in found)


def _last_boundary(model: type[Edition], now: datetime) -> Greatest:
    begun = model.objects.filter(valid_from__lte=now).order_by("-valid_from").values("valid_from")[:1]
    ended = model.objects.filter(valid_to__lte=now).order_by("-valid_to").values("valid_to")[:1]
    return Greatest(Subquery(begun), Subquery(ended))
