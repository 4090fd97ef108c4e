"""Where the parts of a chart stand. Pure geometry: points of a drawing whose origin is its upper left corner.

Words, colours and the way that numbers are written are the template's (templates/practice/charts/).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 400, 220
LEFT, TOP, RIGHT, BOTTOM = 38, 12, 10, 26
"""Room for the words beside the field."""
PLAIN = WIDTH - LEFT - RIGHT
DEEP = HEIGHT - TOP - BOTTOM

CELL, GAP = 12, 3
WEEKS = 53
LEVELS = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: how far along the axis, and what it says there."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    middle: float
    value: float


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Field:
    """The ruled part of a chart."""

    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


FIELD = Field()


def ticks(highest: float, *, about: int = 4) -> list[float]:
    """Round values from 0 to at least `highest`, roughly as many as asked: steps of 1, 2 or 5 times a power of ten."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / about
    power: float = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
    return [round(step * number, 10) for number in range(math.ceil(highest / step - 1e-9) + 1)]


def whole_ticks(highest: float, *, about: int = 4) -> list[float]:
    """The same for things that are counted: no halves."""
    return [each for each in ticks(highest, about=about) if each == int(each)]


@dataclass(frozen=True, slots=True)
class Bars:
    bars: Sequence[Bar]
    rules: Sequence[Tick]
    field: Field = FIELD


def bars(values: Sequence[float]) -> Bars:
    """Counted things beside each other, on a scale that begins at nought."""
    marks = whole_ticks(max(values, default=0))
    top = marks[-1]
    room = PLAIN / max(1, len(values))
    gap = min(4.0, room * 0.2)
    drawn = []
    for number, value in enumerate(values):
        height = DEEP * value / top
        x = LEFT + number * room
        drawn.append(
            Bar(
                x=_point(x + gap / 2), y=_point(TOP + DEEP - height), width=_point(room - gap),
                height=_point(height), middle=_point(x + room / 2), value=value,
            )
        )  # fmt: skip
    return Bars(drawn, [Tick(_y(mark, 0, top), mark) for mark in marks])


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True)
class Plot:
    lines: Sequence[Line]
    rules: Sequence[Tick]
    along: Sequence[Tick]
    field: Field = FIELD


@dataclass(frozen=True, slots=True)
class Series:
    """Points (x, y) from left to right; `weights` (how many observations each stands for) makes dots of them."""

    points: Sequence[tuple[float, float]]
    weights: Sequence[int] = ()


def plot(
    series: Sequence[Series], *, low: float = 0.0, high: float = 1.0, step: float = 0.25, width: float = 0.0
) -> Plot:
    """Shares between `low` and `high` over something that begins at nought and is `width` long."""
    farthest = max([width, *(x for each in series for x, _ in each.points)], default=0)
    marks = whole_ticks(farthest, about=5)
    end = max(farthest, 1.0)
    heaviest = max((weight for each in series for weight in each.weights), default=1)

    def x_of(value: float) -> float:
        return _point(LEFT + PLAIN * value / end)

    def line(each: Series) -> Line:
        placed = [(x_of(x), _y(min(max(y, low), high), low, high)) for x, y in each.points]
        if each.weights:
            dots = [
                Dot(x, y, _point(2 + 4 * math.sqrt(weight / max(1, heaviest))))
                for (x, y), weight in zip(placed, each.weights, strict=True)
            ]
            return Line("", dots)
        return Line("M" + "L".join(f"{x:g} {y:g}" for x, y in placed) if placed else "", [])

    shares = [low + step * number for number in range(round((high - low) / step) + 1)]
    return Plot(
        lines=[line(each) for each in series],
        rules=[Tick(_y(share, low, high), share) for share in shares],
        along=[Tick(x_of(mark), mark) for mark in marks if mark <= end],
    )


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the heatmap; level 0 is a day without anything, 4 one of the fullest."""

    x: int
    y: int
    day: date
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class Month:
    """Where a month begins."""

    x: float
    first: date


@dataclass(frozen=True, slots=True)
class Heatmap:
    squares: Sequence[Square]
    months: Sequence[Month]
    width: int
    height: int
    cell: int = CELL

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"

    @property
    def layers(self) -> Mapping[int, str]:
        """For each level that is there one SVG path of all its squares: some hundred elements would be slow to draw. A
        unit at the edges is for the stroke, which rounds the corners."""
        side = self.cell - 2
        paths: dict[int, str] = {}
        for each in self.squares:
            paths[each.level] = paths.get(each.level, "") + f"M{each.x + 1} {each.y + 1}h{side}v{side}h-{side}z"
        return paths


MONTHS_HIGH = 18
"""Room for the names of the months, above the squares."""


def heatmap(counts: Mapping[date, int], *, today: date, weeks: int = WEEKS) -> Heatmap:
    """Weeks as columns, from Monday down to Sunday; the last one is that of today."""
    begins = today - timedelta(days=today.weekday() + 7 * (weeks - 1))
    bounds = _quarters([counts.get(begins + timedelta(days=each), 0) for each in range(7 * weeks)])
    pitch = CELL + GAP
    squares, months = [], []
    for number in range((today - begins).days + 1):
        day = begins + timedelta(days=number)
        column, row = divmod(number, 7)
        count = counts.get(day, 0)
        level = 0 if count <= 0 else 1 + sum(count > bound for bound in bounds)
        squares.append(Square(column * pitch, MONTHS_HIGH + row * pitch, day, count, level))
        if day.day == 1 and column < weeks - 1:  # no room for a name above the last column
            months.append(Month(column * pitch, day))
    return Heatmap(squares, months, weeks * pitch - GAP, MONTHS_HIGH + 7 * pitch - GAP)


def _quarters(counts: Sequence[int]) -> list[float]:
    """What separates the four levels: the quarters of the days on which something was done."""
    done = sorted(each for each in counts if each > 0)
    if not done:
        return []
    return [done[min(len(done) - 1, len(done) * quarter // LEVELS)] for quarter in range(1, LEVELS)]


def _y(value: float, low: float, high: float) -> float:
    return _point(TOP + DEEP * (1 - (value - low) / (high - low)))


def _point(value: float) -> float:
    """A tenth of a unit is finer than any screen."""
    return round(value, 1)
