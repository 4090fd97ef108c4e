"""The certificate of a belt as PDF, A4 across, in the language of the person who wears it.

The same award and language is always the same file, byte for byte.
"""

from datetime import UTC
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from accounts.models import BeltAward
from accounts.queries import Certificate
from project.foundation.belts import Belt
from project.foundation.http import belt_names
from project.foundation.paper.faces import MYEONGJO, NEXT_BEST, SANS, SERIF, letters, says, style
from project.foundation.paper.marks import FIRM, HAIRLINE, INK, SOFT, BeltBar, draw_seal

PAGE = landscape(A4)
MIDDLE = PAGE[0] / 2
EDGE = 11 * mm
SIDE = 26 * mm
WIDTH = PAGE[0] - 2 * SIDE
FOOT = 46 * mm
"""Upper edge of the last line: day, club, examiner, code."""

_CENTRED: dict[str, Any] = {"alignment": TA_CENTER}
HOUSE = style(SERIF, 13, 16, **_CENTRED)
TITLE = style(SERIF, 30, 36, **_CENTRED)
HANGUL = style(MYEONGJO, 21, 26, textColor=SOFT, **_CENTRED)
BELT = style(SERIF, 25, 31, **_CENTRED)
BELT_HANGUL = style(MYEONGJO, 19, 24, **_CENTRED)
QUIET = style(SANS, 9.5, 13, textColor=SOFT, **_CENTRED)
LABEL = style(SANS, 8, 11, textColor=SOFT)
FACT = style(SERIF, 13, 16.5)
CODE = style(SANS, 9.5, 12.5)
NAME_SIZES = (40, 33, 27, 22, 17)
"""Points; a longer name is written smaller until it fits into two lines."""


def certificate_address(award: BeltAward) -> str:
    """Where anybody sees whether a certificate is true; what its QR code holds."""
    return f"{settings.PUBLIC_URL}{reverse('certificate', args=[award.code])}"


def grouped(code: str) -> str:
    """Four letters at a time, as people read a code aloud."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def certificate(held: Certificate) -> bytes:
    """The PDF, in the person's language; whoever has chosen none reads English."""
    award = held.award
    for face in NEXT_BEST:
        letters(face)
    with translation.override(award.person.locale or "en"):
        file = BytesIO()
        canvas = Canvas(file, pagesize=PAGE, invariant=1, lang=translation.get_language())
        canvas.setDateFormatter(lambda *_clock: f"D:{award.created_at.astimezone(UTC):%Y%m%d%H%M%S}Z")
        canvas.setTitle(f"{_('Certificate')} · {award.person} · {belt_names.grade(Belt(award.belt))}")
        canvas.setAuthor("Dojang")
        canvas.setCreator("Dojang")
        canvas.setViewerPreference("DisplayDocTitle", "true")
        _frame(canvas)
        _head(canvas, award)
        _foot(canvas, held)
        canvas.save()
    return file.getvalue()


def _frame(canvas: Canvas) -> None:
    for inset, colour, line in ((EDGE, FIRM, 0.8), (EDGE + 2 * mm, HAIRLINE, 0.5)):
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(line)
        canvas.roundRect(inset, inset, PAGE[0] - 2 * inset, PAGE[1] - 2 * inset, 3 * mm, stroke=1, fill=0)


def _head(canvas: Canvas, award: BeltAward) -> None:
    """From the top down, centred: house, title, name, belt."""
    belt = Belt(award.belt)
    with translation.override("ko"):
        title_hangul, belt_hangul = _("Certificate"), belt_names.grade(belt)
    top = PAGE[1] - 25 * mm
    top = _say(canvas, "Dojang", HOUSE, top) - 6 * mm
    top = _say(canvas, _("Certificate"), TITLE, top)
    if title_hangul != _("Certificate"):
        top = _say(canvas, title_hangul, HANGUL, top)
    name = str(award.person)
    top = _say(canvas, name, _fitting(name), top - 10 * mm) - 10 * mm
    bar = BeltBar(belt, width=110 * mm, height=8 * mm)
    bar.drawOn(canvas, MIDDLE - bar.width / 2, top - bar.height)
    top = _say(canvas, belt_names.grade(belt), BELT, top - bar.height - 5 * mm)
    if belt_hangul != belt_names.grade(belt):
        top = _say(canvas, belt_hangul, BELT_HANGUL, top)
    _say(canvas, belt_names.colours(belt), QUIET, top - 1 * mm)


