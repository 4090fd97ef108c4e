"""Where allauth asks the house, and what the house does when allauth announces something (accounts/apps.py)."""

import time
from datetime import timedelta
from typing import Any, override

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy

from . import commands, limits, passwords, queries, sealing
from .models import User, says_taken

SEEN = "seen_at"
"""Key of the session: when somebody was last seen in it, as a timestamp. Sessions from before this have none."""
UNKNOWN_ACCOUNT = "account/email/unknown_account"

NEWCOMER = timedelta(days=1)
"""So long nobody is told that they signed in on a device that the hall did not know: it knows none of theirs yet."""
INVITED = "invited"
"""Key of the session: the token of the invitation by which somebody came who was not signed in."""


class AccountAdapter(DefaultAccountAdapter):
    """Passwords, addresses and letters. Everything else about signing in is allauth's."""

    @override
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        """A new person keeps their name and the language in which they signed up.

        An invitation by mail has proved one address; whoever gives another confirms that one as everybody does.
        """
        if self.unstash_verified_email(request) == form.cleaned_data["email"].lower():
            self.stash_verified_email(request, form.cleaned_data["email"].lower())
        assert isinstance(user, User)
        user.display_name = form.cleaned_data.get("display_name", "")
        user.locale = (translation.get_language() or "")[:2]
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit=commit)
        except IntegrityError as refused:
            if not says_taken(refused):
                raise
            # The same form came twice at once: the other one made the account and sends the letter.
            raise ImmediateHttpResponse(redirect("account_email_verification_sent")) from None

    @override
    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        if isinstance(user, User):
            passwords.NotTheNameValidator().validate(password, user)
        return super().clean_password(password, user=user)

    @override
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """After too many wrong passwords the answer is 429, not a form with an error. Counted here, not by allauth."""
        refused = limits.refusal(request, action="sign_in", account=_typed(credentials))
        if refused is not None:
            raise ImmediateHttpResponse(refused)

    @override
    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Somebody typed a wrong password, at the entrance or (`again`) where one is asked for once more."""
        limits.failed(request, action="sign_in", account=_typed(credentials))
        person = queries.person_reached_at(email=credentials.get("email") or "")
        facts = {"again": request.user.is_authenticated}
        commands.record_at_the_door(type="sign_in.refused", person=person, by=None, now=timezone.now(), facts=facts)

    @override
    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """Whoever has a second step shows that one: with the password alone nobody adds, changes or removes it."""
        methods = super().get_reauthentication_methods(user)
        words = {
            "mfa_reauthenticate": gettext("Use a code"),
            "mfa_reauthenticate:webauthn": gettext("Use a passkey"),
        }
        return [each | {"description": words[each["id"]]} for each in methods if each["id"] in words] or methods

    @override
    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **facts: Any) -> HttpResponse:
        """The greeting is in the language of the pages that follow; the form before was in that of the browser."""
        assert isinstance(user, User)
        shown = [each.get("type", each["method"]) for each in get_authentication_records(request, user)]
        now = timezone.now()
        commands.record_at_the_door(
            type="sign_in.succeeded", person=user, by=user.actor_id, now=now, facts={"shown": shown}
        )
        account = (user.email or str(user.actor_id)).lower()
        if not limits.device_of(request).knows(account) and now - user.date_joined > NEWCOMER:
            commands.tell(person=user, kind="new_sign_in", facts={}, now=now)
        limits.remember(request, account=account)
        request.session[SEEN] = time.time()
        with translation.override(user.locale or translation.get_language()):
            return super().post_login(request, user, **facts)

    @override
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Whoever was led here by an invitation goes on to it, also by way of a letter that confirms their address."""
        token = request.session.get(INVITED)
        return reverse("join", args=[token]) if token else str(super().get_login_redirect_url(request))

    @override
    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    @override
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Refuse, with a sentence, an address that somebody signed up with meanwhile, if only without confirming it."""
        try:
            with transaction.atomic():
                return super().confirm_email(request, email_address)
        except IntegrityError as refused:
            if not says_taken(refused):
                raise
            facts = {"email": email_address.email}
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt", facts)
            return False

    @override
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A letter speaks the language of whoever gets it, not of the browser that asked for it. A job sends it.

        Somebody without an account gets none. But it is written, and goes through the same job to nobody, so that the
        answer to a forgotten password takes as long for an address that is unknown here.
        """
        reader = context.get("user")
        locale = reader.locale if reader else queries.language_of(email=email)
        said = {"request": self.request, "email": email, "current_site": get_current_site(self.request)} | context
        with translation.override(locale or translation.get_language()):
            letter = self.render_mail(template_prefix, email, said)
        to = "" if template_prefix == UNKNOWN_ACCOUNT else email
        commands.post_mail(to=to, subject=str(letter.subject)[:200], text=str(letter.body), now=timezone.now())


class SecondStepAdapter(DefaultMFAAdapter):
    """What allauth says about second steps, in the words of the house."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code is not right. A code lives for half a minute and works once: type the one that is shown now."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("Recovery codes come with a second step. Set one up first."),
    }

    @override
    def encrypt(self, text: str) -> str:
        """Secrets of apps and of recovery codes: whoever reads a backup cannot make codes with it."""
        return sealing.sealed(text)

    @override
    def decrypt(self, encrypted_text: str) -> str:
        return sealing.opened(encrypted_text)

    @override
    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey {number}").format(number=count + 1)


def _typed(credentials: dict[str, Any]) -> str:
    """What limits count an account by: the address as it was typed, in small letters."""
    return str(credentials.get("email") or "").strip().lower()


def password_was_reset(*, request: HttpRequest, user: User, **announced: Any) -> None:
    """Whoever was shut out by somebody's guesses has shown by a letter whose account it is."""
    limits.forgive(request, account=(user.email or "").lower())


def signed_out(*, request: HttpRequest | None, user: User | None, **announced: Any) -> None:
    """Also tells middleware.Door, which has the answer."""
    if request is not None:
        request.is_left = True  # type: ignore[attr-defined]
    if request is not None and request.session.session_key:
        commands.forget_session(session_key=request.session.session_key)
    if user is not None:
        commands.record_at_the_door(type="sign_out.succeeded", person=user, by=user.actor_id, now=timezone.now())


def step_added(*, request: HttpRequest, user: User, authenticator: Authenticator, **announced: Any) -> None:
    """Setting one up takes a code or the device itself, so it counts as shown in this session."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    _record_step("second_step.added", user, authenticator, by_them=True)


def step_removed(*, user: User, authenticator: Authenticator, **announced: Any) -> None:
    _record_step("second_step.removed", user, authenticator, by_them=True)


def codes_renewed(*, user: User, authenticator: Authenticator, **announced: Any) -> None:
    _record_step("second_step.renewed", user, authenticator, by_them=True)


def step_refused(*, user: User, authenticator: Authenticator, **announced: Any) -> None:
    """Of the person nothing but a password is known at this point, so they are not named as who did it."""
    _record_step("second_step.refused", user, authenticator, by_them=False)


def _record_step(type: str, user: User, authenticator: Authenticator, *, by_them: bool) -> None:
    commands.record_at_the_door(
        type=type,
        person=user,
        by=user.actor_id if by_them else None,
        now=timezone.now(),
        facts={"kind": authenticator.type},
    )
