"""What a question that was made from the handbook (rules/bank.py) asks for, where that is one word or one movement."""

from collections.abc import Mapping
from typing import NamedTuple

_DIRECTIONS: Mapping[str, str] = {"means": "meaning", "called": "korean", "written": "korean"}


class Asked(NamedTuple):
    """A word or technique, asked in a direction (meaning or korean), or the movement of a tul with this number."""

    kind: str
    slug: str
    direction: str = ""
    movement: int = 0


def asked(*, slug: str, about: str) -> Asked | None:
    """What the question of this slug, about `about` (kind:slug), asks for; None where it is several things, a stance
    or a place on the floor, and where somebody wrote it.
    """
    way, _, rest = slug.partition("-")
    kind, _, name = about.partition(":")
    if way in _DIRECTIONS and kind in {"term", "technique"} and rest == f"{kind}-{name}":
        return Asked(kind, name, _DIRECTIONS[way])
    number = rest.removeprefix(f"{name}-")
    if way == "next" and kind == "tul" and number != rest and number.isdecimal():
        return Asked(kind, name, movement=int(number) + 1)
    return None
