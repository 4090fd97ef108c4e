"""Whose log has grown enough to fit the scheduler to it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from learning.practice.models import Fit, Retraction, Review
from learning.practice.rules.fitting import AT_LEAST

GROWN = 100
"""Reviews since the last try; a tenth more of them is enough as well."""


def to_fit() -> Sequence[UUID]:
    """The pseudonyms of the learners with enough reviews, and enough new ones since the last try; one query."""
    taken_back = Retraction.objects.filter(person=OuterRef("person"), review_client_id=OuterRef("client_id"))
    last = Fit.objects.filter(person=OuterRef("person")).order_by("-fitted_at", "-pk").values("reviews")[:1]
    logs = Review.objects.filter(~Exists(taken_back), person__is_active=True).values("person__actor_id")
    counted = logs.annotate(number=Count("pk"), before=Subquery(last)).filter(number__gte=AT_LEAST)
    a_tenth_more = F("before") + (F("before") + 9) / 10  # of integers, rounded up
    grown = Q(before__isnull=True) | Q(number__gte=F("before") + GROWN) | Q(number__gte=a_tenth_more)
    return list(counted.filter(grown).order_by("person").values_list("person__actor_id", flat=True))


def last_fit(*, person: Any) -> Fit | None:
    """The newest try."""
    return Fit.objects.filter(person=person.pk).order_by("-fitted_at", "-pk").first()
