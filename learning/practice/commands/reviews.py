"""The log of reviews: it only grows, and the states of the cards follow it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import queries as people
from learning.practice import queries
from learning.practice.models import Learner, Retraction, Review, ReviewCard
from learning.practice.models.reviews import LONGEST
from learning.practice.rules import clocks
from learning.practice.rules.days import day_of
from learning.practice.rules.memory import Memory, Rated, Rating, fold

from .learners import learner_for_update, note_days, refold, store

_RATINGS = frozenset(map(int, Rating))


@dataclass(frozen=True)
class Given:
    """A review as a client tells it: the id it made, the card, the rating (1 to 4), the stamp of its clock, and the
    milliseconds it took."""

    client_id: UUID
    card_id: UUID
    rating: int
    reviewed_at: datetime
    duration: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of one review. A duplicate is as good as applied: it had arrived before."""

    client_id: UUID
    result: Literal["applied", "duplicate", "rejected"]
    reason: Literal["", "not_found", "no_such_rating", "no_such_time"] = ""
    card: ReviewCard | None = None


@transaction.atomic
def accept_reviews(
    *, person: Any, given: Sequence[Given], sent_at: datetime | None, device: str, now: datetime
) -> list[Outcome]:
    """Put reviews into the log, each once, and give what became of each, in their order.

    `sent_at` is what the client's clock said while sending (rules/clocks.py). One that is rejected keeps no other one
    from being accepted.
    """
    learner = learner_for_update(person=person, now=now)
    known = set(_arrived(person, (each.client_id for each in given)).values_list("client_id", flat=True))
    cards = _cards(person, {each.card_id for each in given})
    fresh: list[Review] = []
    outcomes: list[Outcome] = []
    for each in given:
        if each.client_id in known:
            outcomes.append(Outcome(each.client_id, "duplicate"))
            continue
        review = _judged(person, each, cards, sent_at=sent_at, now=now)
        if isinstance(review, Outcome):
            outcomes.append(review)
            continue
        review.device = device[:64]
        fresh.append(review)
        known.add(each.client_id)
        outcomes.append(Outcome(each.client_id, "applied"))
    Review.objects.bulk_create(fresh)
    for card_id, memory in _follow(learner, cards, fresh).items():
        cards[card_id].memory = memory
    _note_days(person, fresh)
    return [
        Outcome(outcome.client_id, outcome.result, outcome.reason, cards.get(each.card_id))
        for each, outcome in zip(given, outcomes, strict=True)
    ]


@transaction.atomic
def retract(*, person: Any, review_client_id: UUID, now: datetime) -> ReviewCard | None:
    """Take a review back: it stays in the log and counts no more, also when it has yet to arrive.

    Gives its card, or None when the review is not here yet. To take it back twice changes nothing.
    """
    return retract_many(person=person, review_client_ids=[review_client_id], now=now).get(review_client_id)


@transaction.atomic
def retract_many(*, person: Any, review_client_ids: Collection[UUID], now: datetime) -> dict[UUID, ReviewCard]:
    """Take reviews back, as `retract` does. Gives their cards by the ids of those that are here."""
    learner = learner_for_update(person=person, now=now)
    Retraction.objects.bulk_create(
        [Retraction(person_id=person.pk, review_client_id=each, retracted_at=now) for each in set(review_client_ids)],
        ignore_conflicts=True,
    )
    here = dict(_arrived(person, review_client_ids).values_list("client_id", "card"))
    if not here:
        return {}
    refold(learner=learner, cards=set(here.values()))
    cards = _cards(person, here.values())
    return {client_id: cards[card] for client_id, card in here.items()}


@transaction.atomic
def undo_last(*, person: Any, review_client_id: UUID, now: datetime) -> ReviewCard | None:
    """Take back the review that somebody was shown as their last one, and give its card; None when it is another by
    now. A second press gives the same card and takes nothing else back.

    History that was brought from elsewhere is not undone by this.
    """
    learner_for_update(person=person, now=now)
    last = queries.last_review(person=person)
    is_last = last is not None and last.client_id == review_client_id
    if not is_last and not Retraction.objects.filter(person=person.pk, review_client_id=review_client_id).exists():
        return None
    return retract(person=person, review_client_id=review_client_id, now=now)


def _arrived(person: Any, client_ids: Iterable[UUID]) -> QuerySet[Review]:
    return Review.objects.filter(person=person.pk, client_id__in=list(client_ids))


def _cards(person: Any, ids: Iterable[UUID]) -> dict[UUID, ReviewCard]:
    return ReviewCard.objects.filter(person=person.pk).in_bulk(list(ids))


def _judged(
    person: Any, given: Given, cards: dict[UUID, ReviewCard], *, sent_at: datetime | None, now: datetime
) -> Review | Outcome:
    if given.card_id not in cards:
        return Outcome(given.client_id, "rejected", "not_found")
    if given.rating not in _RATINGS:
        return Outcome(given.client_id, "rejected", "no_such_rating")
    try:
        at = clocks.corrected(said=given.reviewed_at, sent_at=sent_at, now=now)
    except clocks.NoSuchTime:
        return Outcome(given.client_id, "rejected", "no_such_time")
    return Review(
        person_id=person.pk,
        card_id=given.card_id,
        client_id=given.client_id,
        rating=given.rating,
        reviewed_at=given.reviewed_at,
        corrected_at=at,
        accepted_at=now,
        duration=max(0, min(given.duration, LONGEST)),
    )


def _follow(learner: Learner, cards: Mapping[UUID, ReviewCard], fresh: Iterable[Review]) -> dict[UUID, Memory]:
    """Work out the states of the cards, and give them. Those whose news are all later than what was known go on from
    there; for one that has a late review, or one that was taken back before it came, the whole log is replayed."""
    scheduler = queries.scheduler_of(learner)
    added: dict[UUID, list[Rated]] = {}
    for review in fresh:
        rated = Rated(review.corrected_at, review.client_id, Rating(review.rating))
        added.setdefault(review.card_id, []).append(rated)
    ids = [each.id for log in added.values() for each in log]
    taken_back = set(
        Retraction.objects.filter(person=learner.pk, review_client_id__in=ids).values_list(
            "review_client_id", flat=True
        )
    )
    states = {
        card: fold(log, scheduler, begin=cards[card].memory)
        for card, log in added.items()
        if not any(each.id in taken_back or _is_late(each, cards[card]) for each in log)
    }
    store(states)
    if replayed := added.keys() - states.keys():
        states |= refold(learner=learner, cards=replayed)
    return states


def _is_late(rated: Rated, card: ReviewCard) -> bool:
    return card.reviewed_at is not None and rated.at <= card.reviewed_at


def _note_days(person: Any, reviews: Iterable[Review]) -> None:
    zone = people.time_zone_of(person=person)
    days: dict[date, set[tuple[str, str]]] = {day_of(review.corrected_at, zone): set() for review in reviews}
    note_days(person=person, days=days)
