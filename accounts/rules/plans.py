"""What can be bought, what it allows, and when it has ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ENTITLEMENTS = frozenset({"no_ads", "quiz_create", "club_creator", "export_pdf", "offline_video"})
"""What a plan can allow. Asked through queries.entitlements, decided nowhere else."""

SEATS_AT_MOST = 20

GRACE = timedelta(days=3)
"""A provider that renews tells us late: what is still active and has run out only just counts so long."""


@dataclass(frozen=True)
class Money:
    """An amount in the smallest unit of its currency (ISO 4217): 14.99 PLN is 1499."""

    minor: int
    currency: str = "PLN"


@dataclass(frozen=True)
class Plan:
    """`price` is for a month. `allows` are entitlements of whoever has it, `seat_allows` those of everybody on a
    seat of their club, `coach_allows` what its coaches have beside these."""

    key: str
    price: Money
    trial_days: int = 0
    seats_max: int = 0
    allows: frozenset[str] = frozenset()
    seat_allows: frozenset[str] = frozenset()
    coach_allows: frozenset[str] = frozenset()


_LEARNER = frozenset({"no_ads", "export_pdf", "offline_video"})

FREE = Plan("free", Money(0))
PRO = Plan("pro", Money(1499), trial_days=7, allows=_LEARNER | {"quiz_create"})
CLUB = Plan(
    "club",
    Money(5900),
    trial_days=14,
    seats_max=SEATS_AT_MOST,
    allows=_LEARNER | {"quiz_create", "club_creator"},
    seat_allows=_LEARNER,
    coach_allows=frozenset({"quiz_create"}),
)
PLANS = {plan.key: plan for plan in (FREE, PRO, CLUB)}


@dataclass(frozen=True)
class Standing:
    """A subscription as far as it matters here. `ends_at` is None for one that an operator gave without an end."""

    plan: str
    status: str
    ends_at: datetime | None
    seats: int = 0
    renews: bool = True

    def is_live(self, now: datetime) -> bool:
        """Canceled has ended; everything else lives until its period ends, and a little longer where it renews."""
        if self.status == "canceled":
            return False
        return self.ends_at is None or now < self.ends_at + (GRACE if self.renews else timedelta())


def own_entitlements(held: Iterable[Standing], *, now: datetime) -> frozenset[str]:
    """What somebody may do by what they pay for themselves."""
    return frozenset().union(*(PLANS[each.plan].allows for each in held if each.is_live(now)))


def seats_paid(held: Iterable[Standing], *, now: datetime) -> int:
    """How many seats of a club are paid for: those of its largest subscription. 0 where none is live."""
    return max((each.seats for each in held if each.is_live(now)), default=0)


def covered[Member](members: Sequence[Member], *, paid: int) -> Sequence[Member]:
    """Who of a club has what its plan allows: as many as are paid for. Nobody is removed when it is over its limit;
    the latest of them go without. `members`: the owner, then by when they joined."""
    return members[:paid]


def seat_entitlements(*, role: str) -> frozenset[str]:
    """What a covered seat allows whoever holds it in this role (owner | coach | member)."""
    return CLUB.seat_allows | (CLUB.coach_allows if role in {"owner", "coach"} else frozenset())
