"""Pure decisions about people, belts, clubs and plans."""

from .people import (
    CONSOLE_ROLES,
    ENTITLEMENTS,
    Entry,
    console_entry,
)

__all__ = [
    "CONSOLE_ROLES",
    "ENTITLEMENTS",
    "Entry",
    "console_entry",
]
