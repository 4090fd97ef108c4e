"""When the app may show an advertisement. The web has none."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

DAILY_CAP = 6
SESSION_CAP = 3
COOLDOWN = timedelta(minutes=2)
OFFLINE = timedelta(days=1)
"""For so long the app may keep to itself that it has shown one."""
AHEAD = timedelta(minutes=5)
"""So far a phone's clock may be ahead of ours."""


class Reason(StrEnum):
    NO_ADS = "no_ads"
    CAP = "cap"
    COOLDOWN = "cooldown"


@dataclass(frozen=True)
class Shown:
    session: UUID
    at: datetime


def refusal(
    *, entitlements: Collection[str], shown: Iterable[Shown], session: UUID, now: datetime, zone: tzinfo
) -> Reason | None:
    """Why none is to be shown now; None when one may be. `shown` holds at least those of the person's own day."""
    if "no_ads" in entitlements:
        return Reason.NO_ADS
    seen = list(shown)
    today = [each for each in seen if each.at.astimezone(zone).date() == now.astimezone(zone).date()]
    if len(today) >= DAILY_CAP or sum(each.session == session for each in seen) >= SESSION_CAP:
        return Reason.CAP
    if any(now - each.at < COOLDOWN for each in seen):
        return Reason.COOLDOWN
    return None


def is_believable(*, shown_at: datetime, now: datetime) -> bool:
    return now - OFFLINE <= shown_at <= now + AHEAD
