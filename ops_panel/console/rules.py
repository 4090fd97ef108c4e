"""What the console works out before it shows it: no database, no clock. Spans are seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet begins to calculate at."""

WIDTH, UP, DOWN = 600, 72, 24
"""The drawing of the pace: its width, and how far the longest bar reaches above and below its line."""

Pace = Sequence[tuple[datetime, int, int]]
"""For each minute, the oldest first: when it began, how many jobs ended well, how many failed."""


def clock(seconds: float) -> str:
    """A span as every language reads it: 0:07, 3:05, 1:04:05; days are hours too."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def last_line(text: str) -> str:
    """What went wrong is said in the last line of a traceback."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def cell(text: str) -> str:
    """A text as a spreadsheet shows it, whoever wrote it: nothing is calculated."""
    return f"'{text}" if text.startswith(FORMULA) else text


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    failed: bool


def bars(pace: Pace) -> list[Bar]:
    """What ended well grows upwards from the line at UP, what failed hangs down from it, both on one scale."""
    most_good = max((good for _, good, _ in pace), default=0)
    most_failed = max((failed for _, _, failed in pace), default=0)
    scale = min(UP / max(most_good, 1), DOWN / max(most_failed, 1))
    step = WIDTH / max(len(pace), 1)
    drawn = []
    for place, (_, good, failed) in enumerate(pace):
        x, width = round(place * step + step * 0.15, 2), round(step * 0.7, 2)
        if good:
            height = round(max(good * scale, 1.5), 2)
            drawn.append(Bar(x, round(UP - height, 2), width, height, failed=False))
        if failed:
            drawn.append(Bar(x, UP, width, round(max(failed * scale, 1.5), 2), failed=True))
    return drawn


@dataclass(frozen=True)
class Stretch:
    """Some minutes together: how long ago they began and ended, and what happened in them."""

    longest_ago: int
    shortest_ago: int
    good: int
    failed: int


def stretches(pace: Pace, *, minutes: int = 5) -> list[Stretch]:
    """The same figures as `bars` shows, for a table; the latest first."""
    found = []
    for end in range(len(pace), 0, -minutes):
        part = pace[max(0, end - minutes) : end]
        ago = len(pace) - end
        found.append(Stretch(ago + len(part), ago, sum(each[1] for each in part), sum(each[2] for each in part)))
    return found
