"""Pure decisions about people, belts, clubs and plans."""

from .clubs import Action, Seats, may
from .people import CONSOLE_ROLES, Entry, console_entry
from .plans import ENTITLEMENTS, GRACE, PLANS, SEATS_AT_MOST, Money, Plan, Standing

__all__ = [
    "CONSOLE_ROLES",
    "ENTITLEMENTS",
    "GRACE",
    "PLANS",
    "SEATS_AT_MOST",
    "Action",
    "Entry",
    "Money",
    "Plan",
    "Seats",
    "Standing",
    "console_entry",
    "may",
]
