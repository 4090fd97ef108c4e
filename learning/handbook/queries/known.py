"""Which names stand for something, for apps above that keep a name only."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from learning.handbook.models import Exercise, Technique, TechniqueEdition, Tul, TulEdition

from .training import plans


def known(*, kind: str, slugs: Collection[str], viewer: Any) -> set[str]:
    """Those of these slugs that name a technique, tul, exercise or plan of which the viewer can have read; in two
    queries at most. What was taken out of the handbook is still known."""
    match kind:
        case "technique":
            named = _published(Technique.objects.all(), TechniqueEdition)
        case "tul":
            named = _published(Tul.objects.all(), TulEdition)
        case "exercise":
            named = Exercise.objects.all()
        case "plan":
            named = plans(viewer=viewer)
        case _:
            return set()
    return set(named.filter(slug__in=set(slugs)).order_by().values_list("slug", flat=True))


def _published(identities: QuerySet[Any], editions: Any) -> QuerySet[Any]:
    """A draft is nobody's business before it is published."""
    return identities.filter(Exists(editions.objects.filter(identity=OuterRef("pk"), is_draft=False)))
