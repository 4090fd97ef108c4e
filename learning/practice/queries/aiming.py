"""The grading day: which cards of its deck to practise today, and how well the deck will be known on it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q
from redis.exceptions import RedisError

from accounts import queries as people
from learning.handbook import queries as handbook
from learning.practice.models import CardKind, Learner, ReviewCard
from learning.practice.rules import aiming
from learning.practice.rules.days import Day, begins_at, day_at
from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import Memory
from project.foundation.belts import FIRST_DAN, LOWEST

from .learners import learner_of
from .log import Asked, asked_since, logs

About = tuple[str, int | None, str, str]
"""Kind, row, direction and step: what a card is about."""
KEPT = 600
"""Seconds for which a forecast is kept; it is made anew at once when something was practised."""
DECK_KEPT = 300
"""Seconds; a deck takes six queries."""


@dataclass(frozen=True)
class GradingDay:
    """The next grading of a learner: the belt that it is for, and whether they have set the day themselves."""

    day: date
    belt: int
    is_own: bool


@dataclass(frozen=True)
class Load:
    """So many reviews a day at most, and what comes of it: recall of the deck on the day, and reviews until then."""

    cap: int
    expected: float
    reviews: int


@dataclass(frozen=True)
class Aim:
    """What is to be known on the grading day and what it takes.

    `cards` of the `deck` are practised, the others are not among the learner's and count as not known: `known` is the
    mean recall of the whole deck today, as `expected` is on the day. `load` is the reviews of each day to come; `less`
    and `more` another cap.
    """

    grading: GradingDay
    days_left: int
    deck: int
    cards: int
    known: float
    chosen: Load
    less: Load
    more: Load
    load: Sequence[tuple[date, int]]

    @property
    def expected(self) -> float:
        return self.chosen.expected

    @property
    def begins_on(self) -> date | None:
        """The day on which cards of the deck are asked again, when that is after today: earlier ones cost more
        reviews than they gain."""
        first = next((day for day, reviews in self.load if reviews), None)
        return first if self.cards and first and first > self.load[0][0] else None


@dataclass(frozen=True)
class Deck:
    """The cards of a grading's deck that are practised, the goal as it is seen today, and what is believed."""

    grading: GradingDay
    size: int
    cards: Sequence[ReviewCard]
    goal: aiming.Goal
    outlook: aiming.Outlook
    day: Day

    def todays(self) -> list[UUID]:
        """What to practise today of it, in this order."""
        return aiming.todays({card.pk: card.memory for card in self.cards}, self.goal, self.outlook)

    def as_planned(self, memory: Memory) -> Memory:
        """Where a rating of today leads a card of the deck: not to its own due date, but to the plan's."""
        assert memory.reviewed_at is not None
        days = aiming.asked_again_after(memory, self.goal, self.outlook, cards=len(self.cards))
        return replace(memory, interval=days, due_at=memory.reviewed_at + timedelta(days=days))


def next_grading_day(*, person: Any, now: datetime, learner: Learner | None = None) -> GradingDay | None:
    """The day that the learner has set, else that of the next grading in their clubs; None without either.

    The belt is that for which they are on the list, else the one that they learn for; above first dan there is no deck.
    """
    today = day_at(now, people.time_zone_of(person=person)).on
    return _next_grading_day(person, learner or learner_of(person=person), today, now)


def belt_to_learn(*, person: Any) -> int:
    """The belt whose deck comes next: what somebody would try for, as accounts say."""
    return belt_after(people.belt_of(person=person))


def belt_after(worn: int | None) -> int:
    """The belt that somebody with such a belt learns for; a beginner for the one after white."""
    return max((LOWEST if worn is None else worn) - 1, FIRST_DAN)


def grading_deck(
    *, person: Any, learner: Learner, now: datetime, asked: Collection[Asked] | None = None
) -> Deck | None:
    """None when no grading is ahead. Whoever has read what was practised today hands it over."""
    zone = people.time_zone_of(person=person)
    day = day_at(now, zone)
    grading = _next_grading_day(person, learner, day.on, now)
    if grading is None:
        return None
    entries = belt_deck(belt=grading.belt, now=now)
    cards = cards_in(entries, person=person)
    if asked is None:
        asked = asked_since(person=person, at=day.begins_at)
    in_deck = {card.pk for card in cards}
    done = sum(1 for each in asked if each.card in in_deck)
    goal = aiming.Goal(day.begins_at, begins_at(grading.day, zone), learner.reviews_a_day, done)
    scheduler = Fsrs(learner.parameters or DEFAULT, learner.retention)
    trust = kept(
        f"practice:trust:{person.pk}:{day.on}:{hash(scheduler.parameters)}",
        lambda: aiming.trust(_sorted_logs(person, cards), scheduler),
        seconds=24 * 3600,
    )
    return Deck(grading, len(entries), cards, goal, aiming.Outlook(scheduler, trust), day)


