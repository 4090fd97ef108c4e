"""What providers say about subscriptions, and why the order in which it arrives does not matter.

Every event that changes a subscription says all of it: plan, status, end, whose it is. So the newest one is right, and
to apply any set of events in any order, each as often as one likes, is to keep the greatest (`Change.order`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any
from uuid import UUID

from .plans import SEATS_AT_MOST

TOLERANCE = timedelta(minutes=5)
"""How far a provider's clock may be from ours, in either direction."""

Order = tuple[datetime, str]


class Forged(Exception):
    """Nobody who knows the secret said this now. The text says what is wrong with it, and nothing of what it holds."""


class Unreadable(Exception):
    """It is signed, and not what such an event looks like."""


@dataclass(frozen=True)
class Delivery:
    """An event as it came, believed, and without what names a person."""

    provider: str
    event_id: str
    type: str
    occurred_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """All that a subscription is since an instant. `person` is User.actor_id, where the event says it."""

    reference: str
    person: UUID | None
    customer: str
    plan: str
    status: str
    ends_at: datetime | None
    renews: bool
    seats: int
    at: datetime
    by: str

    @property
    def order(self) -> Order:
        return self.at, self.by


@dataclass(frozen=True)
class Move:
    """Whatever `sources` had bought belongs to `target` from now on ("" for somebody who is not of this hall)."""

    sources: frozenset[str]
    target: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Link:
    """Whoever pays under this name is this person."""

    customer: str
    person: UUID


@dataclass(frozen=True)
class Reminder:
    """Something to tell whoever has the subscription, once for each `key`. It changes nothing."""

    kind: str
    reference: str
    key: str
    until: datetime | None = None


@dataclass(frozen=True)
class Ignored:
    why: str


Outcome = Change | Move | Link | Reminder | Ignored


def by(*, event_id: str, rank: int = 1) -> str:
    """What decides between two events of one instant: first and last words have a rank (0, 2), the rest is chance,
    but the same chance everywhere."""
    return f"{rank} {event_id}"


def is_newer(change: Change, *, than: Order | None) -> bool:
    return than is None or change.order > than


def owner(*, customer: str, since: Order | None, moves: Iterable[Move]) -> str:
    """Who has it now that `customer` had at `since`: from hand to hand, in the order of the moves."""
    for move in sorted(moves, key=lambda move: (move.at, move.by)):
        if (since is None or (move.at, move.by) > since) and customer in move.sources:
            customer = move.target
    return customer


def touched(*, names: Iterable[str], moves: Sequence[Move]) -> frozenset[str]:
    """Everybody from whom something can have come to one of these names, or gone from them, by any of the moves."""
    found = frozenset(names)
    while True:
        more = found.union(*(move.sources | {move.target} for move in moves if found & (move.sources | {move.target})))
        if more == found:
            return found - {""}
        found = more


def seats(*, plan: str, asked: Any = None) -> int:
    """The plan for clubs has all seats, unless fewer are asked for."""
    if plan != "club":
        return 0
    said = str(asked)
    is_number = said.isascii() and said.isdigit() and len(said) <= 3
    return int(said) if is_number and 1 <= int(said) < SEATS_AT_MOST else SEATS_AT_MOST


def instant(seconds: Any) -> datetime | None:
    """Raises ValueError for what is no number of seconds since 1970."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 10**11:
        raise ValueError("not an instant")
    return datetime.fromtimestamp(seconds, UTC)


def person(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


_WORD = re.compile(r"[\w.:$+/ -]{0,255}", re.ASCII)
"""What ids, codes and names of products look like. No address of mail does."""


def plain(value: Any) -> Any:
    """A number, a truth or a word, and lists of them; anything else is None."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if isfinite(value) else None
        case str():
            return value if _WORD.fullmatch(value) else None
        case list():
            return [kept for each in value[:50] if (kept := plain(each)) is not None and not isinstance(kept, list)]
        case _:
            return None


def picked(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Of these fields what may be kept."""
    return {name: kept for name in names if (kept := plain(values.get(name))) is not None}


def refuse_future(occurred_at: datetime, *, now: datetime) -> None:
    """What has not happened yet would be the newest for ever. Raises Forged."""
    if occurred_at > now + TOLERANCE:
        raise Forged("dated in the future")
