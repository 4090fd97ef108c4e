"""Where somebody is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.rules.devices import Spoken, spoken


@dataclass(frozen=True)
class Place:
    """A browser, or the app on a phone, in which somebody is signed in. `mark` is what a form names it by."""

    mark: str
    device: Spoken
    since: datetime
    last_seen_at: datetime
    is_here: bool


def places_of(*, person: User, session_key: str | None, now: datetime) -> list[Place]:
    """Where somebody is signed in now, `session_key` first, then by when they were seen; in two queries.

    Sessions that ran out, or that a new password closed, are left out.
    """
    rows = {row.session_key: row for row in UserSession.objects.filter(user=person)}
    alive = Session.objects.filter(session_key__in=rows, expire_date__gt=now)
    hashed = person.get_session_auth_hash()
    open_keys = [
        session.session_key
        for session in alive
        if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), hashed)
    ]
    places = [
        Place(
            mark=mark_of(session_key=key),
            device=spoken(rows[key].user_agent),
            since=rows[key].created_at,
            last_seen_at=rows[key].last_seen_at,
            is_here=key == session_key,
        )
        for key in open_keys
    ]
    return sorted(places, key=lambda place: (not place.is_here, -place.last_seen_at.timestamp()))


def mark_of(*, session_key: str) -> str:
    """What names a session on a page; the key itself would open it."""
    return salted_hmac("accounts.sessions", session_key, algorithm="sha256").hexdigest()[:24]


def where_signed_in(*, person: User) -> list[Mapping[str, Any]]:
    """For the copy of somebody's data (foundation.privacy). The key of a session would open it, so it stays here."""
    rows = UserSession.objects.filter(user=person).order_by("pk")
    return list(rows.values("created_at", "last_seen_at", "ip", "user_agent"))


def accounts_elsewhere(*, person: User) -> list[Mapping[str, Any]]:
    """With which accounts of others they sign in, and what was told about them there."""
    rows = SocialAccount.objects.filter(user=person).order_by("pk")
    return list(rows.values("provider", "uid", "date_joined", "last_login", "extra_data"))