def aim(*, person: Any, now: datetime) -> Aim | None:
    """What the learner can expect of their grading day; None when none is ahead."""
    deck = grading_deck(person=person, learner=learner_of(person=person), now=now)
    return aim_of(deck, person=person, now=now) if deck else None


def aim_of(deck: Deck, *, person: Any, now: datetime) -> Aim:
    """The same of a deck that is at hand (Queue.deck)."""
    cap = deck.goal.cap
    recalls = [deck.outlook.known(card.memory, now) for card in deck.cards]
    return Aim(
        grading=deck.grading,
        days_left=deck.goal.days_left,
        deck=deck.size,
        cards=len(deck.cards),
        known=sum(recalls) / max(1, deck.size),
        chosen=_load(deck, person, cap),
        less=_load(deck, person, max(5, cap // 2)),
        more=_load(deck, person, min(500, cap * 2)),
        load=planned(deck, person=person),
    )


def planned(deck: Deck, *, person: Any) -> Sequence[tuple[date, int]]:
    """How many cards of the deck the plan asks on each day until the grading, today first."""
    per_day = _forecast(deck, person, deck.goal.cap).per_day
    return [(deck.day.on + timedelta(days=ahead), reviews) for ahead, reviews in enumerate(per_day)]


def _load(deck: Deck, person: Any, cap: int) -> Load:
    """Cards of the deck that are not practised are not expected to be known."""
    made = _forecast(deck, person, cap)
    return Load(cap, made.expected_recall * len(deck.cards) / max(1, deck.size), made.reviews)


def _forecast(deck: Deck, person: Any, cap: int) -> aiming.Aim:
    memories = [(card.reviewed_at, card.stability, card.interval) for card in deck.cards]
    asked = repr((deck.grading, deck.day.on, deck.goal.done, deck.outlook.trust, deck.outlook.w, memories, cap))
    return kept(
        f"practice:aim:{person.pk}:{blake2b(asked.encode(), digest_size=16).hexdigest()}",
        lambda: aiming.forecast((card.memory for card in deck.cards), replace(deck.goal, cap=cap), deck.outlook),
        seconds=KEPT,
    )


def _next_grading_day(person: Any, learner: Learner, today: date, now: datetime) -> GradingDay | None:
    ahead = people.next_gradings(viewer=person, now=now)
    listed = next((each for each in ahead if each.own), None)
    day = learner.grading_on if learner.grading_on and learner.grading_on >= today else None
    held_on = day or next((each.grading.held_on for each in ([listed] if listed else ahead)), None)
    if held_on is None:
        return None
    worn = people.belt_of(person=person)
    belt = listed.own.belt if listed and listed.own else belt_after(worn)
    is_of_others = listed is None and day is None and worn is not None and worn <= FIRST_DAN
    return None if belt < FIRST_DAN or is_of_others else GradingDay(held_on, belt, is_own=day is not None)


def belt_deck(*, belt: int, now: datetime) -> Sequence[handbook.Entry]:
    """The deck of a belt, empty for one without. What an editor changes may be seen some minutes later."""
    if belt not in handbook.DECKS:
        return []
    return kept(f"practice:deck:{belt}", lambda: handbook.deck_of(belt=belt, now=now), seconds=DECK_KEPT)


def cards_in(deck: Sequence[handbook.Entry], *, person: Any) -> list[ReviewCard]:
    """The cards that somebody practises of a deck, in its order, in one query."""
    places: dict[About, int] = {
        (entry.kind, entry.id, entry.direction, entry.step_key): place for place, entry in enumerate(deck)
    }
    rows: dict[str, set[int]] = {}
    for entry in deck:
        rows.setdefault("tul" if entry.kind == CardKind.STEP else entry.kind, set()).add(entry.id)
    wanted = Q(pk__in=[])
    for column, ids in rows.items():
        wanted |= Q(**{f"{column}__in": ids})
    cards = ReviewCard.objects.filter(wanted, person=person.pk, put_away_at__isnull=True)
    found = [card for card in cards if about(card) in places]
    return sorted(found, key=lambda card: places[about(card)])


def about(card: ReviewCard) -> About:
    subject = card.term_id or card.technique_id or card.tul_id or card.question_id
    return (card.kind, subject, card.direction, card.step_key)


def _sorted_logs(person: Any, cards: Sequence[ReviewCard]) -> list[list[Any]]:
    found = logs(person=person, cards=[card.pk for card in cards])
    return [sorted(log, key=lambda each: (each.at, each.id)) for log in found.values()]


def kept[T](key: str, make: Callable[[], T], *, seconds: int) -> T:
    """What takes a while to work out; worked out anew where the cache does not answer."""
    try:
        found: T | None = cache.get_or_set(key, make, seconds)
    except RedisError:
        found = None
    return make() if found is None else found
