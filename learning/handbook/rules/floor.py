"""Where the feet stand: walks a tul over the floor, step by step.

The floor is the ITF diagram: the student begins at (0, 0) and faces D. x grows toward A (right), y
toward D (front); the unit is one shoulder width. Feet are kept on the *lines* of the diagram: how far
apart they stand sideways is drawn (see diagram.py) but not measured, so that a tul which returns to its
line in life returns to it here.

Stance lengths: Choi Hong Hi, Encyclopedia of Taekwon-Do, vol. 2 (walking, L-, fixed and sitting stance
one and a half shoulder widths; rear foot and vertical stance one; low stance longer than the walking
stance by one foot, taken as half a shoulder width).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot, sqrt
from typing import Literal, Self

Foot = Literal["left", "right"]
Direction = Literal["A", "B", "C", "D", "AC", "AD", "BC", "BD"]

_DIAGONAL = sqrt(0.5)
HEADINGS: Mapping[str, tuple[float, float]] = {
    "A": (1, 0),
    "B": (-1, 0),
    "C": (0, -1),
    "D": (0, 1),
    "AC": (_DIAGONAL, -_DIAGONAL),
    "AD": (_DIAGONAL, _DIAGONAL),
    "BC": (-_DIAGONAL, -_DIAGONAL),
    "BD": (-_DIAGONAL, _DIAGONAL),
}

NEAR = 1.0
"""Shoulder widths. A tul that ends this near to where it began counts as ending there: with stances of
exactly these lengths Do-San comes out 0.88 and Joong-Gun 1.0 beside it, which everybody corrects in
walking without noticing."""


@dataclass(frozen=True)
class Shape:
    """How a stance places the feet: `length` apart, along the facing or (`sideways`) across it.

    `named_after` says which foot the side of the stance's name means; None for stances without sides.
    """

    length: float
    named_after: Literal["front", "rear", "weight"] | None = None
    sideways: bool = False
    one_leg: bool = False


SHAPES: Mapping[str, Shape] = {
    "gunnun-sogi": Shape(1.5, "front"),
    "nachuo-sogi": Shape(2.0, "front"),
    "gojung-sogi": Shape(1.5, "front"),
    "niunja-sogi": Shape(1.5, "rear"),
    "dwitbal-sogi": Shape(1.0, "rear"),
    "soojik-sogi": Shape(1.0, "rear"),
    "annun-sogi": Shape(1.5, sideways=True),
    "sasun-sogi": Shape(1.5, "front", sideways=True),
    "oguryo-sogi": Shape(1.0, sideways=True),
    "narani-sogi": Shape(0),
    "narani-junbi-sogi": Shape(0),
    "moa-sogi": Shape(0),
    "moa-junbi-sogi-a": Shape(0),
    "moa-junbi-sogi-b": Shape(0),
    "moa-junbi-sogi-c": Shape(0),
    "charyot-sogi": Shape(0),
    "kyocha-sogi": Shape(0, "weight"),
    "waebal-sogi": Shape(0, "weight", one_leg=True),
    "guburyo-junbi-sogi-a": Shape(0, "weight", one_leg=True),
    "guburyo-junbi-sogi-b": Shape(0, "weight", one_leg=True),
}
"""Stances that a step can name, by technique slug."""


@dataclass(frozen=True)
class Point:
    x: float
    y: float

    def plus(self, heading: tuple[float, float], length: float) -> Self:
        return replace(self, x=self.x + heading[0] * length, y=self.y + heading[1] * length)

    def away_from(self, other: "Point") -> float:
        return hypot(self.x - other.x, self.y - other.y)


@dataclass(frozen=True)
class Feet:
    left: Point
    right: Point

    def at(self, foot: Foot) -> Point:
        return self.left if foot == "left" else self.right

    def moved(self, foot: Foot, to: Point) -> "Feet":
        return replace(self, left=to) if foot == "left" else replace(self, right=to)

    @property
    def middle(self) -> Point:
        return Point((self.left.x + self.right.x) / 2, (self.left.y + self.right.y) / 2)


START = Feet(Point(0, 0), Point(0, 0))


@dataclass(frozen=True)
class Move:
    """One movement of the feet. `by` in shoulder widths, from the other foot; None lets the stance decide."""

    foot: Literal["left", "right", "both"]
    to: str | None = None
    by: float | None = None


@dataclass(frozen=True)
class Stand:
    """What of a step concerns the feet."""

    stance: str
    stance_side: Foot | None
    facing: str
    moves: Sequence[Move] = ()


class Impossible(ValueError):
    """The feet cannot do what a step says; the text says why."""


def other(foot: Foot) -> Foot:
    return "right" if foot == "left" else "left"


def front_foot(stand: Stand) -> Foot | None:
    """The foot in front, as the name of the stance tells; None where no foot is."""
    shape = _shape(stand)
    if stand.stance_side is None or shape.named_after not in {"front", "rear"}:
        return None
    return stand.stance_side if shape.named_after == "front" else other(stand.stance_side)


def place(feet: Feet, stand: Stand) -> Feet:
    """The feet after a step. Raises Impossible."""
    shape = _shape(stand)
    for number, move in enumerate(stand.moves, start=1):
        is_last = number == len(stand.moves)
        if move.foot == "both":
            feet = _carried(feet, move)
            feet = _landed(feet, stand, shape) if is_last else feet
        elif move.by is None and is_last:
            to = feet.at(other(move.foot)).plus(*_from_other_foot(move.foot, stand, shape))
            feet = _checked(feet, move.foot, to, move)
        elif move.by is None:
            raise Impossible("every move but the last says how far from the other foot it ends (by)")
        else:
            to = feet.at(other(move.foot)).plus(HEADINGS[move.to] if move.to else (0, 0), move.by)
            feet = _checked(feet, move.foot, to, move)
    return feet


def walk(stands: Iterable[Stand]) -> list[Feet]:
    """The feet after each step of a tul. Raises Impossible, naming the step."""
    feet, path = START, []
    for number, stand in enumerate(stands, start=1):
        try:
            feet = place(feet, stand)
        except Impossible as why:
            raise Impossible(f"step {number}: {why}") from None
        path.append(feet)
    return path


def close(feet: Feet, foot: Foot) -> Feet:
    """The feet after `foot` is brought back beside the other one, at the end of a tul."""
    return feet.moved(foot, feet.at(other(foot)))


def ends_at_start(end: Feet) -> bool:
    return end.middle.away_from(START.middle) <= NEAR + 1e-6


def _shape(stand: Stand) -> Shape:
    try:
        return SHAPES[stand.stance]
    except KeyError:
        raise Impossible(f"the floor does not know the stance {stand.stance}") from None


def _from_other_foot(foot: Foot, stand: Stand, shape: Shape) -> tuple[tuple[float, float], float]:
    """Heading and distance from the standing foot to `foot` in this stance."""
    ahead = HEADINGS[stand.facing]
    if shape.sideways:
        to_the_right = (ahead[1], -ahead[0])
        return to_the_right, shape.length if foot == "right" else -shape.length
    front = front_foot(stand)
    if shape.length and front is None:
        raise Impossible(f"{stand.stance} needs a side")
    return ahead, shape.length if foot == front else -shape.length


def _carried(feet: Feet, move: Move) -> Feet:
    """Both feet slide or jump: the body is carried along as it is."""
    if move.by is None or (move.to is None and move.by):
        raise Impossible("a slide or jump with both feet says where to and how far (to, by)")
    heading = HEADINGS[move.to] if move.to else (0, 0)
    return Feet(feet.left.plus(heading, move.by), feet.right.plus(heading, move.by))


def _landed(feet: Feet, stand: Stand, shape: Shape) -> Feet:
    """Both feet come down in the stance, around the spot where the body is."""
    heading, length = _from_other_foot("right", stand, shape)
    return Feet(left=feet.middle.plus(heading, -length / 2), right=feet.middle.plus(heading, length / 2))


def _checked(feet: Feet, foot: Foot, to: Point, move: Move) -> Feet:
    """The text says which way the foot travels; a step that goes the other way is wrong. Standing still is
    allowed: slipping from an L-stance into a fixed stance changes nothing on the line."""
    if move.to is not None:
        heading, before = HEADINGS[move.to], feet.at(foot)
        along = (to.x - before.x) * heading[0] + (to.y - before.y) * heading[1]
        if along < -1e-6:
            raise Impossible(f"the {foot} foot is said to move to {move.to} but ends {-along:.2f} the other way")
    return feet.moved(foot, to)
