"""What is drawn on paper and not written: the colours of the house, its seal, a belt."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from django.conf import settings
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from project.foundation.belts import Belt

# static/css/tokens.css, for paper
INK, SOFT, SEAL, GOLD = HexColor("#171d26"), HexColor("#4f5660"), HexColor("#d33c33"), HexColor("#e4b750")
HAIRLINE = Color(*INK.rgb(), alpha=0.16)
FIRM = Color(*INK.rgb(), alpha=0.34)
CLOTH = {
    "white": HexColor("#f7f5f1"),
    "yellow": HexColor("#f3c530"),
    "green": HexColor("#26894c"),
    "blue": HexColor("#245bab"),
    "red": HexColor("#cc2827"),
    "black": HexColor("#090b0f"),
}


class BeltBar(Flowable):
    """A belt as a bar of cloth: its colour, its tag, and the gold lines of a dan."""

    def __init__(self, belt: Belt, *, width: float = 24 * mm, height: float = 4.6 * mm) -> None:
        super().__init__()
        self.belt, self.width, self.height = belt, width, height

    def draw(self) -> None:
        canvas = self.canv
        canvas.setLineWidth(0.5)
        canvas.setStrokeColor(FIRM)
        canvas.setFillColor(CLOTH[self.belt.colour])
        canvas.roundRect(0, 0, self.width, self.height, 0.7 * mm, stroke=1, fill=1)
        if self.belt.tag:
            canvas.setFillColor(CLOTH[self.belt.tag])
            canvas.rect(self.width - 5.4 * mm, 0, 3.4 * mm, self.height, stroke=1, fill=1)
        canvas.setFillColor(GOLD)
        for line in range(self.belt.dan or 0):
            canvas.rect(self.width - (2.4 + 1.1 * line) * mm, 0.15, 0.55 * mm, self.height - 0.3, stroke=0, fill=1)


def draw_seal(canvas: Canvas, *, x: float, y: float, size: float) -> None:
    """The mark of the house, its lower left corner at (x, y); the one red thing on a sheet."""
    canvas.saveState()
    canvas.translate(x, y + size)
    canvas.scale(size / 64, -size / 64)
    canvas.setFillColor(SEAL)
    draw_path(canvas, _seal(), rule="even-odd")
    canvas.restoreState()


@cache
def _seal() -> str:
    drawn = re.search(r'id="seal".*? d="([^"]+)"', Path(settings.BASE_DIR, "static", "seal.svg").read_text(), re.DOTALL)
    assert drawn
    return drawn[1]


def draw_path(
    canvas: Canvas, path: str, *, stroke: bool = False, rule: Literal["even-odd", "non-zero"] = "non-zero"
) -> None:
    """Fill an SVG path made of absolute M, L, Q, C and Z. An empty one draws nothing."""
    if not path:
        return
    drawn = canvas.beginPath()
    x = y = 0.0
    for command, numbers in _strokes(path):
        match command, numbers:
            case "M", [x, y]:
                drawn.moveTo(x, y)
            case "L", [x, y]:
                drawn.lineTo(x, y)
            case "Q", [cx, cy, to_x, to_y]:  # PDF knows cubic curves only
                first = (x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3)
                second = (to_x + 2 * (cx - to_x) / 3, to_y + 2 * (cy - to_y) / 3)
                drawn.curveTo(*first, *second, to_x, to_y)
                x, y = to_x, to_y
            case "C", [x1, y1, x2, y2, x, y]:
                drawn.curveTo(x1, y1, x2, y2, x, y)
            case _:
                drawn.close()
    canvas.drawPath(drawn, stroke=int(stroke), fill=1, fillMode=0 if rule == "even-odd" else 1)


_TAKES = {"M": 2, "L": 2, "Q": 4, "C": 6}


def _strokes(path: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; a command may go on with more numbers, and M then draws lines."""
    for command, rest in re.findall(r"([MLQCZ])([^MLQCZ]*)", path):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        if command == "Z":
            yield command, []
            continue
        for at in range(0, len(numbers), _TAKES[command]):
            yield ("L" if command == "M" and at else command), numbers[at : at + _TAKES[command]]
