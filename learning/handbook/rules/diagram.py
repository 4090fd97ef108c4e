"""The picture of a tul, as numbers: where soles, brush strokes and letters go. The template draws it.

Picture units: 40 to a shoulder width, x to the right (toward A), y *down* (away from D), so that the
student looks up the page. Angles in degrees, clockwise, 0 = toes toward D.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, sin

from .floor import HEADINGS, SHAPES, START, Feet, Foot, Point, Stand, front_foot, other

UNIT = 40.0
MARGIN = 1.5 * UNIT
BRUSH = 0.14 * UNIT
"""Half the width of a stroke where it begins; it ends in a point."""
SOLES: Mapping[Foot, str] = {
    "left": "M1 -14C6 -14 7.5 -9 6.5 -3.5C5.8 .5 5 3 5 8C5 12 3.2 14 .6 14C-2.4 14 -3.6 12 -3.6 8.5"
    "C-3.6 4 -6.5 0 -6.5 -5.5C-6.5 -11 -3.5 -14 1 -14Z",
    "right": "M-1 -14C-6 -14 -7.5 -9 -6.5 -3.5C-5.8 .5 -5 3 -5 8C-5 12 -3.2 14 -.6 14C2.4 14 3.6 12 3.6 8.5"
    "C3.6 4 6.5 0 6.5 -5.5C6.5 -11 3.5 -14 -1 -14Z",
}
"""A sole around its middle, toes up the page, as an SVG path."""


@dataclass(frozen=True)
class Stance:
    """How a stance looks from above: feet `width` shoulder widths apart across the line, and turned
    outward by so many degrees, front (or any) and rear foot."""

    width: float = 0.0
    front: float = 0.0
    rear: float = 0.0


STANCES: Mapping[str, Stance] = {
    "gunnun-sogi": Stance(1.0, 0, 25),
    "nachuo-sogi": Stance(1.0, 0, 25),
    "niunja-sogi": Stance(0.1, -15, 75),
    "gojung-sogi": Stance(0.1, -15, 75),
    "dwitbal-sogi": Stance(0.15, -25, 65),
    "soojik-sogi": Stance(0.15, -15, 75),
    "narani-sogi": Stance(1.0),
    "narani-junbi-sogi": Stance(1.0),
    "kyocha-sogi": Stance(0.5, 10, 20),
    "waebal-sogi": Stance(0.4),
    "guburyo-junbi-sogi-a": Stance(0.5, 0, 60),
    "guburyo-junbi-sogi-b": Stance(0.5, 0, 60),
}
"""Angles: Encyclopedia of Taekwon-Do, vol. 2. Stances not named here put the feet side by side, toes ahead."""
_CLOSED = Stance(0.3)


@dataclass(frozen=True)
class Sole:
    x: float
    y: float
    angle: float
    is_raised: bool = False


@dataclass(frozen=True)
class Frame:
    """One step: the soles, and the point between them."""

    left: Sole
    right: Sole
    x: float
    y: float


@dataclass(frozen=True)
class Stroke:
    """The way from the step before; a brush mark as an SVG path, empty when the body stays where it is."""

    step: int
    path: str


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Diagram:
    left: float
    top: float
    width: float
    height: float
    start: Frame
    frames: Sequence[Frame]
    strokes: Sequence[Stroke]
    lines: Sequence[tuple[float, float, float, float]]
    letters: Sequence[Label]
    numbers: Sequence[Label]
    count: Label

    @property
    def soles(self) -> Mapping[Foot, str]:
        return SOLES

    @property
    def view_box(self) -> str:
        return " ".join(f"{number:g}" for number in (self.left, self.top, self.width, self.height))


def draw(stands: Sequence[Stand], path: Sequence[Feet], *, ready: str) -> Diagram:
    """The picture of a tul whose steps stand like `stands` with the feet at `path`; it begins in `ready`."""
    start = _frame(Stand(ready, None, "D"), START)
    frames = [_frame(stand, feet) for stand, feet in zip(stands, path, strict=True)]
    xs = [point for frame in (start, *frames) for point in (frame.left.x, frame.right.x)]
    ys = [point for frame in (start, *frames) for point in (frame.left.y, frame.right.y)]
    # The start is in the middle from left to right, so that A and B are equally far.
    half = max(map(abs, xs)) + MARGIN
    top, bottom = min(ys) - MARGIN, max(ys) + MARGIN
    befores = (START, *path[:-1])
    strokes = [Stroke(step, _brush(a, b)) for step, (a, b) in enumerate(zip(befores, path, strict=True), start=1)]
    edge = MARGIN / 3
    return Diagram(
        left=_tidy(-half),
        top=_tidy(top),
        width=_tidy(2 * half),
        height=_tidy(bottom - top),
        start=start,
        frames=frames,
        strokes=strokes,
        lines=_lines(path),
        letters=[
            Label(_tidy(half - edge), 0, "A"),
            Label(_tidy(edge - half), 0, "B"),
            Label(0, _tidy(bottom - edge), "C"),
            Label(0, _tidy(top + edge), "D"),
        ],
        numbers=_numbers(frames),
        count=Label(_tidy(edge - half), _tidy(top + MARGIN * 0.8), ""),
    )


def _frame(stand: Stand, feet: Feet) -> Frame:
    left, right = (_sole("left", stand, feet), _sole("right", stand, feet))
    return Frame(left, right, _tidy(feet.middle.x * UNIT), _tidy(-feet.middle.y * UNIT))


def _sole(foot: Foot, stand: Stand, feet: Feet) -> Sole:
    look, shape = STANCES.get(stand.stance, _CLOSED), SHAPES[stand.stance]
    ahead = HEADINGS[stand.facing]
    to_the_right = (ahead[1], -ahead[0])
    is_raised = shape.one_leg and foot != stand.stance_side
    # A raised foot is shown where it works, not over the spot that it left.
    spot = feet.at(other(foot)).plus(ahead, 0.7) if is_raised else feet.at(foot)
    width = 0.0 if shape.sideways else look.width
    spot = spot.plus(to_the_right, width / 2 if foot == "right" else -width / 2)
    is_rear = front_foot(stand) == other(foot) or (shape.one_leg and not is_raised)
    outward = look.rear if is_rear else look.front
    facing = degrees(atan2(ahead[0], ahead[1]))
    angle = facing + (outward if foot == "right" else -outward)
    return Sole(_tidy(spot.x * UNIT), _tidy(-spot.y * UNIT), _tidy(angle), is_raised)


def _brush(before: Feet, after: Feet) -> str:
    """A mark from where the body was to where it is: it bends around the foot that stays, begins broad and
    ends in a point, fuller on one side, like ink on paper."""
    start, end = _on_paper(before.middle), _on_paper(after.middle)
    if start.away_from(end) < 1:
        return ""
    bend = _on_paper(_standing(before, after))
    if bend.away_from(start) < 1 or bend.away_from(end) < 1:
        bend = Point((start.x + end.x) / 2, (start.y + end.y) / 2)
    along = atan2(bend.y - start.y, bend.x - start.x)
    wide = Point(-BRUSH * sin(along), BRUSH * cos(along))
    corners = (
        (start.x + wide.x, start.y + wide.y),
        (bend.x + wide.x / 2, bend.y + wide.y / 2),
        (end.x, end.y),
        (bend.x - wide.x / 3, bend.y - wide.y / 3),
        (start.x - wide.x, start.y - wide.y),
    )
    a, b, c, d, e = (f"{_tidy(x):g} {_tidy(y):g}" for x, y in corners)
    return f"M{a}Q{b} {c}Q{d} {e}Z"


def _standing(before: Feet, after: Feet) -> Point:
    """The spot of the foot that did not move; between old and new middle when both did."""
    for foot in ("left", "right"):
        if before.at(foot).away_from(after.at(foot)) < 1e-6:
            return after.at(foot)
    return Point((before.middle.x + after.middle.x) / 2, (before.middle.y + after.middle.y) / 2)


def _lines(path: Sequence[Feet]) -> list[tuple[float, float, float, float]]:
    """The hairlines of the floor: where the feet of some step stand, joined, each stretch once."""
    stretches = {
        tuple(sorted((_on_paper(feet.left), _on_paper(feet.right)), key=lambda p: (p.x, p.y))) for feet in path
    }
    return sorted((a.x, a.y, b.x, b.y) for a, b in stretches if a != b)


def _on_paper(point: Point) -> Point:
    return Point(_tidy(point.x * UNIT), _tidy(-point.y * UNIT))


def _numbers(frames: Sequence[Frame]) -> list[Label]:
    """Which steps end at which spot; the first four are named where many do."""
    steps_at: dict[tuple[float, float], list[int]] = {}
    for step, frame in enumerate(frames, start=1):
        steps_at.setdefault((frame.x, frame.y), []).append(step)
    return [
        Label(x, y, " ".join(map(str, steps[:4])) + (" …" if len(steps) > 4 else ""))
        for (x, y), steps in steps_at.items()
    ]


def _tidy(number: float) -> float:
    return round(number, 1) + 0.0  # no -0.0 in the picture
