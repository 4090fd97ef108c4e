"""People with a second step, and real codes for it."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import commands
from accounts.models import User

from .factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(person: User) -> None:
    """An authenticator app with SECRET, and ten recovery codes."""
    assert commands.add_authenticator_app(person=person, secret=SECRET, now=timezone.now())


def code(*, secret: str = SECRET, ahead: int = 0) -> str:
    """What the app shows now, or so many half minutes later: each code works once.

    Only near a change of codes does a test need MFA_TOTP_TOLERANCE, which the fixture `patient` sets.
    """
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def recovery_codes(person: User) -> list[str]:
    return Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()


def type_password(client: Client, person: User, **more: str) -> HttpResponse:
    return client.post("/account/login/", {"login": person.email, "password": PASSWORD, **more})


def type_code(client: Client, typed: str) -> HttpResponse:
    return client.post("/account/second-step/authenticate/", {"code": typed})


def sign_in_with_code(client: Client, person: User) -> None:
    type_password(client, person)
    assert type_code(client, code()).status_code == 302
