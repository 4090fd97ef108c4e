"""What becomes of a job, decided without a database or a clock. Instants are aware datetimes, spans are seconds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

FIRST_DELAY = 2.0
LONGEST_DELAY = 600.0


def retry_delay(failures: int, *, dice: float) -> float:
    """Seconds to wait after the nth failure: doubled each time, then half of it left to chance.

    `dice` is between 0 and 1. "Equal jitter" of M. Brooker, "Exponential Backoff and Jitter" (AWS, 2015): jobs
    that failed together do not come back together, and none comes back at once.
    """
    whole: float = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures - 1, 20))
    return whole / 2 + dice * whole / 2


def is_set_aside(crashes: int, *, limit: int) -> bool:
    """Whether a job that took down its worker so many times since its last progress gets no further try."""
    return crashes >= limit


@dataclass(frozen=True)
class Schedule:
    """A job asked for by the clock. `cron` has five fields and is read in the time of `zone`."""

    name: str
    kind: str
    cron: str
    why: str
    zone: str = "Europe/Warsaw"

    def __post_init__(self) -> None:
        if not croniter.is_valid(self.cron):
            raise ValueError(f"{self.name}: {self.cron!r} is no line of cron")
        ZoneInfo(self.zone)


def last_due(schedule: Schedule, now: datetime) -> datetime:
    """The latest instant at or before `now` that the schedule names."""
    for due in _walk(schedule, now + timedelta(seconds=1), "get_prev"):
        if due <= now:
            return due
    raise AssertionError("time has a beginning")


def next_due(schedule: Schedule, now: datetime) -> datetime:
    """The first instant after `now` that the schedule names."""
    for due in _walk(schedule, now, "get_next"):
        if due > now:
            return due
    raise AssertionError("time has an end")


def _walk(schedule: Schedule, start: datetime, step: str) -> Iterator[datetime]:
    """What every hour does goes on in the hour that the end of summer time repeats. What names its hour is read
    from the clock on the wall and happens once on such a day; an hour that summer time skips is made up after it."""
    every_hour = schedule.cron.split()[1].startswith("*")
    zone = ZoneInfo("UTC" if every_hour else schedule.zone)
    walk = croniter(schedule.cron, start.astimezone(zone).replace(tzinfo=None, microsecond=0))
    while True:
        yield getattr(walk, step)(datetime).replace(tzinfo=zone).astimezone(start.tzinfo)
