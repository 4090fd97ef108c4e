"""From Anki's templates and HTML to plain words: what stands on the front of a card, and what is its answer."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape

import nh3

LONGEST_TEXT = 4_000
"""Characters of one side of a card."""
LONGEST_HTML = 200_000
"""Characters of one side, or of a field, before it is made plain: pictures may be written into it."""
_MOST_ELEMENTS = 1_000
"""Of one side. HTML that is never closed takes a time that grows with the square of them."""
_LONGEST_TEMPLATE = 100_000
_MOST_TAGS = 500
"""Of one template."""
_DEEPEST = 20
"""Gaps within gaps."""

_TAG = re.compile(r"\{\{([^{}]*)\}\}")
_ANSWER = re.compile(r"<hr[^<>]{0,200}\bid=[\"']?answer\b[^<>]{0,200}>", re.IGNORECASE)
_GAP = re.compile(r"\{\{c([\d,]{1,30})::|\}\}|::")
_OCCLUSION = re.compile(r"\{\{c[\d,]{1,30}::image-occlusion:")
_SPOKEN = re.compile(r"\[(?:sound|anki):[^\[\]\n]*\]")
_NOT_WORDS = {"Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID", "FrontSide"}
"""What Anki itself can put into a card. The front is not repeated in an answer."""
_FILTERS_OF_SPEECH = ("tts", "tts-voices")

_PICTURES = {"img", "svg", "video", "audio", "object", "iframe", "canvas"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "figcaption", "figure",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr",
    "ul",
}  # fmt: skip
_CELLS = {"td", "th"}
_UNSEEN = {"script", "style", "template", "title", "noscript", "textarea", "select"}
_PICTURE = re.compile(f"<(?:{'|'.join(sorted(_PICTURES))})>")
_ELEMENT = re.compile(r"</?([a-z0-9]+)>")
_cleaner = nh3.Cleaner(
    tags=_BLOCKS | _CELLS | _PICTURES, attributes={"*": set()}, clean_content_tags=_UNSEEN, link_rel=None
)
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class NoTemplate(Exception):
    """A template that Anki itself would not understand, or that is too long."""


@dataclass(frozen=True)
class Template:
    """Both sides in Anki's language of templates."""

    front: str
    back: str

    @cached_property
    def question(self) -> tuple[str, ...]:
        """Text and tags by turns. Raises NoTemplate, as the next ones."""
        return _split(self.front)

    @cached_property
    def answer(self) -> tuple[str, ...]:
        """Without the front, where it says where the answer begins."""
        beginning = _ANSWER.search(self.back)
        return _split(self.back[beginning.end() :]) if beginning else self.whole

    @cached_property
    def whole(self) -> tuple[str, ...]:
        return _split(self.back)


@dataclass(frozen=True, slots=True)
class Plain:
    """The words of one side, how much was taken out of it, whether it was longer than LONGEST_TEXT, and how many
    characters of HTML it was."""

    text: str
    sounds: int = 0
    pictures: int = 0
    is_cut: bool = False
    size: int = 0


def front(template: Template, fields: Mapping[str, str], *, gap: int | None) -> Plain:
    """`gap` is the number of the gap that this card asks for, None for notes without gaps. Raises NoTemplate."""
    return plain(_rendered(template.question, fields, gap=gap, is_answer=False))


def back(template: Template, fields: Mapping[str, str], *, gap: int | None) -> Plain:
    """As front, filled; the whole of it when nothing stands below the line. Raises NoTemplate."""
    answer = plain(_rendered(template.answer, fields, gap=gap, is_answer=True))
    return answer if answer.text else plain(_rendered(template.whole, fields, gap=gap, is_answer=True))


def is_occlusion(field: str) -> bool:
    """A picture of which parts are hidden."""
    return _OCCLUSION.search(field) is not None


# --- Templates ------------------------------------------------------------------------------------


def _split(template: str) -> tuple[str, ...]:
    if len(template) > _LONGEST_TEMPLATE or "{{=" in template:
        raise NoTemplate
    kept, at = [], 0
    while (begin := template.find("<!--", at)) >= 0 and (end := template.find("-->", begin)) >= 0:
        kept.append(template[at:begin])
        at = end + 3
    pieces = tuple(_TAG.split("".join(kept) + template[at:]))
    if len(pieces) > 2 * _MOST_TAGS:
        raise NoTemplate
    return pieces


def _rendered(template: tuple[str, ...], fields: Mapping[str, str], *, gap: int | None, is_answer: bool) -> str:
    written: list[str] = []
    length = 0
    for piece in _pieces(template, fields, gap=gap, is_answer=is_answer):
        written.append(piece)
        length += len(piece)
        if length > LONGEST_HTML:
            break
    return "".join(written)


