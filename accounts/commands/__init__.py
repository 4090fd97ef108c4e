"""What changes about people, their belts, clubs and plans. Each leaves a trail."""

from .people import (
    EmailTaken,
    NotOfTheStaff,
    add_authenticator_app,
    create_person,
    erase_addresses,
    erase_admin_log,
    erase_profile,
    erase_roles,
    erase_second_steps,
    erase_sessions,
    grant_role,
    record_at_the_door,
    remove_second_steps,
    revoke_role,
    set_language,
    update_profile,
)
from .telling import post_mail, send_mail, tell

__all__ = [
    "EmailTaken",
    "NotOfTheStaff",
    "add_authenticator_app",
    "create_person",
    "erase_addresses",
    "erase_admin_log",
    "erase_profile",
    "erase_roles",
    "erase_second_steps",
    "erase_sessions",
    "grant_role",
    "post_mail",
    "record_at_the_door",
    "remove_second_steps",
    "revoke_role",
    "send_mail",
    "set_language",
    "tell",
    "update_profile",
]
