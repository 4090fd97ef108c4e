"""Belts: a number, 10 = 10th kup … 1 = 1st kup, 0 = 1st dan, -1 = 2nd dan … -8 = 9th dan.

A kup belt is a colour with, on every second grade, a tag in the next colour: a 7th kup wears
yellow with a green tag.
"""

from dataclasses import dataclass
from typing import Literal

Colour = Literal["white", "yellow", "green", "blue", "red", "black"]

LOWEST, FIRST_DAN, HIGHEST = 10, 0, -8
_KUP_COLOURS: dict[int, tuple[Colour, Colour | None]] = {
    10: ("white", None),
    9: ("white", "yellow"),
    8: ("yellow", None),
    7: ("yellow", "green"),
    6: ("green", None),
    5: ("green", "blue"),
    4: ("blue", None),
    3: ("blue", "red"),
    2: ("red", None),
    1: ("red", "black"),
}


@dataclass(frozen=True)
class Belt:
    number: int

    def __post_init__(self) -> None:
        if not HIGHEST <= self.number <= LOWEST:
            raise ValueError(f"there is no belt {self.number}")

    @property
    def kup(self) -> int | None:
        return self.number if self.number > FIRST_DAN else None

    @property
    def dan(self) -> int | None:
        return None if self.kup else 1 - self.number

    @property
    def colour(self) -> Colour:
        return _KUP_COLOURS[self.number][0] if self.kup else "black"

    @property
    def tag(self) -> Colour | None:
        return _KUP_COLOURS[self.number][1] if self.kup else None
