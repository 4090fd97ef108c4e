"""What is remembered about a card, as small pure values: a log of ratings goes in, a state comes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol
from uuid import UUID


class Rating(IntEnum):
    """How well a learner knew it."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class Stage(IntEnum):
    """Where a card is. Learning and relearning count minutes, review counts days."""

    NEW = 0
    LEARNING = 1
    REVIEW = 2
    RELEARNING = 3


@dataclass(frozen=True, slots=True)
class Rated:
    """One review of a card: the corrected instant (UTC), the id that its client made, the rating."""

    at: datetime
    id: UUID
    rating: Rating


@dataclass(frozen=True, slots=True)
class Memory:
    """The state of a card. It is a fold of its log: nothing is in here that the log does not say.

    `stability` (days until recall falls to 90 %) and `difficulty` (1 to 10) are FSRS's, `ease` and `repetitions`
    SM-2's; `interval` is the last one given, in days (0 within the steps of learning). `step` is the place among
    the steps of learning, counted from 0. `lapses` counts the times it was known for days and then forgotten.
    """

    stage: Stage = Stage.NEW
    due_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviews: int = 0
    lapses: int = 0
    step: int | None = None
    stability: float | None = None
    difficulty: float | None = None
    ease: float | None = None
    repetitions: int = 0
    interval: int = 0


UNSEEN = Memory()
"""A card without any review."""


class Scheduler(Protocol):
    """What fsrs.py and sm2.py are: how a rating changes a memory, and how likely it is to be recalled."""

    def after(self, memory: Memory, rating: Rating, at: datetime) -> Memory:
        """The memory after a review at this instant (UTC, never before the last one)."""

    def recall(self, memory: Memory, at: datetime) -> float:
        """The probability (0 to 1) of recalling it at this instant; 0 for a card that was never seen."""


def fold(log: Iterable[Rated], scheduler: Scheduler, *, begin: Memory = UNSEEN) -> Memory:
    """The state that a log gives: in the order of (corrected instant, id), each review once.

    Any delivery of the same reviews, in any order and with any repetition, gives the same memory. Where all of the
    log is later than what made `begin`, it may go on from there.
    """
    once = {each.id: each for each in log}
    memory = begin
    for each in sorted(once.values(), key=lambda each: (each.at, each.id)):
        memory = scheduler.after(memory, each.rating, each.at)
    return memory


def choices(memory: Memory, scheduler: Scheduler, at: datetime) -> Mapping[Rating, Memory]:
    """What each of the four keys would lead to, so that they can say when the card comes back."""
    return {rating: scheduler.after(memory, rating, at) for rating in Rating}