def _say(canvas: Canvas, text: str, look: ParagraphStyle, top: float) -> float:
    """One centred line, or two; gives where the next may begin."""
    piece = says(text, look)
    height = piece.wrapOn(canvas, WIDTH, PAGE[1])[1]
    piece.drawOn(canvas, SIDE, top - height)
    return top - height


def _fitting(name: str) -> ParagraphStyle:
    look = style(SERIF, NAME_SIZES[-1], NAME_SIZES[-1] * 1.2, **_CENTRED)
    for size in NAME_SIZES:
        look = style(SERIF, size, size * 1.2, **_CENTRED)
        if says(name, look).wrap(WIDTH, PAGE[1])[1] <= (1 if size == NAME_SIZES[0] else 2) * look.leading:
            break
    return look


def _foot(canvas: Canvas, held: Certificate) -> None:
    """Day and club on the left, the examiner's line with the seal in the middle, code and QR on the right."""
    award = held.award
    facts = [(_("Day"), date_format(award.awarded_on, "DATE_FORMAT")), (_("Club"), award.club_name)]
    top = FOOT
    for label, text in facts:
        top = _fact(canvas, label, text, x=SIDE, top=top, width=70 * mm) - 2.5 * mm
    canvas.setStrokeColor(FIRM)
    canvas.setLineWidth(0.6)
    canvas.line(MIDDLE - 32 * mm, 29 * mm, MIDDLE + 32 * mm, 29 * mm)
    draw_seal(canvas, x=MIDDLE - 8 * mm, y=31 * mm, size=16 * mm)
    signed = says(f"{_('Examiner')}: {held.examiner}" if held.examiner else _("Examiner"), QUIET)
    height = signed.wrapOn(canvas, 80 * mm, 20 * mm)[1]
    signed.drawOn(canvas, MIDDLE - 40 * mm, 27.5 * mm - height)
    _code(canvas, award)


def _fact(canvas: Canvas, label: str, text: str, *, x: float, top: float, width: float) -> float:
    if not text:
        return top
    for piece in (says(label, LABEL), says(text, FACT)):
        height = piece.wrapOn(canvas, width, 40 * mm)[1]
        top -= height
        piece.drawOn(canvas, x, top)
    return top


def _code(canvas: Canvas, award: BeltAward) -> None:
    size = 24 * mm
    right = PAGE[0] - SIDE
    _qr(canvas, certificate_address(award), x=right - size, y=FOOT - size, size=size)
    width = 56 * mm
    top = FOOT
    for text, look in (
        (_("Is it true? Scan the code or type it in:"), LABEL),
        (f"{settings.PUBLIC_URL}{reverse('certificates')}", LABEL),
        (grouped(award.code), CODE),
    ):
        piece = says(text, look)
        height = piece.wrapOn(canvas, width, 40 * mm)[1]
        top -= height + 1 * mm
        piece.drawOn(canvas, right - size - 4 * mm - width, top)


def _qr(canvas: Canvas, address: str, *, x: float, y: float, size: float) -> None:
    """The lower left corner is at (x, y); white around it is the paper."""
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    cell = size / len(rows)
    canvas.setFillColor(INK)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        for column, is_dark in enumerate(row):
            if is_dark:
                path.rect(x + column * cell, y + size - (number + 1) * cell, cell, cell)
    canvas.drawPath(path, stroke=0, fill=1)
