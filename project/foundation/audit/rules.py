"""How the trail is sealed, and what a seal tells later. Pure: rows in, bytes and findings out.

An event is sealed as the SHA-256 of its canonical bytes: a JSON object of all its columns, keys sorted, nothing
between them, ASCII only, instants in UTC with microseconds, identifiers as text. A column that the table gets
later has to stay out of it where it is empty, or every seal made before would speak of another event.

A seal holds 40 bytes for each event (8 of its id, big-endian, 32 of its digest), so that a check can name the
event, and a hash over the hash of the seal before and everything it says itself.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

NOTHING_BEFORE = "0" * 64
"""What stands for the hash of the seal before the first."""

ENTRY = 40


@dataclass(frozen=True)
class Event:
    """The columns of an event, as PostgreSQL holds them."""

    id: int
    at: datetime
    recorded_at: datetime
    actor_id: UUID | None
    type: str
    object_type: str
    object_id: str
    payload: Any
    request_id: str


@dataclass(frozen=True)
class Seal:
    """`after` is the last event of the seal before; this one holds every event behind it up to `last`."""

    number: int
    previous_hash: str
    after: int
    last: int
    count: int
    digests: bytes
    sealed_at: datetime
    hash: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed. `event` is None where the seal itself is meant."""

    seal: int
    event: int | None
    what: str


def canonical(event: Event) -> bytes:
    return json.dumps(asdict(event), sort_keys=True, separators=(",", ":"), default=_as_text).encode("ascii")


def digest(event: Event) -> bytes:
    return hashlib.sha256(canonical(event)).digest()


def digests(events: Iterable[Event]) -> bytes:
    """What a seal holds of events in the order of their ids."""
    return b"".join(_key(event.id) + digest(event) for event in events)


def hash_of(seal: Seal) -> str:
    """The hash that a seal has to have, whatever it says of itself."""
    said = {
        "number": seal.number,
        "previous": seal.previous_hash,
        "after": seal.after,
        "last": seal.last,
        "count": seal.count,
        "digests": hashlib.sha256(seal.digests).hexdigest(),
        "sealed_at": _as_text(seal.sealed_at),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def broken_links(seal: Seal, *, before: Seal | None) -> list[Finding]:
    """What is wrong with a seal itself, and with the way it follows the last one that was there before it."""
    expected = before.number + 1 if before else 1
    found = []
    if expected < seal.number:  # then there is nothing that this one could be held against
        gone = f"seals {expected} to {seal.number - 1} are" if expected < seal.number - 1 else f"seal {expected} is"
        found.append(Finding(expected, None, f"{gone} missing"))
    else:
        hash_before, end_before = (before.hash, before.last) if before else (NOTHING_BEFORE, 0)
        if (seal.number, seal.previous_hash, seal.after) != (expected, hash_before, end_before):
            of = f"seal {before.number}" if before else "the beginning of the chain"
            found.append(Finding(seal.number, None, f"seal {seal.number} does not follow from {of}"))
    if not is_whole(seal):
        what = f"seal {seal.number} was changed after it was made, so its events cannot be checked"
        found.append(Finding(seal.number, None, what))
    return found


def is_whole(seal: Seal) -> bool:
    """Whether a seal says what it said when it was made."""
    return seal.hash == hash_of(seal)


def differences(seal: Seal, events: Iterable[Event]) -> Iterator[Finding]:
    """Compare a seal with the events of its range as they are now, both in the order of their ids."""
    sealed = _entries(seal.digests)
    wanted = next(sealed, None)
    for event in events:
        while wanted and wanted[0] < event.id:
            yield _gone(seal, wanted[0])
            wanted = next(sealed, None)
        if wanted is None or wanted[0] > event.id:
            yield Finding(seal.number, event.id, f"{_named(event)} was put in after seal {seal.number} was made")
            continue
        if wanted[1] != digest(event):
            yield Finding(seal.number, event.id, f"{_named(event)} was changed after seal {seal.number}")
        wanted = next(sealed, None)
    while wanted:
        yield _gone(seal, wanted[0])
        wanted = next(sealed, None)


def _gone(seal: Seal, event: int) -> Finding:
    return Finding(seal.number, event, f"event {event} is gone; it was there when seal {seal.number} was made")


def _named(event: Event) -> str:
    return f"event {event.id} ({event.type}, {_as_text(event.at)})"


def _entries(held: bytes) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(held), ENTRY):
        yield int.from_bytes(held[start : start + 8], signed=True), held[start + 8 : start + ENTRY]


def _key(id: int) -> bytes:
    return id.to_bytes(8, signed=True)


def _as_text(value: Any) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case UUID():
            return str(value)
    raise TypeError(f"no canonical form for a {type(value).__name__}")
