"""Which of the found is the best answer, and which part of it was meant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .spelling import sound, words

EXACT, SOUNDS_EXACT, BEGINS, SOUNDS_BEGUN, HAS_WORDS, SOUNDS_WORDS, ELSEWHERE = range(7)
"""How near a name is to what was typed, nearest first."""

KINDS = ("technique", "tul", "term", "article")
"""Of two equally near, the one that stands earlier here comes first."""


def nearness(typed: Sequence[str], spellings: Sequence[str]) -> tuple[int, int]:
    """How near the nearest spelling is, then how long it is: of two that begin alike the shorter is meant."""
    joined = "".join(typed)
    heard = [sound(word) for word in typed]
    near = (_near(each, typed, joined, heard, sound(joined)) for each in spellings)
    return min(near, default=(ELSEWHERE, 0))


def _near(spelling: str, typed: Sequence[str], joined: str, heard: Sequence[str], heard_joined: str) -> tuple[int, int]:
    is_sound = spelling.startswith("=")
    name = spelling[1:] if is_sound else spelling
    wanted, parts = (heard_joined, heard) if is_sound else (joined, typed)
    together = name.replace(" ", "")
    if not wanted:
        step = ELSEWHERE
    elif together == wanted:
        step = EXACT
    elif together.startswith(wanted):
        step = BEGINS
    elif all(any(_holds(word, part) for word in name.split()) for part in parts if part):
        step = HAS_WORDS
    else:
        step = ELSEWHERE
    return (ELSEWHERE, 0) if step == ELSEWHERE else (step + is_sound, len(name))


def _holds(word: str, part: str) -> bool:
    """Korean joins words: 차기 is as much a word of 앞차기 as kick is one of front kick."""
    return word.startswith(part) or (not part.isascii() and part in word)


@dataclass(frozen=True)
class Piece:
    """A part of a text; `is_meant` when it is what the query was about."""

    text: str
    is_meant: bool


_WORD_OR_GAP = re.compile(r"[^\W_]+|[\W_]+")


def marked(text: str, typed: Sequence[str]) -> list[Piece]:
    """The text in pieces, with the words that answer the query marked. All pieces together are the text."""
    heard = {sound(word) for word in typed if len(word) > 2} - {""}
    pieces: list[Piece] = []
    for part in _WORD_OR_GAP.findall(text):
        meant = _meant(part, typed, heard)
        cut = next((len(each) for each in typed if len(each) < len(part) and meant and _begins(part, each)), len(part))
        pieces += (
            [Piece(part[:cut], meant), Piece(part[cut:], is_meant=False)] if cut < len(part) else [Piece(part, meant)]
        )
    return pieces


def _begins(part: str, word: str) -> bool:
    return part[: len(word)].isascii() and part.casefold().startswith(word)


def _meant(part: str, typed: Sequence[str], heard: set[str]) -> bool:
    return any(
        any(word.startswith(each) for each in typed) or sound(word) in heard
        for start in range(len(part) if "가" <= part[0] <= "힣" else 1)
        for word in words(part[start:])
    )


def excerpt(text: str, typed: Sequence[str], *, around: int = 90) -> str:
    """The part of a long text where the query is first met, about `around` letters to each side; else its beginning."""
    heard = {sound(word) for word in typed if len(word) > 2} - {""}
    found = next((each for each in re.finditer(r"[^\W_]+", text) if _meant(each.group(), typed, heard)), None)
    at = found.start() if found else 0
    start = text.rfind(" ", 0, max(at - around, 0)) + 1 if at > around else 0
    end = text.find(" ", at + around) if at + around < len(text) else -1
    end = len(text) if end < 0 else end
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")
