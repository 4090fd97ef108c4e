"""The decks of the belts, with what of them is somebody's already."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from learning.handbook import queries as handbook
from learning.practice.models import CardKind, ReviewCard
from learning.practice.rules.decks import evenly
from learning.practice.rules.memory import Stage
from learning.practice.rules.subjects import Subject

from .queue import queue

WITHIN_REACH = 100
"""Cards from the head of today's queue among which a deck is looked for."""
PARTS: Mapping[str, frozenset[str]] = {
    "all": frozenset({CardKind.TERM, CardKind.TECHNIQUE, CardKind.STEP, CardKind.QUESTION}),
    "words": frozenset({CardKind.TERM, CardKind.TECHNIQUE}),
    "tul": frozenset({CardKind.STEP}),
    "questions": frozenset({CardKind.QUESTION}),
}
"""What of a deck can be added at once."""

About = tuple[str, int, str, str]
"""Kind, id, direction and step key: what tells the cards of one person apart."""


@dataclass
class Tally:
    """How many cards, how many of them somebody has, and how many of these they know for days."""

    total: int = 0
    mine: int = 0
    known: int = 0

    def count(self, stage: int | None) -> None:
        self.total += 1
        self.mine += stage is not None
        self.known += stage == Stage.REVIEW

    @property
    def missing(self) -> int:
        return self.total - self.mine


@dataclass
class Line:
    """One thing of a deck: a word, a technique, a tul or a question, with its cards."""

    key: str
    about: Any
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class DeckSheet:
    belt: int
    tally: Tally
    words: Sequence[Line]
    techniques: Sequence[Line]
    tuls: Sequence[Line]
    questions: Sequence[Line]
    waits: bool
    """Whether any of its cards is asked today."""

    @property
    def missing(self) -> list[str]:
        """The parts of which there is anything to add."""
        parts = {"words": [*self.words, *self.techniques], "tul": self.tuls, "questions": self.questions}
        return [part for part, lines in parts.items() if any(line.tally.missing for line in lines)]


def decks(*, person: Any, now: datetime) -> list[tuple[int, Tally]]:
    """Every belt that has anything to remember, the lowest grade first."""
    mine = _stages(person)
    tallies = [(belt, _tally(entries, mine)) for belt, entries in handbook.decks(now=now).items()]
    return [(belt, tally) for belt, tally in tallies if tally.total]


def tally_of(*, person: Any, belt: int, now: datetime) -> Tally:
    """How much of the deck of a belt is somebody's; of a belt without a deck nothing."""
    return _tally(handbook.deck_of(belt=belt, now=now), _stages(person)) if belt in handbook.DECKS else Tally()


def deck(*, person: Any, belt: int, now: datetime) -> DeckSheet | None:
    """What the deck of a belt holds; None where there is none."""
    entries = handbook.deck_of(belt=belt, now=now) if belt in handbook.DECKS else []
    if not entries:
        return None
    ids = {kind: {each.id for each in entries if each.kind == kind} for kind in PARTS["all"]}
    a_step_each = {each.id: each.step_key for each in entries if each.kind == CardKind.STEP}
    known = handbook.remembered(
        terms=ids[CardKind.TERM], techniques=ids[CardKind.TECHNIQUE],
        steps=list(a_step_each.items()), questions=ids[CardKind.QUESTION], now=now,
    )  # fmt: skip
    tuls = {tul: movement.tul for (tul, _), movement in known.movements.items()}
    mine = _stages(person)
    tally = _tally(entries, mine)

    def lines(kind: str, about: Mapping[int, Any]) -> list[Line]:
        return _lines([each for each in entries if each.kind == kind], about, mine)

    return DeckSheet(
        belt,
        tally,
        lines(CardKind.TERM, known.terms),
        lines(CardKind.TECHNIQUE, known.techniques),
        lines(CardKind.STEP, tuls),
        lines(CardKind.QUESTION, known.questions),
        tally.mine > 0 and _waits(person, {_about(each) for each in entries}, now),
    )


