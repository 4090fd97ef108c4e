"""A training plan as a timer runs it: one phase after the other, and in a tul a beat for every movement."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

READY = 5
"""Seconds to stand up before the first thing."""
LEAD = 3
"""Seconds between the signal and the first movement of a tul: the ready posture."""
CALM = 2.2
"""Seconds for a movement at the normal tempo where there is time enough; what is left at the end is for standing."""
FASTEST = 0.7
"""Seconds likewise, where there is too little time. What does not fit then is not counted."""
JOINED = 0.6
"""The part of its time that a movement takes which is on the count of the one before."""
TEMPI = {"normal": 1.0, "slow": 2.0, "fast": 0.55, "connecting": 0.8, "continuous": 0.8, "natural": 0.9}
"""How long a movement takes, as a part of a normal one; the same as in the step player of the tuls."""

ENOUGH = 0.8
"""Who has trained this part of a plan's time has done it."""


class Kind(StrEnum):
    READY = "ready"
    WORK = "work"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Item:
    """What is done in one go. `work` and `rest` in seconds; of a tul, for every step its tempo and whether it is on
    the count of the one before."""

    work: int
    rest: int
    steps: Sequence[tuple[str, bool]] = ()


@dataclass(frozen=True, slots=True)
class Block:
    rounds: int
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time. `at` is when it begins, in seconds from the start; `item` is the number of what is done or
    rested from (from 0, through all blocks), `block` that of its block; rounds count from 1. What is shown while one
    gets ready is the first item."""

    kind: Kind
    at: int
    seconds: int
    block: int
    item: int
    round: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Beat:
    """A movement of a tul: its number from 1, its tempo, and when it begins, in seconds from the start of the work."""

    at: float
    number: int
    tempo: str


def phases(blocks: Sequence[Block]) -> list[Phase]:
    """The plan from getting ready to the last work. Rests of no length, and the rest after the very last item, are
    none."""
    stretches = [(Kind.READY, READY, 0, 0, 1, blocks[0].rounds), *_stretches(blocks)] if blocks else []
    while stretches and stretches[-1][0] is Kind.REST:
        stretches.pop()
    found, at = [], 0
    for kind, seconds, *where in stretches:
        found.append(Phase(kind, at, seconds, *where))
        at += seconds
    return found


def _stretches(blocks: Sequence[Block]) -> Iterator[tuple[Kind, int, int, int, int, int]]:
    first = 0
    for number, block in enumerate(blocks):
        for turn in range(1, block.rounds + 1):
            for item, each in enumerate(block.items, start=first):
                for kind, seconds in ((Kind.WORK, each.work), (Kind.REST, each.rest)):
                    if seconds:
                        yield kind, seconds, number, item, turn, block.rounds
        first += len(block.items)


@dataclass(frozen=True, slots=True)
class Go:
    """A line of the plan on paper: a work phase and the rest after it, in seconds."""

    phase: Phase
    rest: int


def goes(run: Sequence[Phase]) -> list[Go]:
    after: Iterable[tuple[Phase, Phase | None]] = [*pairwise(run), *((each, None) for each in run[-1:])]
    return [
        Go(phase, following.seconds if following and following.kind is Kind.REST else 0)
        for phase, following in after
        if phase.kind is Kind.WORK
    ]


def length(run: Sequence[Phase]) -> int:
    """Seconds of all phases together."""
    return run[-1].at + run[-1].seconds if run else 0


def beats(item: Item) -> list[Beat]:
    """When each movement of a tul begins, evenly by its tempo; at a calm pace, or quicker so that it fits the work."""
    weights = [TEMPI[tempo] * (JOINED if is_joined else 1) for tempo, is_joined in item.steps]
    if not weights:
        return []
    pace = min(CALM, max(FASTEST, (item.work - LEAD) / sum(weights)))
    found, at = [], float(LEAD)
    for number, ((tempo, _), weight) in enumerate(zip(item.steps, weights, strict=True), start=1):
        if at < item.work:
            found.append(Beat(round(at, 2), number, tempo))
        at += pace * weight
    return found


def clock(seconds: int) -> str:
    """1:05, or 1:02:05 from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def standing(*, seconds: int, of: int) -> tuple[str, int]:
    """The status and score of progress for so many seconds of a plan; both go up with the time."""
    share = min(1.0, seconds / of) if of else 1.0
    return ("done" if share >= ENOUGH else "in_progress"), round(100 * share)
