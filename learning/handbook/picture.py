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
    stands = [
        floor.Stand(sheet.named[step.stance_id].slug, _foot(step.stance_side), step.facing) for step in sheet.steps
    ]
    path = [
        floor.Feet(floor.Point(step.left_x, step.left_y), floor.Point(step.right_x, step.right_y))
        for step in sheet.steps
    ]
    drawn = diagram.draw(stands, path, ready=sheet.ready.slug if sheet.ready else "narani-junbi-sogi")
    frames = [{"step": 0, "tempo": "normal", "turn": "", **asdict(drawn.start)}]
    frames += [
        {"step": step.position, "tempo": step.tempo, "turn": step.turn, **asdict(frame)}
        for step, frame in zip(sheet.steps, drawn.frames, strict=True)
    ]
    return Picture(drawn, frames)


def _foot(side: str) -> floor.Foot | None:
    return "left" if side == "left" else "right" if side == "right" else None
