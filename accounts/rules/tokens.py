"""What a refresh token is worth when it is shown (RFC 9700, 4.14.2: rotation, with detection of reuse)."""

from datetime import datetime, timedelta
from enum import Enum, auto

LOST_ANSWER = timedelta(seconds=10)
"""For so long the same app may show a token again whose answer it never got."""


class Turn(Enum):
    """What becomes of the family of tokens, which is one session on one device."""

    NEXT = auto()
    """The token is the newest: it gives the next one."""
    REPEAT = auto()
    """Its answer was lost: it gives the same generation once more."""
    REUSED = auto()
    """Two hold it, and one of them is a thief: the family ends."""


def turn(*, generation: int, newest: int, turned_at: datetime | None, is_same_app: bool, now: datetime) -> Turn:
    """A repeated token is only forgiven while nobody has used its successor: using it proves that the answer came.

    A thief who comes in those seconds gets the same successor as the owner, so the one of both who uses it second is
    found out. Any older generation is reuse.
    """
    if generation == newest:
        return Turn.NEXT
    is_previous = generation == newest - 1 and turned_at is not None
    if is_previous and is_same_app and timedelta(0) <= now - turned_at <= LOST_ANSWER:  # type: ignore[operator]
        return Turn.REPEAT
    return Turn.REUSED
