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


def picture(sheet: TulSheet) -> Picture | None:
    """None for a tul whose steps the handbook does not have yet."""
    if not sheet.steps:
        return None
    rows = [step.row for step in sheet.steps]
    stands = [floor.Stand(row.stance.slug, _foot(row.stance_side), row.facing) for row in rows]
    path = [floor.Feet(floor.Point(row.left_x, row.left_y), floor.Point(row.right_x, row.right_y)) for row in rows]
    drawn = diagram.draw(stands, path, ready=sheet.tul.ready.slug)
    frames = [{"step": 0, "tempo": "normal", "turn": "", "joined": False, **asdict(drawn.start)}]
    frames += [
        {"step": row.position, "tempo": row.tempo, "turn": row.turn, "joined": row.is_joined, **asdict(frame)}
        for row, frame in zip(rows, drawn.frames, strict=True)
    ]
    return Picture(drawn, frames)


def _foot(side: str) -> floor.Foot | None:
    return "left" if side == "left" else "right" if side == "right" else None
