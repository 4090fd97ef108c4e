"""The letters on paper: which face has a glyph, and text as markup that names the face where it changes.

No open face that is small enough to ship has Polish, all Hangul and Hanja, so a run of text may need several.
"""

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, cast

from django.utils.html import escape
from django.utils.translation import get_language
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

from project.foundation.http.templatetags.house import said_in
from project.foundation.texts import in_language

from .marks import INK

SANS, SERIF, MYEONGJO, HANJA = "Pretendard", "NotoSerif", "NanumMyeongjo", "NotoSansKR-Hanja"
NEXT_BEST = {SANS: (SANS, SERIF, HANJA), SERIF: (SERIF, MYEONGJO, SANS, HANJA), MYEONGJO: (MYEONGJO, SANS, HANJA)}
"""For each face that text is set in: the faces that are asked for a letter, in this order."""

_FOLDER = Path(__file__).parent / "fonts"
_FILES = {face: face if face == HANJA else f"{face}-Regular" for face in (SANS, SERIF, MYEONGJO, HANJA)}


def letters(face: str) -> frozenset[int]:
    """The code points that a face has glyphs for. The first to ask has its file read and handed to ReportLab."""
    with _ONE_READER:  # a face that is handed over again would be another in the middle of somebody's sheet
        return _read(face)


_ONE_READER = Lock()


@cache
def _read(face: str) -> frozenset[int]:
    font = TTFont(face, str(_FOLDER / f"{_FILES[face]}.ttf"))
    pdfmetrics.registerFont(font)
    return frozenset(cast("Any", font.face).charToGlyph)


def set_in(face: str, text: str) -> str:
    """`text` as markup of a Paragraph whose own face is `face`; a letter that no face has becomes a box in it."""
    runs = groupby(text, lambda letter: _face_of(letter, face))
    return "".join(
        escape(run) if chosen == face else f'<font name="{chosen}">{escape(run)}</font>'
        for chosen, run in ((chosen, "".join(each)) for chosen, each in runs)
    )


def style(face: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"{face} {size} {more}", fontName=face, fontSize=size, leading=leading, **{"textColor": INK} | more
    )


def says(text: str, look: ParagraphStyle) -> Paragraph:
    return Paragraph(set_in(look.fontName, text), look)


def words(text: Mapping[str, str] | None) -> str:
    """A text in the reader's language; a fallback says in brackets which language it is in. Empty without a text."""
    found = in_language(text, get_language() or "en")
    if found is None:
        return ""
    return f"{found.text} ({said_in(found)})" if found.is_fallback else found.text


def _face_of(letter: str, face: str) -> str:
    return next((each for each in NEXT_BEST[face] if ord(letter) in letters(each)), face)
