"""What may be repeated and when, and what may be written down."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHARE = 0.1
"""How many repetitions there may be for each call in a moving minute."""

FLOOR = 10
"""Repetitions in a minute that are always allowed: of few calls a share would be none."""

SHORTEST_SECRET = 4
"""Letters. Shorter pieces ("1", "PL") stand in every text and give nothing away."""

LONGEST_NAME = 32
"""Letters of a piece of a path that still names something; what is longer is a key or an id."""


def is_affordable(*, asked: float, repeated: float) -> bool:
    """Whether one more repetition is within the budget, after so many calls and repetitions in the last minute."""
    return repeated < max(FLOOR, asked * SHARE)


def wait_asked_for(header: str, *, now: datetime) -> float | None:
    """The seconds that a Retry-After header means, which says seconds or a date (RFC 9110, 10.2.3); None if neither."""
    header = header.strip()
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp(), 0.0)


def pattern(path: str) -> str:
    """A path without query and without what tells one thing from another: errors are counted by it, and it may be
    shown. `/title/345534/sources/` → `/title/*/sources/`."""
    return "/".join(_named(piece) for piece in re.split(r"[?#]", path, maxsplit=1)[0].split("/"))[:200]


def _named(piece: str) -> str:
    is_name = re.fullmatch(r"v[0-9]+(\.[0-9]+)?|[^0-9@%]*", piece) and len(piece) <= LONGEST_NAME
    return piece if is_name else "*"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """One line of a text, without the pieces that must not be told."""
    for secret in sorted({each for each in secrets if len(each) >= SHORTEST_SECRET}, key=len, reverse=True):
        text = text.replace(secret, "…")
    return " ".join(text.replace("\x00", "").split())
