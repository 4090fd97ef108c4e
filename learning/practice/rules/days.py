"""Practice days: who practises past midnight still practises today."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

BEGINS = time(4)
"""By the learner's clock."""


@dataclass(frozen=True)
class Day:
    """A practice day and its instants (UTC), the last one not included."""

    on: date
    begins_at: datetime
    ends_at: datetime


def day_of(instant: datetime, zone: tzinfo) -> date:
    """The practice day that an aware instant falls in."""
    local = instant.astimezone(zone).replace(tzinfo=None)
    return local.date() if local.time() >= BEGINS else local.date() - timedelta(days=1)


def begins_at(on: date, zone: tzinfo) -> datetime:
    """The instant (UTC) at which a practice day begins. Where the clock jumps over it, the jump counts."""
    return datetime.combine(on, BEGINS, tzinfo=zone).astimezone(UTC)


def day_at(instant: datetime, zone: tzinfo) -> Day:
    on = day_of(instant, zone)
    return Day(on, begins_at(on, zone), begins_at(on + timedelta(days=1), zone))