def _pieces(template: tuple[str, ...], fields: Mapping[str, str], *, gap: int | None, is_answer: bool) -> Iterator[str]:
    """Sections that are open: their names; `hidden` of them, counted from the first one that does not hold."""
    sections: list[str] = []
    hidden = 0
    for place, piece in enumerate(template):
        if place % 2 == 0:
            if not hidden:
                yield piece
        elif piece[:1] in {"#", "^"}:
            name = piece[1:].strip()
            sections.append(name)
            holds = _holds(name, fields, gap=gap) is (piece[0] == "#")
            hidden += bool(hidden) or not holds
        elif piece[:1] == "/":
            if not sections or sections.pop() != piece[1:].strip():
                raise NoTemplate
            hidden -= bool(hidden)
        elif not hidden:
            yield _field(piece, fields, gap=gap, is_answer=is_answer)
    if sections:
        raise NoTemplate


def _holds(name: str, fields: Mapping[str, str], *, gap: int | None) -> bool:
    if re.fullmatch(r"c\d{1,5}", name):
        return gap == int(name[1:])
    if name in _NOT_WORDS:
        return False
    if name not in fields:
        raise NoTemplate
    return bool(re.sub(r"(?i)<br ?/?>|</?div ?/?>|&nbsp;|\s", "", fields[name]))


def _field(piece: str, fields: Mapping[str, str], *, gap: int | None, is_answer: bool) -> str:
    *filters, name = (part.strip() for part in piece.split(":"))
    if name in _NOT_WORDS or any(each.startswith(_FILTERS_OF_SPEECH) for each in filters):
        return ""
    if name not in fields:
        raise NoTemplate
    if not is_answer and ("hint" in filters or "type" in filters):
        return ""  # what is shown when asked for, and where it is typed
    if "cloze" in filters:
        return with_gap(fields[name], gap or 0, is_answer=is_answer)
    return fields[name]


def with_gap(field: str, gap: int, *, is_answer: bool) -> str:
    """ "the {{c1::foot::where?}}" with its gap as "[where?]" or filled; nothing if there is no such gap."""
    written: list[list[str]] = [[]]  # one list for each open gap, and the first for what is outside
    open_gaps: list[tuple[bool, list[str]]] = []  # whether it is asked for, its hint
    is_hinting = [False]
    is_found = False
    at = 0
    for token in _GAP.finditer(field):
        text, at = field[at : token.start()], token.end()
        _say(text, written, open_gaps, is_hinting)
        if token[1] is not None:
            if len(open_gaps) == _DEEPEST:
                raise NoTemplate
            is_asked = str(gap) in token[1].split(",")
            is_found |= is_asked
            open_gaps.append((is_asked, []))
            written.append([])
            is_hinting.append(False)
        elif not open_gaps or (token[0] == "::" and is_hinting[-1]):
            _say(token[0], written, open_gaps, is_hinting)
        elif token[0] == "::":
            is_hinting[-1] = True
        else:
            is_asked, hint = open_gaps.pop()
            is_hinting.pop()
            filled = "".join(written.pop())
            shown = filled if is_answer or not is_asked else f"[{''.join(hint) or '...'}]"
            _say(shown, written, open_gaps, is_hinting)
    _say(field[at:], written, open_gaps, is_hinting)
    return "".join(piece for each in written for piece in each) if is_found else ""


def _say(text: str, written: list[list[str]], open_gaps: list[tuple[bool, list[str]]], is_hinting: list[bool]) -> None:
    (open_gaps[-1][1] if is_hinting[-1] else written[-1]).append(text)


# --- HTML -----------------------------------------------------------------------------------------


def plain(html: str) -> Plain:
    """The words of HTML, in lines. Pictures and sounds are counted and taken out."""
    size = len(html)
    kept = "<".join(html[:LONGEST_HTML].split("<", _MOST_ELEMENTS)[:_MOST_ELEMENTS])
    is_cut = len(kept) < size or size >= LONGEST_HTML
    html, sounds = _SPOKEN.subn("", kept)
    pictures = 0
    if "<" in html or "&" in html:
        safe = _cleaner.clean(html)
        pictures = len(_PICTURE.findall(safe))
        html = unescape(_ELEMENT.sub(_space, safe))
    text = words(html)
    return Plain(text[:LONGEST_TEXT].rstrip(), sounds, pictures, is_cut or len(text) > LONGEST_TEXT, size)


def _space(element: re.Match[str]) -> str:
    return "\n" if element[1] in _BLOCKS else " "


def words(text: str) -> str:
    """Lines without spaces at their ends, no empty ones, nothing that a database or a page could not hold."""
    clean = _UNWANTED.sub("", unicodedata.normalize("NFC", text))
    lines = (" ".join(line.split()) for line in clean.split("\n"))
    return "\n".join(line for line in lines if line)
