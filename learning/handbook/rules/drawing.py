"""Drawing questions by chance out of the whole bank."""

from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import NamedTuple


class Candidate(NamedTuple):
    id: int
    slug: str
    about: str


def drawn(
    bank: Sequence[Candidate], *, n: int, weights: Mapping[str, float], roll: Callable[[], float]
) -> list[Candidate]:
    """At most `n` of the bank, each as likely as its weight (by slug; 1 without one), in an order by chance.

    Not two about the same word or technique, since one would give the other away; only a bank that has too few
    others gives such ones too. `roll` gives numbers from 0 up to but not including 1. (Every candidate waits for an
    exponential time, and the first ones are drawn: Efraimidis and Spirakis, Weighted random sampling, 2006.)
    """
    waits = [(-log(1 - roll()) / weights.get(each.slug, 1), each) for each in bank]
    chosen: list[Candidate] = []
    doubles: list[Candidate] = []
    seen: set[str] = set()
    for _, each in sorted(waits):
        if _gives_away(each) and each.about in seen:
            doubles.append(each)
            continue
        seen.add(each.about)
        chosen.append(each)
    return [*chosen, *doubles][:n]


def _gives_away(candidate: Candidate) -> bool:
    return candidate.about.startswith(("term:", "technique:"))
