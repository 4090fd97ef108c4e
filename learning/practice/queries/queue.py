"""What somebody is asked today, in which order."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BinaryField, Count, F, FloatField, Func, IntegerField, Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Extract, Greatest
from django.db.models.lookups import In

from accounts import queries as people
from learning.practice.models import Algorithm, CardKind, Learner, ReviewCard, ReviewSource
from learning.practice.models.cards import LEECHES
from learning.practice.rules import queueing
from learning.practice.rules.days import begins_at, day_at
from learning.practice.rules.memory import Stage

from .aiming import Deck, grading_deck
from .learners import learner_of
from .log import counted

STEPS = Q(stage__in=[Stage.LEARNING, Stage.RELEARNING])
OF_A_NOTE = Q(kind=CardKind.OWN, guid__regex=".:[0-9]+$")
NOTE = Func(F("guid"), Value(":[0-9]+$"), Value(""), function="regexp_replace", output_field=TextField())
"""As rules/queueing.py note_of."""
FAMILY = 3
"""Cards of one family, roughly: so many new ones at most are passed over for each that gives them away."""
MOST = 1000
"""Due cards that are put in order; whoever has more of them due has met none of the rest today."""


@dataclass(frozen=True)
class Queue:
    """The cards of today: `learning` are in their first minutes, `due` come back, `fresh` are new.

    `cards` holds as many as were asked for, `total` counts all. `next_at` is when the next card in its learning steps
    comes when nothing else is left. `deck` is that of the next grading; `aimed` of the due ones are its cards.
    """

    cards: Sequence[ReviewCard]
    learning: int
    due: int
    aimed: int
    fresh: int
    done_today: int
    leeches: int
    next_at: datetime | None
    is_catching_up: bool
    deck: Deck | None

    @property
    def total(self) -> int:
        return self.learning + self.due + self.fresh


def queue(*, person: Any, now: datetime, limit: int = 30, learner: Learner | None = None) -> Queue:
    """What is due today. The number of queries does not depend on the number of cards; whoever has read how the person
    practises hands it over.

    Before a grading its deck follows the plan for that day (rules/aiming.py), all other cards their own due dates.
    New cards of the plan come first; others only when they leave something of the new cards of a day.
    """
    today = _Today(person, learner or learner_of(person=person), now)
    deck = grading_deck(person=person, learner=today.learner, now=now)
    askable = today.askable()
    rest = askable.exclude(pk__in=[card.pk for card in deck.cards]) if deck else askable
    steps = [(pk, due_at) for pk, due_at in _steps(rest, now).values_list("pk", "due_at") if due_at]
    due = today.due(rest)
    waiting = queueing.without_siblings(_waiting(_by_recall(due, today.learner, now)[:MOST]))
    again, first = _aimed(deck, today, askable) if deck else ([], [])
    fresh = today.fresh(rest, {each.sibling for each in waiting}, planned=len(first))
    numbers = _numbers(person, due, rest, now)
    ids = [
        *(card for card, due_at in steps if due_at <= now),
        *queueing.mixed([*again, *(each.id for each in waiting)], [*first, *(each.id for each in fresh)]),
        *(card for card, due_at in steps if due_at > now),
    ][:limit]
    cards = ReviewCard.objects.in_bulk(ids)
    return Queue(
        cards=[cards[each] for each in ids],
        learning=len(steps),
        due=numbers.due + len(again),
        aimed=len(again),
        fresh=len(fresh) + len(first),
        done_today=today.done,
        leeches=numbers.leeches,
        next_at=numbers.next_at,
        is_catching_up=today.catch_up is not None,
        deck=deck,
    )


def due_count(*, person: Any, now: datetime) -> int:
    """How many cards wait today, new ones included: the total of the queue."""
    return queue(person=person, now=now, limit=0).total


class _Today:
    """The practice day of somebody, and what they did on it: how many reviews, how many cards met for the first time,
    which words, techniques and notes of Anki were asked."""

    def __init__(self, person: Any, learner: Learner, now: datetime) -> None:
        self.person, self.learner, self.zone = person, learner, people.time_zone_of(person=person)
        self.day = day_at(now, self.zone)
        self.catch_up = queueing.catching_up(self.learner.catch_up_from, self.learner.catch_up_until, today=self.day.on)
        log = counted(person=person).filter(source=ReviewSource.PRACTICE, corrected_at__gte=self.day.begins_at)
        rows = list(log.values_list("card", "card__term", "card__technique", "card__reviews", "card__guid"))
        times = Counter(card for card, *_ in rows)
        self.done = len(rows)
        self.introduced = sum(1 for card, reviews in {(row[0], row[3]) for row in rows} if reviews <= times[card])
        self.terms = {row[1] for row in rows if row[1]}
        self.techniques = {row[2] for row in rows if row[2]}
        self.notes = {note for row in rows if (note := queueing.note_of(row[4]))}

    def askable(self) -> QuerySet[ReviewCard]:
        is_buried = Q(buried_until__isnull=False, buried_until__gt=self.day.on)
        cards = ReviewCard.objects.filter(person=self.person.pk, put_away_at__isnull=True)
        return cards.exclude(is_buried).exclude(LEECHES)

    def due(self, askable: QuerySet[ReviewCard]) -> QuerySet[ReviewCard]:
        """Cards whose day has come, without those whose siblings were asked today, and without the share of other
        days of what is being caught up."""
        due = askable.filter(stage=Stage.REVIEW, due_at__lt=self.day.ends_at).exclude(self.asked())
        if self.catch_up is None:
            return due
        byte = Func(
            Func(F("pk"), function="uuid_send", output_field=BinaryField()), Value(15),
            function="get_byte", output_field=IntegerField(),
        )  # fmt: skip
        left_behind = Q(due_at__lt=begins_at(self.catch_up.begins_on, self.zone))
        return due.alias(slot=byte % Value(self.catch_up.days)).filter(~left_behind | Q(slot__lt=self.catch_up.slots))

    def fresh(self, askable: QuerySet[ReviewCard], due: Collection[str], *, planned: int) -> list[queueing.Waiting]:
        """The new cards, in the order in which they were added; none while a backlog is caught up. So many are met
        before them."""
        left = queueing.new_left(a_day=self.learner.new_a_day, introduced=self.introduced + planned)
        if not left or self.catch_up is not None:
            return []
        new = askable.filter(stage=Stage.NEW).exclude(self.asked()).order_by("created_at", "pk")
        enough = FAMILY * (left + len(due))
        return queueing.without_siblings(_waiting(new[:enough]), taken=due)[:left]

    def asked(self) -> Q:
        """The families of which a card was asked today."""
        words = Q(term__isnull=False, term__in=self.terms) | Q(technique__isnull=False, technique__in=self.techniques)
        return words | (OF_A_NOTE & Q(In(NOTE, self.notes))) if self.notes else words


def _steps(askable: QuerySet[ReviewCard], now: datetime) -> QuerySet[ReviewCard]:
    return askable.filter(STEPS, due_at__lte=now + queueing.LEARN_AHEAD).order_by("due_at", "pk")


def _aimed(deck: Deck, today: _Today, askable: QuerySet[ReviewCard]) -> tuple[list[UUID], list[UUID]]:
    """Today's cards of the grading's deck: those that come back, and new ones. Siblings wait for another day, as long
    as there is one before the grading."""
    chosen = deck.todays()
    may = askable.filter(pk__in=chosen)
    is_last = deck.goal.days_left == 1
    found = {each.id: each for each in _waiting(may if is_last else may.exclude(today.asked()))}
    planned = [found[pk] for pk in chosen if pk in found]
    ids = [each.id for each in (planned if is_last else queueing.without_siblings(planned))]
    new = {card.pk for card in deck.cards if card.stage == Stage.NEW}
    return [pk for pk in ids if pk not in new], [pk for pk in ids if pk in new]


def _by_recall(due: QuerySet[ReviewCard], learner: Learner, now: datetime) -> QuerySet[ReviewCard]:
    """The likeliest to be recalled first: of a backlog that cannot be done in a day the least is lost so.

    Recall falls with the days since the last review in units of stability (of SM-2: of the interval), whatever the
    parameters are, so these need not be known here.
    """
    unit = F("interval") if learner.algo == Algorithm.SM2 else F("stability")
    days = Extract(Value(now) - F("reviewed_at"), "epoch") / Value(86400.0)
    age = Cast(days, FloatField()) / Greatest(Cast(unit, FloatField()), Value(0.001))
    return due.alias(age=age).order_by("age", "pk")


def _waiting(cards: QuerySet[ReviewCard]) -> list[queueing.Waiting]:
    return [
        queueing.Waiting(card, f"{kind} {of}" if (of := term or technique or queueing.note_of(guid)) else str(card))
        for card, kind, term, technique, guid in cards.values_list("pk", "kind", "term", "technique", "guid")
    ]


@dataclass(frozen=True)
class _Numbers:
    due: int
    leeches: int
    next_at: datetime | None


def _numbers(person: Any, due: QuerySet[ReviewCard], askable: QuerySet[ReviewCard], now: datetime) -> _Numbers:
    """Of a word that is asked in two directions one counts, and of the cards of a note of Anki: the others wait for
    tomorrow."""
    words = [CardKind.TERM, CardKind.TECHNIQUE]
    count = due.aggregate(
        terms=Count("term", distinct=True), techniques=Count("technique", distinct=True),
        notes=Count(NOTE, distinct=True, filter=OF_A_NOTE), others=Count("pk", filter=~Q(kind__in=words) & ~OF_A_NOTE),
    )  # fmt: skip
    mine = ReviewCard.objects.filter(person=person.pk, put_away_at__isnull=True)
    return _Numbers(
        due=sum(count.values()),
        leeches=mine.filter(LEECHES).count(),
        next_at=askable.filter(STEPS, due_at__gt=now + queueing.LEARN_AHEAD).aggregate(next=Min("due_at"))["next"],
    )
