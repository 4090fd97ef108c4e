"""In which order cards are asked today, and which of them wait for another day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from uuid import UUID

LEARN_AHEAD = timedelta(minutes=20)
"""A card in its learning steps is asked this much earlier when nothing else is left."""
CATCH_UP = (7, 14, 21)
"""Days over which a backlog can be spread."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A card that could be asked. Cards with the same sibling key give each other away."""

    id: UUID
    sibling: str


def note_of(guid: str) -> str:
    """Of a card that was brought from Anki the note that it was made of ("note:0"), perhaps with others; empty where it
    has none."""
    note, _, number = guid.rpartition(":")
    return note if number.isdecimal() else ""


def without_siblings(waiting: Iterable[Waiting], *, taken: Iterable[str] = ()) -> list[Waiting]:
    """At most one of each family, the first; none of a family that was asked today already."""
    seen = set(taken)
    kept = []
    for each in waiting:
        if each.sibling not in seen:
            seen.add(each.sibling)
            kept.append(each)
    return kept


def mixed[T](reviews: Sequence[T], fresh: Sequence[T]) -> list[T]:
    """New cards spread evenly among the due ones, beginning with a due one."""
    if not fresh:
        return list(reviews)
    every = len(reviews) / len(fresh)
    mixed, placed = [], 0
    for number, card in enumerate(fresh, start=1):
        upto = ceil(number * every)
        mixed += [*reviews[placed:upto], card]
        placed = upto
    return mixed


def new_left(*, a_day: int, introduced: int) -> int:
    """How many new cards may still be met today."""
    return max(0, a_day - introduced)


@dataclass(frozen=True)
class CatchUp:
    """A backlog that is spread over `days` days; by today the cards of the first `slots` of them are asked."""

    begins_on: date
    days: int
    slots: int

    def day_of(self, card: UUID) -> date:
        """The day on which a card that was left behind is asked: by the last byte of its id."""
        return self.begins_on + timedelta(days=card.bytes[-1] % self.days)


def catching_up(begins_on: date | None, ends_on: date | None, *, today: date) -> CatchUp | None:
    """None when nothing is being caught up on this day."""
    if begins_on is None or ends_on is None or not begins_on <= today <= ends_on:
        return None
    return CatchUp(begins_on, (ends_on - begins_on).days + 1, (today - begins_on).days + 1)
