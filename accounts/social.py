"""Signing in with an account elsewhere (Google, Apple): whom an address from there lets in, and how it is asked there.

allauth asks with a session of `requests`; it is given one that goes through the one client of the house.
"""

import functools
import json
from collections.abc import Mapping
from typing import Any, Self, override
from urllib.parse import urlencode, urlsplit

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from project.foundation.outbound import Answer, Service, ServiceError

from . import commands
from .models import User

DEADLINE = 8
"""Seconds for which somebody who wants to sign in waits for one answer."""
LARGEST = 200_000
"""Bytes."""

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "issuer": str, "authorization_endpoint": str, "token_endpoint": str, "userinfo_endpoint": str, "jwks_uri": str,
    "access_token": str, "id_token": str, "expires_in": (int, str), "sub": str, "email": str,
    "email_verified": (bool, str), "name": str, "given_name": str, "family_name": str, "hd": str, "keys": list,
}  # fmt: skip
"""What is read of the answers. Everything else in them is nobody's business."""
COMPLETE = (
    {"issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"},  # who they are
    {"access_token"},
    {"sub"},  # who somebody is
    {"keys"},
)


class SocialAdapter(DefaultSocialAccountAdapter):
    """Only what the environment configures exists; the table of apps, which the admin could fill, is never asked."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": gettext_lazy("Somebody has this address here. Is it you? Sign in first, then connect %s."),
        "no_password": gettext_lazy("This is your only way in. Choose a password first, then remove it."),
    }

    @override
    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        return [
            SocialApp(provider=kind, **app)
            for kind, configured in settings.SOCIALACCOUNT_PROVIDERS.items()
            for app in configured["APPS"]
            if provider in {None, kind, app["provider_id"]} and client_id in {None, app["client_id"]}
        ]

    @override
    def get_requests_session(self) -> "Asking":
        return Asking()

    @override
    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Whether an address from elsewhere opens the account that has it here, and is then connected to it.

        Only where Google runs the mailbox: gmail.com, and the domains of its own customers (`hd`). Of other addresses
        Google and Apple know that somebody read a letter there once; the mailbox may be another's by now, and the
        account here would be theirs too. Whoever has such an address signs in as usual and connects the account in the
        profile. An account here whose address was never confirmed loses its password (allauth's wipe_password), which
        somebody may have chosen who waits. A second step is asked for in any case.
        """
        if login.account.provider != "google":
            return False
        told = login.account.extra_data
        claims = told.get("userinfo") or told.get("id_token") or told
        domain = email.rpartition("@")[2].lower()
        return domain == "gmail.com" or domain == str(claims.get("hd") or "").lower()

    @override
    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        person = super().populate_user(request, sociallogin, data)
        assert isinstance(person, User)
        parts = (data.get("first_name"), data.get("last_name"))
        person.display_name = (data.get("name") or " ".join(filter(None, parts)))[:80]
        person.locale = (translation.get_language() or "")[:2]
        person.email = person.email or None
        return person

    @override
    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        assert isinstance(sociallogin.user, User)
        return super().get_signup_form_initial_data(sociallogin) | {"display_name": sociallogin.user.display_name}


class Asking:
    """As much of a session of `requests` as allauth uses. What goes wrong is an OAuth2Error, which it understands."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The client keeps its connections."""

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> "Told":
        return self.request("GET", url, headers=headers)

    def request(
        self, method: str, url: str, *, params: Any = None, data: Any = None, headers: Any = None, auth: Any = None
    ) -> "Told":
        """Raises OAuth2Error."""
        there = urlsplit(url)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if data else {}
        try:
            answer = _service(f"{there.scheme}://{there.netloc}").ask(
                method,
                f"{there.path or '/'}?{there.query}" if there.query else there.path or "/",
                params=params,
                content=urlencode(data).encode() if data else None,
                headers={**form, **(headers or {})},
            )
        except ServiceError as failed:
            raise OAuth2Error(str(failed)) from failed
        return Told(answer)


class Told:
    """As much of an answer of `requests` as allauth uses."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = {"content-type": "application/json"}
        self.content = answer.content
        self.text = answer.content.decode(errors="replace")

    def raise_for_status(self) -> None:
        """A status that is no good has been an OAuth2Error already."""

    def json(self) -> dict[str, Any]:
        """Raises OAuth2Error where something that is read has another type, or too little is there."""
        try:
            told = json.loads(self.content)
        except (ValueError, RecursionError) as garbled:
            raise OAuth2Error("The answer is not JSON.") from garbled
        if not isinstance(told, dict) or not any(fields <= told.keys() for fields in COMPLETE):
            raise OAuth2Error("The answer has another shape.")
        if any(not isinstance(told[name], kind) for name, kind in TYPES.items() if name in told):
            raise OAuth2Error("The answer has another shape.")
        return told


@functools.cache
def _service(origin: str) -> Service:
    """Few: those that the operator has configured."""
    return Service(
        f"Sign-in at {urlsplit(origin).netloc}", url=origin, deadline=DEADLINE, patience=DEADLINE / 2, retries=1,
        largest=LARGEST,
    )  # fmt: skip


def connected(*, request: HttpRequest, sociallogin: SocialLogin, **announced: Any) -> None:
    assert isinstance(sociallogin.user, User)
    _record("elsewhere.connected", sociallogin.user, sociallogin.account)


def removed(*, request: HttpRequest, socialaccount: SocialAccount, **announced: Any) -> None:
    _record("elsewhere.removed", socialaccount.user, socialaccount)


def _record(type: str, person: User, account: SocialAccount) -> None:
    commands.record_at_the_door(
        type=type, person=person, by=person.actor_id, now=timezone.now(), facts={"provider": account.provider}
    )
