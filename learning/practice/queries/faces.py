"""What cards show: their words from the handbook, and what each of the four keys would lead to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal
from uuid import UUID

from learning.handbook import queries as handbook
from learning.practice.models import CardKind, Learner, ReviewCard
from learning.practice.rules.memory import Memory, Rating, Scheduler, choices
from learning.practice.rules.queueing import LEARN_AHEAD

from .aiming import Deck
from .learners import learner_of, scheduler_of

Shape = Literal["word", "movement", "question", "own", "gone"]

SOON = timedelta(minutes=1)
"""After this a card that was not known is asked again at the earliest; also within one sitting."""


@dataclass(frozen=True)
class Face:
    """Both sides of a card. `about` is a word or technique, a movement, a question, or None for a card of the
    learner's own and for what the handbook does not have any more."""

    card: ReviewCard
    shape: Shape
    about: Any = None

    @property
    def options(self) -> Sequence[Any]:
        """Those of a question, in an order that gives nothing away and is the same each time."""
        return sorted(self.about.options.all(), key=lambda option: self._hash(f"option {option.place}"))

    @property
    def pairs(self) -> Sequence[Any]:
        """The other halves of a question of pairs, in an order of their own."""
        return sorted(self.about.options.all(), key=lambda option: self._hash(f"pair {option.place}"))

    def _hash(self, text: str) -> bytes:
        return blake2b(f"{self.card.pk} {text}".encode(), digest_size=8).digest()


@dataclass(frozen=True)
class Turn:
    """A card to be asked: its sides, what each key leads to, and what the keys lead to afterwards where a key brings
    the card back within the sitting."""

    face: Face
    keys: Mapping[Rating, Memory]
    then: Mapping[Rating, Mapping[Rating, Memory]]
    at: datetime

    @property
    def card(self) -> ReviewCard:
        return self.face.card


def faces(*, cards: Iterable[ReviewCard], now: datetime) -> dict[UUID, Face]:
    """The sides of many cards by their ids, in as many queries as those of one card of each kind."""
    cards = list(cards)
    known = handbook.remembered(
        terms=_ids(cards, "term_id"),
        techniques=_ids(cards, "technique_id"),
        steps={(card.tul_id, card.step_key) for card in cards if card.tul_id is not None},
        questions=_ids(cards, "question_id"),
        now=now,
    )
    return {card.pk: _face(card, known) for card in cards}


def turns(
    *,
    cards: Iterable[ReviewCard],
    person: Any,
    now: datetime,
    deck: Deck | None = None,
    learner: Learner | None = None,
) -> list[Turn]:
    """Cards of a learner as they are asked now, in the order given. `deck` is the grading's, where one is ahead: its
    cards come back when the plan for the day says so, not within the sitting."""
    cards = list(cards)
    sides = faces(cards=cards, now=now)
    scheduler = scheduler_of(learner or learner_of(person=person))
    planned = {card.pk for card in deck.cards} if deck else set()
    return [_turn(sides[card.pk], scheduler, deck if card.pk in planned else None, now) for card in cards]


def _turn(face: Face, scheduler: Scheduler, deck: Deck | None, now: datetime) -> Turn:
    keys = choices(face.card.memory, scheduler, now)
    if deck:
        keys = {rating: deck.as_planned(memory) for rating, memory in keys.items()}
    later = now + SOON
    then = {rating: choices(memory, scheduler, later) for rating, memory in keys.items() if is_soon(memory, now)}
    return Turn(face, keys, then, now)


def is_soon(memory: Memory, at: datetime) -> bool:
    """Whether a card comes back within the sitting."""
    return memory.due_at is not None and not memory.interval and memory.due_at - at <= LEARN_AHEAD


def _ids(cards: Iterable[ReviewCard], column: str) -> set[int]:
    return {found for card in cards if (found := getattr(card, column)) is not None}


def _face(card: ReviewCard, known: handbook.Remembered) -> Face:
    about: Any
    shape: Shape
    match card.kind:
        case CardKind.OWN:
            return Face(card, "own")
        case CardKind.TERM:
            about, shape = known.terms.get(card.term_id or 0), "word"
        case CardKind.TECHNIQUE:
            about, shape = known.techniques.get(card.technique_id or 0), "word"
        case CardKind.STEP:
            about, shape = known.movements.get((card.tul_id or 0, card.step_key)), "movement"
        case _:
            about, shape = known.questions.get(card.question_id or 0), "question"
    return Face(card, shape, about) if about is not None else Face(card, "gone")
