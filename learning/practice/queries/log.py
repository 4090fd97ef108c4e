"""The log of reviews as the fold takes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from learning.practice.models import Retraction, Review, ReviewCard, ReviewSource
from learning.practice.rules.memory import Rated, Rating


def card(*, viewer: Any, card_id: UUID) -> ReviewCard:
    """A card of the viewer's. Raises ReviewCard.DoesNotExist."""
    return ReviewCard.objects.get(pk=card_id, person=viewer.pk)


def counted(*, person: Any) -> QuerySet[Review]:
    """The reviews of somebody that were not taken back."""
    taken_back = Retraction.objects.filter(person=OuterRef("person"), review_client_id=OuterRef("client_id"))
    return Review.objects.filter(~Exists(taken_back), person=person.pk)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one review the card: its id, how many reviews it has had, and what it is about."""

    card: UUID
    reviews: int
    kind: str
    term: int | None
    technique: int | None
    guid: str


def asked_since(*, person: Any, at: datetime) -> list[Asked]:
    """What was practised here from an instant on, a line for each review that counts."""
    log = counted(person=person).filter(source=ReviewSource.PRACTICE, corrected_at__gte=at)
    about = log.values_list("card", "card__reviews", "card__kind", "card__term", "card__technique", "card__guid")
    return [Asked(*row) for row in about]


def last_review(*, person: Any) -> Review | None:
    """The last one that counts of those that were practised here."""
    practised = counted(person=person).filter(source=ReviewSource.PRACTICE)
    return practised.order_by("-corrected_at", "-client_id").first()


def logs(*, person: Any, cards: Iterable[UUID] | None = None) -> dict[UUID, list[Rated]]:
    """What counts of the log of each card (all of the person's without `cards`), by the card, in one query."""
    rows = counted(person=person)
    if cards is not None:
        rows = rows.filter(card__in=list(cards))
    log: dict[UUID, list[Rated]] = {}
    for card_id, client_id, at, rating in rows.values_list("card", "client_id", "corrected_at", "rating").iterator():
        log.setdefault(card_id, []).append(Rated(at, client_id, Rating(rating)))
    return log
