"""Invitations: which still open a club, and what a pasted list of addresses asks for."""

import csv
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(days=14)
LINES_AT_MOST = 200
"""Of one list."""

_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")


class Fate(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    """As often as it may be."""
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"


def fate(
    *,
    uses: int,
    uses_max: int,
    expires_at: datetime,
    declined_at: datetime | None,
    revoked_at: datetime | None,
    now: datetime,
) -> Fate:
    if revoked_at is not None:
        return Fate.REVOKED
    if declined_at is not None:
        return Fate.DECLINED
    if uses >= uses_max:
        return Fate.ACCEPTED
    return Fate.OPEN if now < expires_at else Fate.EXPIRED


class Verdict(StrEnum):
    """What comes of a line of a list."""

    INVITED = "invited"
    NO_ADDRESS = "no_address"
    TWICE = "twice"
    MEMBER = "member"
    WAITING = "waiting"
    """They have an open invitation."""
    NO_SUCH_ROLE = "no_such_role"
    NOT_YOURS = "not_yours"
    """Coaches do not invite coaches."""


@dataclass(frozen=True)
class Line:
    """`number` counts from 1, empty lines included, so that it is the one that an editor shows."""

    number: int
    text: str
    email: str
    role: str
    verdict: Verdict

    @property
    def is_good(self) -> bool:
        return self.verdict is Verdict.INVITED


class ListTooLong(ValueError):
    """More than LINES_AT_MOST; the text is how many there are."""


def read_list(text: str, *, members: Collection[str], waiting: Collection[str], roles: Iterable[str]) -> list[Line]:
    """What a list asks for, line by line: an address, and after a comma, semicolon or tab a role (else member).

    A first line without an address is taken for the heads of columns. `members` and `waiting` are addresses in
    small letters; `roles` those that whoever sends the list may give. Raises ListTooLong.
    """
    rows = [(number, line.strip()) for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1)]
    rows = [(number, line) for number, line in rows if line]
    if rows and "@" not in rows[0][1] and len(rows) > 1:
        rows = rows[1:]
    if len(rows) > LINES_AT_MOST:
        raise ListTooLong(len(rows))
    seen: set[str] = set()
    lines = []
    for number, row in rows:
        email, role = _cells(row)
        verdict = _verdict(email, role, seen, members, waiting, frozenset(roles))
        seen.add(email)
        lines.append(Line(number, row, email, role, verdict))
    return lines


def is_address(text: str) -> bool:
    """Looks like one. Whether letters arrive there only a letter can tell."""
    return len(text) <= 254 and text.isascii() and _ADDRESS.fullmatch(text) is not None


def _cells(row: str) -> tuple[str, str]:
    """The first cell with an address in it, also of "Ben Kowalski <ben@…>", and the last one after it as the role."""
    separator = next((each for each in ("\t", ";", ",") if each in row), ",")
    cells = [cell.strip() for cell in next(csv.reader([row], delimiter=separator))]
    at = next((place for place, cell in enumerate(cells) if "@" in cell), 0)
    email = cells[at].rpartition("<")[2].rstrip(">").strip().lower()
    after = [cell.lower() for cell in cells[at + 1 :] if cell]
    return email, after[-1] if after else "member"


def _verdict(
    email: str,
    role: str,
    seen: Collection[str],
    members: Collection[str],
    waiting: Collection[str],
    roles: Collection[str],
) -> Verdict:
    if not is_address(email):
        return Verdict.NO_ADDRESS
    if role not in {"member", "coach"}:
        return Verdict.NO_SUCH_ROLE
    if role not in roles:
        return Verdict.NOT_YOURS
    if email in seen:
        return Verdict.TWICE
    if email in members:
        return Verdict.MEMBER
    return Verdict.WAITING if email in waiting else Verdict.INVITED
