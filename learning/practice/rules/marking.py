"""Whether an answer is right. What is given depends on the kind of question:

single, multiple: numbers of options; order: all of them in the order that is meant; match: pairs of the number of an
option and that of its partner; type: what was typed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .quizzes import Choice, Frozen, Text

LONGEST = 120
"""Letters of a typed answer."""

SameWord = Callable[[str, Sequence[str]], bool]
"""Whether what was typed is one of the accepted words, however it is spelled."""


class Flaw(StrEnum):
    """Why something is no answer at all."""

    NOTHING = "nothing"
    NOT_ONE = "not_one"
    NOT_ALL = "not_all"
    TWICE = "twice"
    UNKNOWN = "unknown_option"
    TOO_LONG = "too_long"
    SHAPE = "wrong_shape"


def flaw(question: Frozen, given: Any) -> Flaw | None:
    """What keeps this from being an answer to this question; None when it can be marked."""
    match question.kind:
        case "type":
            return _flaw_of_words(given)
        case "match":
            return _flaw_of_pairs(question, given)
        case _:
            return _flaw_of_numbers(question, given)


def is_right(question: Frozen, given: Any, *, same_word: SameWord) -> bool:
    """Whether the answer is right, all of it. Only for what has no flaw.

    Two options that read the same are the same: whichever of them is put first or matched is right.
    """
    match question.kind:
        case "single" | "multiple":
            return sorted(given) == sorted(question.right)
        case "order":
            return [question.option(each) for each in given] == [question.option(each) for each in question.right]
        case "match":
            return _read(question, given) == _read(question, question.right)
        case _:
            return same_word(given, list(question.right))


def _read(question: Frozen, pairs: Sequence[Sequence[int]]) -> list[tuple[int, Any]]:
    return sorted((option, sorted(question.partner(partner).items())) for option, partner in pairs)


def _flaw_of_words(given: Any) -> Flaw | None:
    if not isinstance(given, str):
        return Flaw.SHAPE
    if len(given) > LONGEST:
        return Flaw.TOO_LONG
    if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in given):  # PostgreSQL keeps neither
        return Flaw.SHAPE
    return None if given.strip() else Flaw.NOTHING


def _flaw_of_numbers(question: Frozen, given: Any) -> Flaw | None:
    if not isinstance(given, list) or not all(_is_number(each) for each in given):
        return Flaw.SHAPE
    if not given:
        return Flaw.NOTHING
    if any(not 1 <= each <= len(question.options) for each in given):
        return Flaw.UNKNOWN
    if len(set(given)) < len(given):
        return Flaw.TWICE
    if question.kind == "single" and len(given) > 1:
        return Flaw.NOT_ONE
    return Flaw.NOT_ALL if question.kind == "order" and len(given) < len(question.options) else None


def _flaw_of_pairs(question: Frozen, given: Any) -> Flaw | None:
    if not isinstance(given, list) or not all(_is_pair(each) for each in given):
        return Flaw.SHAPE
    if not given:
        return Flaw.NOTHING
    options, partners = [each[0] for each in given], [each[1] for each in given]
    here = range(1, len(question.options) + 1)
    if any(each not in here for each in [*options, *partners]):
        return Flaw.UNKNOWN
    if len(set(options)) < len(options) or len(set(partners)) < len(partners):
        return Flaw.TWICE
    return Flaw.NOT_ALL if len(given) < len(question.options) else None


def _is_pair(each: Any) -> bool:
    return isinstance(each, list | tuple) and len(each) == 2 and all(_is_number(part) for part in each)


def _is_number(each: Any) -> bool:
    return isinstance(each, int) and not isinstance(each, bool)


@dataclass(frozen=True)
class Line:
    """One line of an answer that was marked.

    Of a choice: an option, whether it is right, and whether it was chosen. Of an order: what belongs at this place,
    and what was put there. Of a match: an option with its partner, and the one that it was matched with. Of a typed
    answer: what would have been right, and what was typed.
    """

    text: Text
    is_right: bool
    is_chosen: bool = False
    partner: Text | None = None
    given: Text | None = None


def told(question: Frozen, given: Any) -> list[Line]:
    """What is right beside what was given."""
    match question.kind:
        case "single" | "multiple":
            return [Line(each.text, each.number in question.right, each.number in given) for each in question.options]
        case "order":
            pairs = [(question.option(a), question.option(b)) for a, b in zip(question.right, given, strict=True)]
            return [Line(right, right == put, given=put) for right, put in pairs]
        case "match":
            meant, matched = dict(question.right), dict(given)
            return [_matched(question, each, meant[each.number], matched[each.number]) for each in question.options]
        case _:
            return [Line(_spoken(question.right[0]), is_right=False, given=_spoken(given))]


def _matched(question: Frozen, option: Choice, meant: int, given: int) -> Line:
    right, put = question.partner(meant), question.partner(given)
    return Line(option.text, right == put, partner=right, given=put)


def _spoken(word: str) -> Text:
    """A word that is the same in every language."""
    return dict.fromkeys(("en", "pl", "ko"), word)
