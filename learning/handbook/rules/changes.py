"""What differs between two entries, field by field and word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from pydantic import BaseModel

How = Literal["same", "gone", "new"]
Where = tuple[str | int, ...]

MOST_WORDS = 1500
"""Words or lines on one side up to which texts are compared piece by piece: the time grows with their square."""

_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Piece:
    text: str
    how: How


@dataclass(frozen=True)
class Change:
    """One thing that differs. `path` leads to it: names of fields, numbers of items (from 1), keys of steps.

    `before` and `after` are the values, None where there is none; `pieces` are the same as texts.
    """

    path: Where
    before: Any
    after: Any
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Changes:
    """`same` is how many of the entry's fields are left out because nothing in them differs."""

    changed: Sequence[Change]
    same: int

    def __bool__(self) -> bool:
        return bool(self.changed)


def changes(before: BaseModel, after: BaseModel) -> Changes:
    """What makes two entries of one shape differ; empty exactly when they say the same (entries.same)."""
    fields = [(name, list(_compared((name,), _plain(before, name), _plain(after, name)))) for name in _fields(after)]
    return Changes([change for _, found in fields for change in found], sum(not found for _, found in fields))


def words(before: str, after: str) -> list[Piece]:
    """Two texts in pieces: same and gone make the one, same and new make the other. Lines first, then words."""
    pieces: list[Piece] = []
    one, other = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if max(len(one), len(other)) > MOST_WORDS:
        return _joined([Piece(before, "gone"), Piece(after, "new")])
    for how, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        gone, new = "".join(one[a:b]), "".join(other[c:d])
        pieces += [Piece(gone, "same")] if how == "equal" else _within(gone, new)
    return _joined(pieces)


def _within(before: str, after: str) -> Iterator[Piece]:
    one, other = _WORD.findall(before), _WORD.findall(after)
    if max(len(one), len(other)) > MOST_WORDS:
        yield from (Piece(before, "gone"), Piece(after, "new"))
        return
    for how, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if how == "equal":
            yield Piece("".join(one[a:b]), "same")
        else:
            yield Piece("".join(one[a:b]), "gone")
            yield Piece("".join(other[c:d]), "new")


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Without empty pieces, and with neighbours of one kind in one: "gone" before "new" between two "same"."""
    found: list[Piece] = []
    run: dict[How, str] = {"gone": "", "new": ""}

    def close() -> None:
        found.extend(Piece(text, how) for how, text in run.items() if text)
        run["gone"] = run["new"] = ""

    for piece in pieces:
        if piece.how != "same":
            run[piece.how] += piece.text
        elif piece.text:
            close()
            joins = found and found[-1].how == "same"
            found[-1:] = [Piece(found[-1].text + piece.text, "same")] if joins else [*found[-1:], piece]
    close()
    return found


def _fields(entry: BaseModel) -> list[str]:
    return list(type(entry).model_fields)


def _plain(entry: BaseModel, name: str) -> Any:
    return entry.model_dump(mode="json", include={name}, exclude_none=True).get(name)


def _compared(path: Where, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    one, other = before or None, after or None
    if isinstance(one, dict | None) and isinstance(other, dict | None) and (one or other):
        names = list(dict.fromkeys([*(other or {}), *(one or {})]))
        for name in names:
            yield from _compared((*path, name), (one or {}).get(name), (other or {}).get(name))
    elif isinstance(one, list | None) and isinstance(other, list | None) and (one or other):
        yield from _lists(path, one or [], other or [])
    else:
        yield Change(path, before, after, words(_text(before), _text(after)))


def _lists(path: Where, before: list[Any], after: list[Any]) -> Iterator[Change]:
    items = [*before, *after]
    if all(isinstance(item, dict) and "key" in item for item in items):
        yield from _keyed(path, before, after)
    elif all(isinstance(item, dict) for item in items) and path[-1] != "moves":
        yield from _aligned(path, before, after)
    else:
        pieces = words(*("".join(f"{_text(item)}\n" for item in each) for each in (before, after)))
        yield Change(path, before, after, pieces)


def _aligned(path: Where, before: list[Any], after: list[Any]) -> Iterator[Change]:
    """Items without a name of their own: those that stay find each other, what lies between is paired in order."""
    one, other = ([repr(item) for item in each] for each in (before, after))
    for how, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        for place in range(max(b - a, d - c) if how != "equal" else 0):
            old = before[a + place] if a + place < b else None
            new = after[c + place] if c + place < d else None
            number = a + place + 1 if new is None else c + place + 1
            yield from _compared((*path, number), old, new)


def _keyed(path: Where, before: list[Any], after: list[Any]) -> Iterator[Change]:
    """Steps are known by their keys, wherever they stand; one that stands elsewhere than its neighbours has moved."""
    one, other = ({item["key"]: item for item in each} for each in (before, after))
    common = [key for key in one if key in other], [key for key in other if key in one]
    stay = SequenceMatcher(None, *common, autojunk=False).get_matching_blocks()
    settled = {key for block in stay for key in common[0][block.a : block.a + block.size]}
    for key in [*other, *(key for key in one if key not in other)]:
        if key in one and key in other and key not in settled:
            places = list(one).index(key) + 1, list(other).index(key) + 1
            yield Change((*path, key, "place"), *places, words(*map(str, places)))
        old, new = ({k: v for k, v in each.get(key, {}).items() if k != "key"} for each in (one, other))
        yield from _compared((*path, key), old, new)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{name}: {_text(each)}" for name, each in value.items())
        case list():
            return "; ".join(map(_text, value))
        case _:
            return str(value)
