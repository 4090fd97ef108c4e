"""What somebody is asked today, in which order."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BinaryField, Count, F, FloatField, Func, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Extract, Greatest
from django.db.models.lookups import In

from accounts import queries as people
from learning.practice.models import Algorithm, CardKind, Learner, ReviewCard
from learning.practice.models.cards import LEECHES
from learning.practice.rules import queueing
from learning.practice.rules.days import begins_at, day_at
from learning.practice.rules.memory import Stage

from .aiming import Deck, grading_deck
from .learners import learner_of
from .log import asked_since

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
    deck = grading_deck(person=person, learner=today.learner, now=now, asked=today.asked)
    cards = today.askable()
    if deck:
        cards = cards.exclude(pk__in=[card.pk for card in deck.cards])
    steps = _steps(cards)
    soon = [(pk, due_at) for pk, due_at in steps if due_at <= now + queueing.LEARN_AHEAD]
    due = today.due(cards)
    found = _waiting(_by_recall(due, today.learner, now)[:MOST])
    waiting = queueing.without_siblings(found)
    again, first = _aimed(deck, today) if deck else ([], [])
    fresh = today.fresh(cards, {each.sibling for each in waiting}, planned=len(first))
    ids = [
        *(card for card, due_at in soon if due_at <= now),
        *queueing.mixed([*again, *(each.id for each in waiting)], [*first, *(each.id for each in fresh)]),
        *(card for card, due_at in soon if due_at > now),
    ][:limit]
    rows = ReviewCard.objects.in_bulk(ids)
    return Queue(
        cards=[rows[each] for each in ids],
        learning=len(soon),
        due=(len(waiting) if len(found) < MOST else _families(due)) + len(again),
        aimed=len(again),
        fresh=len(fresh) + len(first),
        done_today=len(today.asked),
        next_at=steps[len(soon)][1] if len(soon) < len(steps) else None,
        is_catching_up=today.catch_up is not None,
        deck=deck,
    )


def due_count(*, person: Any, now: datetime) -> int:
    """How many cards wait today, new ones included: the total of the queue."""
    return queue(person=person, now=now, limit=0).total


class _Today:
    """The practice day of somebody, and what they did on it: the cards that were `asked`, one for each review, how many
    cards were met for the first time, and whose siblings wait for tomorrow."""

    def __init__(self, person: Any, learner: Learner, now: datetime) -> None:
        self.person, self.learner, self.zone = person, learner, people.time_zone_of(person=person)
        self.day = day_at(now, self.zone)
        self.catch_up = queueing.catching_up(self.learner.catch_up_from, self.learner.catch_up_until, today=self.day.on)
        self.asked = asked_since(person=person, at=self.day.begins_at)
        times = Counter(each.card for each in self.asked)
        cards = {each.card: each for each in self.asked}.values()
        self.introduced = sum(1 for card in cards if card.reviews <= times[card.card])
        self.terms = {card.term for card in cards if card.term}
        self.techniques = {card.technique for card in cards if card.technique}
        self.notes = {note for card in cards if (note := queueing.note_of(card.guid))}
        self.families = {_family(card.kind, card.term, card.technique, card.guid) for card in cards} - {""}

    def askable(self) -> QuerySet[ReviewCard]:
        is_buried = Q(buried_until__isnull=False, buried_until__gt=self.day.on)
        cards = ReviewCard.objects.filter(person=self.person.pk, put_away_at__isnull=True)
        return cards.exclude(is_buried).exclude(LEECHES)

    def due(self, askable: QuerySet[ReviewCard]) -> QuerySet[ReviewCard]:
        """Cards whose day has come, without those whose siblings were asked today, and without the share of other
        days of what is being caught up."""
        due = askable.filter(stage=Stage.REVIEW, due_at__lt=self.day.ends_at).exclude(self.siblings())
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
        new = askable.filter(stage=Stage.NEW).exclude(self.siblings()).order_by("created_at", "pk")
        enough = FAMILY * (left + len(due))
        return queueing.without_siblings(_waiting(new[:enough]), taken=due)[:left]

    def siblings(self) -> Q:
        """The families of which a card was asked today."""
        words = Q(term__isnull=False, term__in=self.terms) | Q(technique__isnull=False, technique__in=self.techniques)
        return words | (OF_A_NOTE & Q(In(NOTE, self.notes))) if self.notes else words


def _steps(askable: QuerySet[ReviewCard]) -> list[tuple[UUID, datetime]]:
    """The cards in their learning steps, the earliest first, and when they come."""
    steps = askable.filter(STEPS).order_by("due_at", "pk").values_list("pk", "due_at")
    return [(pk, due_at) for pk, due_at in steps if due_at]


def _aimed(deck: Deck, today: _Today) -> tuple[list[UUID], list[UUID]]:
    """Today's cards of the grading's deck: those that come back, and new ones. Siblings wait for another day, as long
    as there is one before the grading."""
    cards = {card.pk: card for card in deck.cards if not card.is_leech and not card.is_buried(on=today.day.on)}
    chosen = [_waits(cards[pk]) for pk in deck.todays() if pk in cards]
    if deck.goal.days_left > 1:
        chosen = queueing.without_siblings(chosen, taken=today.families)
    new = {each.id for each in chosen if cards[each.id].stage == Stage.NEW}
    return [each.id for each in chosen if each.id not in new], [each.id for each in chosen if each.id in new]


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
    rows = cards.values_list("pk", "kind", "term", "technique", "guid")
    return [
        queueing.Waiting(pk, _family(kind, term, technique, guid) or str(pk))
        for pk, kind, term, technique, guid in rows
    ]


def _waits(card: ReviewCard) -> queueing.Waiting:
    family = _family(card.kind, card.term_id, card.technique_id, card.guid)
    return queueing.Waiting(card.pk, family or str(card.pk))


def _family(kind: str, term: int | None, technique: int | None, guid: str) -> str:
    """What the cards have in common that give each other away; empty for one that stands alone."""
    of = term or technique or queueing.note_of(guid)
    return f"{kind} {of}" if of else ""


def _families(due: QuerySet[ReviewCard]) -> int:
    """Of a word that is asked in two directions one counts, and of the cards of a note of Anki: the others wait for
    tomorrow."""
    words = [CardKind.TERM, CardKind.TECHNIQUE]
    count = due.aggregate(
        terms=Count("term", distinct=True), techniques=Count("technique", distinct=True),
        notes=Count(NOTE, distinct=True, filter=OF_A_NOTE), others=Count("pk", filter=~Q(kind__in=words) & ~OF_A_NOTE),
    )  # fmt: skip
    return sum(count.values())
