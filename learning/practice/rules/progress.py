"""How far somebody is with something, told by several devices in any order and any number of times."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .clocks import EARLIEST, NoSuchTime, corrected

DETAIL_AT_MOST = 1024
"""Bytes of its canonical JSON."""
DEEPEST = 8
HIGHEST_NUMBER = 10**15
"""Beyond it, a float's text and PostgreSQL's are not the same any more."""


class DetailRefused(ValueError):
    """Too long, or nothing that the database could give back as it was."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one telling says, or all of them together. `status` is 1 (seen) to 3 (done), `score` a percentage."""

    status: int
    score: int
    occurred_at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


def merge(one: Standing, other: Standing) -> Standing:
    """Both together: status and score by maximum, the rest from the later one; in whichever order they arrive.

    Of two of the same instant the one with the greater canonical JSON is the later one: any total order does, and
    every device finds the same.
    """
    later = max(one, other, key=lambda each: (each.occurred_at, canonical(each.detail)))
    return replace(later, status=max(one.status, other.status), score=max(one.score, other.score))


def canonical(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def accepted_detail(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the database will give it back. Raises DetailRefused."""
    kept: dict[str, Any] = _accepted(detail, depth=0)
    if len(canonical(kept).encode()) > DETAIL_AT_MOST:
        raise DetailRefused
    return kept


def _accepted(value: Any, *, depth: int) -> Any:
    if depth > DEEPEST:
        raise DetailRefused
    match value:
        case None | bool():
            return value
        case str() if is_storable(value):
            return value
        case int() | float() if abs(value) < HIGHEST_NUMBER:  # which no infinity and no NaN is
            return value + 0  # there is no negative nought in PostgreSQL
        case Mapping() if all(isinstance(key, str) and is_storable(key) for key in value):
            return {key: _accepted(inner, depth=depth + 1) for key, inner in value.items()}
        case list() | tuple():
            return [_accepted(inner, depth=depth + 1) for inner in value]
    raise DetailRefused


def is_storable(text: str) -> bool:
    """PostgreSQL has neither NUL nor halves of surrogate pairs."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def accepted_instant(occurred_at: datetime, *, now: datetime, sent_at: datetime | None = None) -> datetime:
    """When it occurred by our clock, in UTC (clocks.corrected): the same however often and however late it is sent.
    A clock that stands at its birth means the earliest instant that is believed."""
    try:
        return corrected(said=occurred_at, sent_at=sent_at, now=now)
    except NoSuchTime:
        return EARLIEST
