"""What is drawn on the sheets of the handbook and not written: a box to tick, the floor of a tul."""

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from project.foundation.belts import Belt
from project.foundation.paper.faces import SANS, SERIF, letters
from project.foundation.paper.marks import CLOTH, FIRM, INK, SOFT, draw_path

from ..rules.diagram import SOLES, Diagram, Label, Sole
from ..rules.floor import Foot

VEIL = Color(1, 1, 1, alpha=0.72)
BRUSHED = Color(*INK.rgb(), alpha=0.25)


class TickBox(Flowable):
    """An empty square for a pencil: what is learned is ticked on the wall."""

    def __init__(self) -> None:
        super().__init__()
        self.width = self.height = 2.9 * mm

    def draw(self) -> None:
        self.canv.setLineWidth(0.6)
        self.canv.setStrokeColor(SOFT)
        self.canv.roundRect(0, -0.4 * mm, self.width, self.height, 0.5 * mm, stroke=1, fill=0)


class Floor(Flowable):
    """The picture of a tul (rules/diagram.py) as large as `width` and `height` let it be, centred."""

    def __init__(self, diagram: Diagram, *, belt: Belt, width: float, height: float) -> None:
        super().__init__()
        self.diagram, self.belt = diagram, belt
        self.scale = min(width / diagram.width, height / diagram.height)
        self.width, self.height = width, diagram.height * self.scale

    def draw(self) -> None:
        canvas, diagram = self.canv, self.diagram
        canvas.saveState()
        canvas.translate((self.width - diagram.width * self.scale) / 2, self.height)
        canvas.scale(self.scale, -self.scale)  # the picture's y goes down
        canvas.translate(-diagram.left, -diagram.top)
        canvas.setLineWidth(0.5 / self.scale)
        canvas.setStrokeColor(FIRM)
        for line in diagram.lines:
            canvas.line(*line)
        canvas.setFillColor(BRUSHED)
        for stroke in diagram.strokes:
            draw_path(canvas, stroke.path)
        self._sole("left", diagram.start.left)
        self._sole("right", diagram.start.right)
        for letter in diagram.letters:
            self._write(letter, face=SERIF, size=13, colour=SOFT)
        for number in diagram.numbers:
            self._write(number, face=SANS, size=10, colour=INK)
        canvas.restoreState()

    def _write(self, label: Label, *, face: str, size: float, colour: Color) -> None:
        letters(face)
        self.canv.saveState()
        self.canv.translate(label.x, label.y)
        self.canv.scale(1, -1)
        width = stringWidth(label.text, face, size) + 4
        self.canv.setFillColor(VEIL)  # lets what is written stand out from lines and soles
        self.canv.roundRect(-width / 2, -0.5 * size, width, size, 0.3 * size, stroke=0, fill=1)
        self.canv.setFillColor(colour)
        self.canv.setFont(face, size)
        self.canv.drawCentredString(0, -0.36 * size, label.text)
        self.canv.restoreState()

    def _sole(self, foot: Foot, sole: Sole) -> None:
        self.canv.saveState()
        self.canv.translate(sole.x, sole.y)
        self.canv.rotate(sole.angle)  # clockwise, since y goes down here
        self.canv.setFillColor(CLOTH[self.belt.colour])
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(0.6 / self.scale)
        draw_path(self.canv, SOLES[foot], stroke=True)
        self.canv.restoreState()
