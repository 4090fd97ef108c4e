"""The trail as lines of a file: what the database holds, with ids instead of names and instants in UTC."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import batched
from typing import Any

from ops_panel.console import rules
from project.foundation.audit import queries as audited
from project.foundation.audit.models import AuditEvent
from project.foundation.audit.rules import canonical

COLUMNS = ("id", "at", "recorded_at", "type", "actor_id", "object_type", "object_id", "request_id", "payload")
AT_A_TIME = 200
"""Lines of one piece."""


def as_csv(events: Iterable[AuditEvent]) -> Iterator[bytes]:
    """With a head, and nothing that a spreadsheet would calculate."""
    yield _lines([COLUMNS])
    for some in batched(events, AT_A_TIME, strict=False):
        yield _lines([_cells(event) for event in some])


def as_ndjson(events: Iterable[AuditEvent]) -> Iterator[bytes]:
    """Each line is what the seals speak of, byte for byte: its SHA-256 stands in the seal of the event."""
    for some in batched(events, AT_A_TIME, strict=False):
        yield b"".join(canonical(audited.as_sealed(event)) + b"\n" for event in some)


def _cells(event: AuditEvent) -> list[str]:
    said: dict[str, Any] = json.loads(canonical(audited.as_sealed(event)))
    said["payload"] = json.dumps(said["payload"], ensure_ascii=False)
    return [rules.cell("" if said[name] is None else str(said[name])) for name in COLUMNS]


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


WAYS: dict[str, tuple[str, Callable[[Iterable[AuditEvent]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "ndjson": ("application/x-ndjson", as_ndjson),
}
