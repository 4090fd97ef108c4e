from typing import Any, override

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from . import passwords, queries
from .models import User, says_taken


class AccountAdapter(DefaultAccountAdapter):
    """Where allauth asks the house. Everything else about signing in is allauth's."""

    @override
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        """A new person keeps their name and the language in which they signed up."""
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
        """After too many wrong passwords the answer is 429 and the page of the house, not a form with an error."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            raise ImmediateHttpResponse(ratelimit.respond_429(request)) from None

    @override
    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **facts: Any) -> HttpResponse:
        """The greeting is in the language of the pages that follow; the form before was in that of the browser."""
        assert isinstance(user, User)
        with translation.override(user.locale or translation.get_language()):
            return super().post_login(request, user, **facts)

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
        """A letter speaks the language of whoever gets it, not of the browser that asked for it."""
        reader = context.get("user")
        locale = reader.locale if reader else queries.language_of(email=email)
        with translation.override(locale or translation.get_language()):
            super().send_mail(template_prefix, email, context)