def _waits(person: Any, deck: Collection[About], now: datetime) -> bool:
    waiting = queue(person=person, now=now, limit=WITHIN_REACH).cards
    return any(
        (each.kind, each.term_id or each.technique_id or each.tul_id or each.question_id, each.direction, each.step_key)
        in deck
        for each in waiting
    )


def subjects_of_deck(*, belt: int, part: str, tul: str = "", now: datetime) -> list[Subject]:
    """What of a deck is to be added, its kinds mixed evenly; `tul` narrows it to one."""
    if belt not in handbook.DECKS:
        return []
    entries = [each for each in handbook.deck_of(belt=belt, now=now) if each.kind in PARTS[part]]
    kept = [each for each in entries if not tul or each.key == tul]
    groups = [[each for each in kept if each.kind == kind] for kind in sorted(PARTS[part])]
    return [Subject(each.kind, each.key, each.direction, each.step_key) for each in evenly(groups)]


def subjects_about(*, kind: str, key: str, now: datetime) -> list[Subject]:
    """All cards that there can be about one thing: a word both ways, every movement of a tul, the questions about an
    article. Of what the handbook does not have it is empty, or commands.add_cards refuses it."""
    match kind:
        case "tul":
            return [Subject("step", key, "", step) for step in handbook.step_keys(tuls=[key], now=now).get(key, ())]
        case "article":
            return [Subject("question", each) for each in handbook.questions_about(about=f"article:{key}")]
        case "question":
            return [Subject(kind, key)]
        case _:
            return [Subject(kind, key, way) for way in ("meaning", "korean")]


def cards_about(*, person: Any, subjects: Iterable[Subject]) -> QuerySet[ReviewCard]:
    """Somebody's cards about any of these, those that were put away left out."""
    wanted = Q(pk=None)
    keys: dict[str, set[str]] = {}
    for each in subjects:
        keys.setdefault(each.kind, set()).add(each.key)
    for kind, slugs in keys.items():
        wanted |= Q(kind=kind, **{f"{'tul' if kind == 'step' else kind}__slug__in": slugs})
    return ReviewCard.objects.filter(wanted, person=person.pk, put_away_at__isnull=True)


def subjects_missing(*, person: Any, subjects: Collection[Subject]) -> list[Subject]:
    """Those of these subjects about which somebody has no card, or has put it away."""
    columns = ("kind", "term__slug", "technique__slug", "tul__slug", "question__slug", "direction", "step_key")
    held = {
        Subject(kind, term or technique or tul or question, direction, step_key)
        for kind, term, technique, tul, question, direction, step_key in cards_about(
            person=person, subjects=subjects
        ).values_list(*columns)
    }
    return [each for each in subjects if each not in held]


def _lines(entries: Iterable[handbook.Entry], about: Mapping[int, Any], mine: Mapping[About, int]) -> list[Line]:
    found: dict[int, Line] = {}
    for each in entries:
        if each.id in about:
            line = found.setdefault(each.id, Line(each.key, about[each.id]))
            line.tally.count(mine.get(_about(each)))
    return list(found.values())


def _tally(entries: Iterable[handbook.Entry], mine: Mapping[About, int]) -> Tally:
    tally = Tally()
    for each in entries:
        tally.count(mine.get(_about(each)))
    return tally


def _about(entry: handbook.Entry) -> About:
    return (entry.kind, entry.id, entry.direction, entry.step_key)


def _stages(person: Any) -> dict[About, int]:
    """The stage of each card of somebody's that is about the handbook and was not put away."""
    cards = ReviewCard.objects.filter(person=person.pk, put_away_at__isnull=True).exclude(kind=CardKind.OWN)
    columns = ("kind", "term", "technique", "tul", "question", "direction", "step_key", "stage")
    return {
        (kind, term or technique or tul or question, direction, step_key): stage
        for kind, term, technique, tul, question, direction, step_key, stage in cards.values_list(*columns)
    }
