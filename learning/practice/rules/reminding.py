"""When somebody is reminded: at their hour, once in a practice day."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .days import BEGINS, day_of

LATEST = timedelta(hours=3)
"""A reminder that would come later than that after its hour waits for the next day: nobody is called at night."""


def reminder_at(hour: int, *, on: date, zone: tzinfo) -> datetime:
    """The instant (UTC) of an hour of a practice day; hours before it begins are those after midnight.

    An hour that the clock skips is the one that it goes on with, one that it repeats is the first of both.
    """
    day = on if time(hour) >= BEGINS else on + timedelta(days=1)
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def is_time(hour: int, *, zone: tzinfo, now: datetime) -> bool:
    """Whether the hour of this practice day has come, and not long ago."""
    at = reminder_at(hour, on=day_of(now, zone), zone=zone)
    return at <= now < at + LATEST


def hours_now(zone: tzinfo, *, now: datetime) -> frozenset[int]:
    """All hours for which it is time."""
    return frozenset(hour for hour in range(24) if is_time(hour, zone=zone, now=now))
