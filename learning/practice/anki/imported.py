"""What a package of Anki holds, as plain values."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from learning.practice.rules.memory import Rated, Rating, Stage


class Reason(StrEnum):
    """Why something was not taken, or not as it was."""

    MEDIA = "media"
    """Files that came with the cards."""
    SOUNDS = "sounds"
    PICTURES = "pictures"
    OCCLUSION = "occlusion"
    """Cards that hide parts of a picture."""
    TEMPLATE = "template"
    """Cards whose template cannot be followed."""
    EMPTY = "empty"
    """Cards without words on one of their sides."""
    CUT = "cut"
    """Cards that were longer than LONGEST_TEXT."""
    FILTERED = "filtered"
    """Cards that were away in a filtered deck: taken, under their own."""
    MANUAL = "manual"
    """Notes in the log that somebody moved a card by hand."""
    CRAMMED = "crammed"
    """Reviews that were not to count for the schedule."""
    FUTURE = "future"
    """Reviews that are still to come, if their clock is to be believed."""
    ORPHANS = "orphans"
    """Reviews of cards that are not (any more) among those taken."""
    DOUBLE = "double"
    """Cards that have the name of another."""
    DAMAGED = "damaged"
    """Rows that make no sense."""


@dataclass(frozen=True, slots=True)
class Untaken:
    reason: Reason
    count: int
    examples: tuple[str, ...] = ()
    """A few words of some of them, where they have any."""


@dataclass(frozen=True, slots=True)
class ImportedReview:
    """`id` is the same each time this review is read, from whichever file."""

    id: UUID
    at: datetime
    rating: Rating
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Hints:
    """What Anki had planned. Our own state is a fold of the reviews; this is for cards whose log is not in the file.

    `interval` is in days, for relearning the one that comes after it; `ease`, `stability` (days), `difficulty`
    (1 to 10) and `retention` (0 to 1) are None where Anki had none.
    """

    stage: Stage = Stage.NEW
    due_at: datetime | None = None
    interval: int = 0
    ease: float | None = None
    reviews: int = 0
    lapses: int = 0
    stability: float | None = None
    difficulty: float | None = None
    retention: float | None = None


@dataclass(frozen=True, slots=True)
class ImportedCard:
    """(guid, ord) names it among all cards of all files. `deck` has its parents before it: "Taekwon-Do::8th kup"."""

    guid: str
    ord: int
    front: str
    back: str
    deck: str
    tags: tuple[str, ...]
    is_suspended: bool
    hints: Hints
    reviews: tuple[ImportedReview, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """Cards in the order in which they were made, their reviews in the order of time."""

    cards: tuple[ImportedCard, ...]
    untaken: tuple[Untaken, ...]

    @property
    def reviews(self) -> int:
        return sum(len(card.reviews) for card in self.cards)


def unknown(found: Iterable[ImportedReview], *, known: Iterable[Rated]) -> tuple[ImportedReview, ...]:
    """Reviews of a card that was ours, without those that we have. Anki keeps no ids but the millisecond, and moves
    that where two reviews share it: so the same rating within a second is the same review."""
    seen = {(each.rating, math.floor(each.at.timestamp()) + near) for each in known for near in (-1, 0, 1)}
    return tuple(each for each in found if (each.rating, math.floor(each.at.timestamp())) not in seen)
