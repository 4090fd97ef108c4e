"""From public names to rows, for apps above that point at the handbook."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from learning.handbook.models import GlossaryTerm, Question, Technique, TechniqueEdition, Tul, TulEdition, TulStep

_TABLES: dict[str, type[Any]] = {"term": GlossaryTerm, "technique": Technique, "tul": Tul, "question": Question}
_EDITIONS: dict[str, type[Any]] = {"technique": TechniqueEdition, "tul": TulEdition}


def identities(*, kind: str, slugs: Collection[str], now: datetime) -> dict[str, int]:
    """The primary keys of terms, techniques, tuls or questions by their slugs; what does not exist is missing, and so
    is what nobody could read yet. What was taken out of the handbook is still found."""
    found = _TABLES[kind].objects.filter(slug__in=set(slugs))
    if kind in _EDITIONS:  # a draft has no time
        found = found.filter(Exists(_EDITIONS[kind].objects.filter(identity=OuterRef("pk"), valid_from__lte=now)))
    return dict(found.values_list("slug", "pk"))


def step_keys(*, tuls: Collection[str], now: datetime) -> dict[str, list[str]]:
    """The keys of the movements of tuls by the slugs of these, in their order, as they are valid now."""
    keys: dict[str, list[str]] = {}
    steps = TulStep.objects.filter(
        edition__identity__slug__in=set(tuls), edition__in=TulEdition.objects.valid_at(now)
    ).order_by("edition", "position")
    for slug, key in steps.values_list("edition__identity__slug", "step_key"):
        keys.setdefault(slug, []).append(key)
    return keys
