"""The forgetting curve of a learner: what they remembered, beside what the model says that they would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from math import ceil

from .fsrs import DEFAULT, Fsrs
from .memory import UNSEEN, Memory, Rating

FEWEST = 20
"""Cards without which there is nothing to be seen."""
BETWEEN = timedelta(minutes=10)
"""From one answer to the next on the first day, as far as the model is concerned."""
SHORTEST = 7
"""Days that are drawn at least."""
BINS = (1, 2, 3, 4, 6, 8, 11, 15, 21, 29, 41, 57, 81)
"""First days of the bins in which observations are put together; the last is open."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """How many times something was asked and how often it was known."""

    asked: int = 0
    known: int = 0

    @property
    def share(self) -> float | None:
        return self.known / self.asked if self.asked else None

    def plus(self, other: "Recalled") -> "Recalled":
        return Recalled(self.asked + other.asked, self.known + other.known)


Observed = Mapping[str, Mapping[int, Recalled]]
"""By the answers of the first day ("33": good, good) and by the days until the second."""


@dataclass(frozen=True, slots=True)
class Point:
    """`days` is the mean of the bin, `share` how many of `number` cards were known."""

    days: float
    share: float
    number: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Of the cards that were answered alike on their first day: what was observed, and the model with its default and
    with fitted parameters, each as (days, recall)."""

    said: Sequence[Rating]
    observed: Sequence[Point]
    default: Sequence[tuple[float, float]]
    fitted: Sequence[tuple[float, float]]


def forgetting(observed: Observed, *, fitted: Sequence[float] | None) -> Forgetting | None:
    """The curve after the most frequent first day: only cards with the same past are forgotten along one curve. None
    when too few cards have one in common."""
    counts = {said: sum(each.asked for each in found.values()) for said, found in observed.items()}
    said = max(counts, key=lambda each: (counts[each], each), default="")
    if counts.get(said, 0) < FEWEST:
        return None
    ratings = [Rating(int(each)) for each in said]
    points = binned(observed[said])
    days = max(SHORTEST, ceil(points[-1].days))
    return Forgetting(
        ratings, points, curve(Fsrs(DEFAULT), ratings, days), curve(Fsrs(fitted), ratings, days) if fitted else []
    )


def binned(found: Mapping[int, Recalled]) -> list[Point]:
    """Days further away are rarer and are put together in wider bins."""
    points = []
    for place, first in enumerate(BINS):
        last = BINS[place + 1] - 1 if place + 1 < len(BINS) else max(found, default=first)
        inside = {days: each for days, each in found.items() if first <= days <= last}
        together = reduce(Recalled.plus, inside.values(), Recalled())
        if together.asked:
            mean = sum(days * each.asked for days, each in inside.items()) / together.asked
            points.append(Point(mean, together.known / together.asked, together.asked, first, last))
    return points


_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


def curve(scheduler: Fsrs, said: Sequence[Rating], days: int) -> list[tuple[float, float]]:
    """(days, recall) after a first day with these answers, for every day up to so many."""
    memory: Memory = UNSEEN
    for number, rating in enumerate(said):
        memory = scheduler.after(memory, rating, _BEGIN + number * BETWEEN)
    end = memory.reviewed_at or _BEGIN
    return [(float(day), scheduler.recall(memory, end + timedelta(days=day))) for day in range(days + 1)]
