"""The tokens of the app: allauth's JWT strategy, with a refresh token that counts and tells when it is shown twice.

An access token lives JWT_ACCESS_SECONDS and is good while its session is: signing out ends it at once. A refresh token
says its generation; the newest is kept beside the session (usersessions.UserSession.data), so that what a parallel
request writes into the session cannot bring an old one back. See rules/tokens.py for what a repeated one is worth.
"""

from typing import Any, override

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import user_id_to_str
from allauth.core import context
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from . import commands
from .models import User

log = structlog.get_logger(__name__)


class HallTokens(JWTTokenStrategy):
    """Short access tokens, and refresh tokens that rotate and detect their reuse."""

    @override
    def create_access_token_payload(self, request: HttpRequest) -> dict[str, Any] | None:
        """What somebody gets who has just signed in. Their session lives as long as the refresh token."""
        access = self.create_access_token(request)
        assert access is not None
        assert isinstance(request.user, User)
        request.session.set_expiry(settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN)
        return {"access_token": access, "refresh_token": _refresh_token(request.user, request.session, generation=0)}

    @override
    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """The next pair; None when the token is none, or when it was turned before, and then its session is over."""
        said = internal.decode_token(refresh_token, "refresh")
        session = internal.get_token_session(said) if said else None
        person = internal.validate_token_user(said, session) if said and session else None
        if said is None or session is None or not isinstance(person, User):
            return None
        request = context.request
        try:
            generation = commands.turn_token(
                session_key=session.session_key or "",
                person=person,
                generation=int(said.get("generation", -1)),
                app=request.headers.get("User-Agent", "")[:HTTP_USER_AGENT_MAX_LENGTH],
                ip=get_adapter().get_client_ip(request),
                now=timezone.now(),
            )
        except commands.TokenReused:
            log.warning("refresh token was used again", actor_id=str(person.actor_id))
            return None
        except commands.SessionEnded:
            return None
        access = internal.create_access_token(person, session, self.get_claims(person))
        return access, _refresh_token(person, session, generation=generation)


def person_with(token: str) -> User | None:
    """Whoever shows this access token; None when it is none, ran out, or its session or account is closed."""
    found = internal.validate_access_token(token)
    return found[0] if found else None


def _refresh_token(person: User, session: SessionBase, *, generation: int) -> str:
    assert session.session_key
    token, _ = internal.create_token(
        "refresh",
        sub=user_id_to_str(person),
        sid=internal.session_key_to_sid(session.session_key),
        claims={"generation": generation},
        expires_in=settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN,
    )
    return token
