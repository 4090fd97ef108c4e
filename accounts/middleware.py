"""What happens around every request because people sign in."""

import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.account.adapter import get_adapter
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH, get_authorization_credential
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from . import adapter, commands, limits, queries, tokens

SEEN_EVERY = 300
"""Seconds."""


class AppTokens:
    """Whoever shows an access token of the app is `request.user`, and is counted and answered as a person.

    Cookies count for nothing then, not even when the token is worth nothing. `request.app_user` is what operations of
    the API that need somebody ask (access.app_auth).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(("/api/", "/_allauth/")):
            token = get_authorization_credential(request, "Bearer")
            if token is not None:
                person = tokens.person_with(token)
                request.user = person or AnonymousUser()
                request.app_user = person  # type: ignore[attr-defined]
        return self.get_response(request)


class LastSeen:
    """When somebody was last seen in a browser, for their list of sessions. The app is seen when it turns its token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        session = request.session
        if (
            session.accessed
            and (seen := session.get(adapter.SEEN))
            and time.time() - seen > SEEN_EVERY
            and session.session_key
        ):
            session[adapter.SEEN] = time.time()
            app = request.headers.get("User-Agent", "")[:HTTP_USER_AGENT_MAX_LENGTH]
            ip = get_adapter().get_client_ip(request)
            commands.saw_session(session_key=session.session_key, app=app, ip=ip, now=timezone.now())
        return response


class Door:
    """Counts tries at the entrances that have no word of their own for it, and settles all tries with the answer.

    Whoever goes takes along what their browser kept: its button Back shows nobody's pages to the next one.
    """

    ACTIONS = {
        "account_signup": "sign_up",
        "account_reset_password": "reset",
        "mfa_login_webauthn": "sign_in",
        "headless:app:account:signup": "sign_up",
        "headless:app:account:request_password_reset": "reset",
        "headless:app:mfa:login_webauthn": "sign_in",
        "headless:app:socialaccount:provider_token": "sign_in",
    }
    """By names of views. Passwords are counted where they are judged (adapter.pre_authenticate)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        limits.settle(request)
        limits.give_cookie(request, response)
        if getattr(request, "is_left", False):
            response["Clear-Site-Data"] = '"cache"'
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name == "account_login":
            limits.device_of(request)
        if name not in self.ACTIONS:
            return None
        limits.device_of(request)
        return limits.refusal(request, action=self.ACTIONS[name]) if request.method == "POST" else None


class ProfileSettings:
    """A signed-in person reads in their own language and time zone, whatever the browser says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The health check has to answer when the database, which knows who is signed in, does not.
        if request.path.startswith("/health/") or not request.user.is_authenticated:
            return self.get_response(request)
        if request.user.locale:
            translation.activate(request.user.locale)
            request.LANGUAGE_CODE = request.user.locale
        with timezone.override(_zone(request.user.time_zone)):
            return self.get_response(request)


class Refusals:
    """Whoever is refused a page (403) leaves a trace in the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """The route is kept, not the address: that may hold what somebody typed."""
        if isinstance(exception, PermissionDenied) and request.user.is_authenticated and request.resolver_match:
            facts = {"route": request.resolver_match.route}
            if isinstance(exception, queries.RoleMissing):
                facts["role"] = str(exception)
            person = request.user
            commands.record_at_the_door(
                type="page.refused", person=person, by=person.actor_id, now=timezone.now(), facts=facts
            )


def _zone(name: str) -> ZoneInfo | None:
    """None, which means the zone of the hall, for a name that this machine does not know (any more) or that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
