"""People, and what the house knows of them."""

from .people import (
    StaffRole,
    User,
    UserManager,
    says_taken,
)

__all__ = [
    "StaffRole",
    "User",
    "UserManager",
    "says_taken",
]
