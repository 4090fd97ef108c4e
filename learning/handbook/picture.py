"""From the rows of a tul to its picture and to the frames that the step player moves through."""

from dataclasses import asdict, dataclass
from typing import Any

from .queries import TulSheet
from .rules import diagram, floor


@dataclass(frozen=True)
class Picture:
    """The diagram, and what the player in the page needs of each step: soles, middle, tempo."""

    diagram: diagram.Diagram
    frames: list[dict[str, Any]]


@dataclass(frozen=True)
class Moment:
    """The floor after a movement: the soles, where they were before it (None before the first), and the way there."""

    drawn: diagram.Diagram
    now: diagram.Frame
    before: diagram.Frame | None
    path: str


def picture(sheet: TulSheet) -> Picture | None:
    """None for a tul whose steps the handbook does not have yet."""
    if not sheet.steps:
        return None
    drawn = _drawn(sheet)
    frames = [{"step": 0, "tempo": "normal", "turn": "", "joined": False, **asdict(drawn.start)}]
    frames += [
        {"step": row.position, "tempo": row.tempo, "turn": row.turn, "joined": row.is_joined, **asdict(frame)}
        for row, frame in zip((step.row for step in sheet.steps), drawn.frames, strict=True)
    ]
    return Picture(drawn, frames)


def moment(sheet: TulSheet, movement: int) -> Moment | None:
    """None for a movement that the tul does not have."""
    if not sheet.steps or movement > len(sheet.steps):
        return None
    drawn = _drawn(sheet)
    if not movement:
        return Moment(drawn, drawn.start, None, "")
    frames = [drawn.start, *drawn.frames]
    return Moment(drawn, frames[movement], frames[movement - 1], drawn.strokes[movement - 1].path)


def _drawn(sheet: TulSheet) -> diagram.Diagram:
    rows = [step.row for step in sheet.steps]
    stands = [floor.Stand(row.stance.slug, _foot(row.stance_side), row.facing) for row in rows]
    path = [floor.Feet(floor.Point(row.left_x, row.left_y), floor.Point(row.right_x, row.right_y)) for row in rows]
    return diagram.draw(stands, path, ready=sheet.tul.ready.slug)


def _foot(side: str) -> floor.Foot | None:
    return "left" if side == "left" else "right" if side == "right" else None
