"""Is everything there that we need? Each part registers a check; the roof shows them at /health/ready/."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "degraded", "down"]

SETTLING = 90.0
"""Seconds that a hall gets, after it opened, for what other processes have to begin."""


@dataclass(frozen=True)
class Finding:
    name: str
    state: State
    reason: str = ""


Check = Callable[[], Finding]
_checks: dict[str, Check] = {}
_began = time.monotonic()


def register(name: str, check: Check) -> None:
    _checks[name] = check


def findings() -> list[Finding]:
    """Ask every check. One that raises counts as down, with the kind of error as its reason."""
    return [_ask(name, check) for name, check in sorted(_checks.items())]


def is_settling() -> bool:
    """Whether this process began so recently that others, which begin after it, need not be there yet."""
    return time.monotonic() - _began < SETTLING


def worst(found: list[Finding]) -> State:
    order: list[State] = ["ok", "degraded", "down"]
    return max((finding.state for finding in found), key=order.index, default="ok")


def _ask(name: str, check: Check) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding(name, "down", type(error).__name__)
