"""Pure decisions about people."""

from enum import Enum, auto

CONSOLE_ROLES = frozenset({"operator", "editor", "analyst"})
"""Staff roles that have business in the operators' console."""


class Entry(Enum):
    """What stands between somebody and the operators' console."""

    OPEN = auto()
    CLOSED = auto()
    """They have none of the roles."""
    UNSET = auto()
    """They have no second step yet."""
    UNSHOWN = auto()
    """They have one, and have not shown it in this session."""


def console_entry(*, roles: frozenset[str], steps: frozenset[int], shown: frozenset[int]) -> Entry:
    """Both `steps` and `shown` are ids of authenticators: those a person has now, and those used in a session.

    One that was used and has been removed since opens nothing.
    """
    if not roles & CONSOLE_ROLES:
        return Entry.CLOSED
    if not steps:
        return Entry.UNSET
    return Entry.OPEN if steps & shown else Entry.UNSHOWN
