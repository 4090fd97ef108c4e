from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import get_language

from .models import User


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """A new person keeps the language in which they signed up."""
        user.display_name = form.cleaned_data.get("display_name", "")
        user.locale = (get_language() or "")[:2]
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved
