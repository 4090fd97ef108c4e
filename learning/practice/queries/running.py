"""A training plan, ready to be run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from learning.handbook import queries as handbook
from learning.practice.rules import timer


@dataclass(frozen=True)
class Line:
    """One go of the plan on paper, with what is done."""

    go: timer.Go
    item: handbook.NamedItem

    @property
    def at(self) -> str:
        return timer.clock(self.go.phase.at)


@dataclass(frozen=True)
class Run:
    """`items` are numbered through all blocks, as in the phases."""

    sheet: handbook.PlanSheet
    items: Sequence[handbook.NamedItem]
    phases: Sequence[timer.Phase]
    beats: Mapping[int, Sequence[timer.Beat]]

    @property
    def seconds(self) -> int:
        return timer.length(self.phases)

    @property
    def lines(self) -> list[Line]:
        return [Line(go, self.items[go.phase.item]) for go in timer.goes(self.phases)]

    def as_told(self) -> dict[str, Any]:
        """For the script of the page, as plain JSON."""
        beats = {str(item): [asdict(beat) for beat in every] for item, every in self.beats.items()}
        return {"phases": [asdict(each) for each in self.phases], "beats": beats, "seconds": self.seconds}


def plan_run(*, slug: str, viewer: Any, now: datetime) -> Run:
    """A plan that the viewer may see, in as many queries as its sheet and one more for the steps of its tuls.

    Raises ObjectDoesNotExist.
    """
    sheet = handbook.plan(slug=slug, viewer=viewer, now=now)
    steps = handbook.tempi(sheet=sheet)

    def timed(item: handbook.NamedItem) -> timer.Item:
        return timer.Item(item.row.work, item.row.rest, steps.get(item.tul.pk, ()) if item.tul else ())

    blocks = [timer.Block(block.rounds, [timed(item) for item in items]) for block, items in sheet.blocks]
    every = [item for _, items in sheet.blocks for item in items]
    beats = {number: timer.beats(timed(item)) for number, item in enumerate(every) if item.tul}
    return Run(sheet, every, timer.phases(blocks), {number: each for number, each in beats.items() if each})
