"""How often somebody may try to come in: a hall shares one address, a family one tablet, a guesser has a thousand."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MINUTE = 60


class Per(StrEnum):
    """What tries are counted by."""

    ADDRESS = "address"
    DEVICE = "device"
    ACCOUNT = "account"


@dataclass(frozen=True)
class Limit:
    """At most `amount` in `seconds`. Of failures: a try that goes well is given back."""

    per: Per
    amount: int
    seconds: int = MINUTE
    of_failures: bool = False


CEILINGS = {"sign_in": 300, "failed": 60, "sign_up": 60, "reset": 60, "join": 60}
"""Per address and minute, where the settings say nothing else: room for a hall full of people, not for a machine."""

GUESSES = Limit(Per.ACCOUNT, 10, 600, of_failures=True)
"""Wrong tries at one account: by all devices together that have never opened it, and by each that has."""


def limits(*, action: str, ceilings: Mapping[str, int]) -> tuple[Limit, ...]:
    """All that hold for one action: "sign_in", "code" (a pupil's), "sign_up", "reset" or "join". Raises KeyError."""
    entrance = (
        Limit(Per.ADDRESS, ceilings["sign_in"]),
        Limit(Per.ADDRESS, ceilings["failed"], of_failures=True),
        Limit(Per.DEVICE, 30),
        GUESSES,
    )
    return {
        "sign_in": entrance,
        "code": entrance,
        "sign_up": (Limit(Per.ADDRESS, ceilings["sign_up"]), Limit(Per.DEVICE, 10)),
        "reset": (Limit(Per.ADDRESS, ceilings["reset"]), Limit(Per.DEVICE, 10)),
        "join": (Limit(Per.ADDRESS, ceilings["join"]), Limit(Per.DEVICE, 20)),
    }[action]


def holds(limit: Limit, *, is_known: bool) -> bool:
    """Whether a limit counts at a device that has opened this account before: others' failures do not shut it out."""
    return not (is_known and limit.of_failures and limit.per is Per.ADDRESS)
