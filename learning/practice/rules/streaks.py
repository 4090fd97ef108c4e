"""Days practised one after another. They are worked out from the days, never counted by hand: what a phone tells
late fills its gap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """Days without a gap between them."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Streak:
    """In days. `current` is not broken by today: it still has some hours."""

    current: int = 0
    longest: int = 0
    practised_today: bool = False


def runs(days: Iterable[date]) -> list[Run]:
    """The same days in any order and any number of times give the same runs, the earliest first."""
    found: list[Run] = []
    for day in sorted(set(days)):
        if found and day - found[-1].last == DAY:
            found[-1] = Run(found[-1].first, day)
        else:
            found.append(Run(day, day))
    return found


def streak(runs: Iterable[Run], *, today: date) -> Streak:
    """What they amount to on this practice day.

    Who flies to the west practises "tomorrow" and lands on a day that is still today: that day counts as well. Days
    further ahead are the work of a wrong clock and count when they come.
    """
    lengths, current, practised_today = [0], 0, False
    for run in runs:
        if run.first > today + DAY:
            continue
        last = min(run.last, today + DAY)
        length = (last - run.first).days + 1
        lengths.append(length)
        if last >= today - DAY:
            current = max(current, length)
        practised_today = practised_today or last >= today
    return Streak(current, max(lengths), practised_today)
