"""When something really happened, by a clock that may be wrong."""

from datetime import UTC, datetime

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nobody has practised here before; a stamp that is older is a broken clock."""


class NoSuchTime(Exception):
    """The stamp cannot be one of a review."""


def corrected(*, said: datetime, sent_at: datetime | None, now: datetime) -> datetime:
    """The instant of something by our clock: the client's stamp, moved by how wrong its clock was when it sent.

    `sent_at` is what the client's clock said while sending; without it the clock is believed. Never later than
    `now`. All are aware; the result is UTC. Raises NoSuchTime.
    """
    try:
        moved = said + (now - sent_at) if sent_at else said
    except OverflowError:
        raise NoSuchTime from None
    if moved < EARLIEST:
        raise NoSuchTime
    return min(moved, now).astimezone(UTC)
