"""The paper itself: A4, its margins, the styles of text, the foot of each page, and the way to bytes."""

from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table

from project.foundation.belts import Belt
from project.foundation.http import belt_names
from project.foundation.paper import faces
from project.foundation.paper.faces import MYEONGJO, NEXT_BEST, SANS, SERIF, letters, set_in, style
from project.foundation.paper.marks import FIRM, HAIRLINE, SOFT, BeltBar, draw_seal

SIDE, TOP, BOTTOM = 18 * mm, 16 * mm, 22 * mm
WIDTH = A4[0] - 2 * SIDE
ROW = 40 * mm
"""Room that a heading wants below itself, so that it never stands alone at the foot of a page."""

TITLE = style(SERIF, 28, 33)
QUESTION = style(SERIF, 21, 27)
HANGUL_TITLE = style(MYEONGJO, 29, 33, alignment=TA_RIGHT)
HEADING = style(SERIF, 13, 17)
LEAD = style(SANS, 10.5, 15.5)
TEXT = style(SANS, 9.2, 12.6)
QUIET = style(SANS, 8.2, 11, textColor=SOFT)
QUIET_RIGHT = style(SANS, 8.2, 11, textColor=SOFT, alignment=TA_RIGHT)
CAPTION = style(SANS, 8.2, 11, textColor=SOFT, alignment=TA_CENTER)
NUMBER = style(SERIF, 9.2, 12.6, textColor=SOFT)


def says(text: str, look: ParagraphStyle = TEXT) -> Paragraph:
    return faces.says(text, look)


def says_both(text: str, hangul: str, look: ParagraphStyle = TEXT) -> Paragraph:
    """A name and beside it, quieter, the Korean one, unless both are the same."""
    if text == hangul:
        return says(text, look)
    quiet = f'<font color="{SOFT.hexval().replace("0x", "#")}">{set_in(look.fontName, hangul)}</font>'
    return Paragraph(f"{set_in(look.fontName, text)} &nbsp;{quiet}", look)


def heading(text: str) -> list[Flowable]:
    return [CondPageBreak(ROW), Spacer(0, 6 * mm), says(text, HEADING), Spacer(0, 2 * mm)]


def headed(text: str, under: Sequence[Flowable]) -> list[Flowable]:
    """A short piece under its heading; nothing at all where there is nothing to say."""
    return [*heading(text), *under] if under else []


def worn(belt: Belt, *facts: str) -> Table:
    """The belt as a bar, its words beside it, and further facts in the same line."""
    said = " · ".join([belt_names.grade(belt), belt_names.colours(belt), *facts])
    table = Table([[BeltBar(belt), says(said)]], colWidths=[28 * mm, WIDTH - 28 * mm], hAlign="LEFT")
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *BARE])
    return table


BARE: list[Any] = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
LINED: list[Any] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-2, -1), 3 * mm),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1.2 * mm),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5 * mm),
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, HAIRLINE),
]
HEADED: list[Any] = [("LINEBELOW", (0, 0), (-1, 0), 0.6, FIRM)]


def lined(rows: list[list[Any]], widths: list[float], *, head: bool = False) -> Table:
    """Rows with a hairline below each. A row is never broken, so none may be higher than a page; a head is repeated
    on every page."""
    table = Table(rows, colWidths=widths, repeatRows=int(head), hAlign="LEFT")
    table.setStyle([*LINED, *(HEADED if head else [])])
    return table


def printed(story: Callable[[], list[Flowable]], *, title: str, version: int, day: date) -> bytes:
    """The PDF. `story` is asked twice, because what is laid out is used up and only then the pages are counted."""
    for face in NEXT_BEST:
        letters(face)
    pages = _laid_out(story(), BytesIO(), title=title, version=version, day=day, pages=0)
    file = BytesIO()
    _laid_out(story(), file, title=title, version=version, day=day, pages=pages)
    return file.getvalue()


def _laid_out(story: list[Flowable], file: BytesIO, *, title: str, version: int, day: date, pages: int) -> int:
    def on_the_day(*_clock: int) -> str:
        return f"D:{day:%Y%m%d}000000Z"  # without a clock in it the same sheet is the same file all day

    def foot(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setDateFormatter(on_the_day)
        said = [title, _("edition %(version)s") % {"version": version}, date_format(day, "DATE_FORMAT")]
        left = says("Dojang", style(SERIF, 8.2, 11))
        middle = says(" · ".join(said), QUIET)
        right = says(_("Page %(number)s of %(pages)s") % {"number": document.page, "pages": pages}, QUIET_RIGHT)
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(0.5)
        canvas.line(SIDE, 16.5 * mm, A4[0] - SIDE, 16.5 * mm)
        draw_seal(canvas, x=SIDE, y=9.6 * mm, size=4.6 * mm)
        for piece, x, width in ((left, 6.5, 16), (middle, 23, 115), (right, 134, 40)):
            piece.wrapOn(canvas, width * mm, 10 * mm)
            piece.drawOn(canvas, SIDE + x * mm, 10.3 * mm)

    frame = Frame(SIDE, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    document = BaseDocTemplate(
        file, pagesize=A4, pageTemplates=[PageTemplate(frames=[frame], onPage=foot)], title=title, author="Dojang",
        creator="Dojang", lang=get_language(), displayDocTitle=True, invariant=1,
    )  # fmt: skip
    document.build(story)
    return int(document.page)
