from functools import cache
from typing import Any
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .models import User


class SignupForm(forms.Form):
    """What we ask beyond e-mail and password."""

    display_name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("How your coach and your club see you. A first name is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    field_order = ["display_name", "email", "password1", "password2"]

    def clean(self) -> dict[str, Any]:
        """Allauth judges the password knowing the address only; here it is judged knowing the name as well."""
        super().clean()
        given = self.cleaned_data
        if password := given.get("password1"):
            person = User(email=given.get("email", ""), display_name=given.get("display_name", ""))
            try:
                get_adapter().clean_password(password, user=person)
            except ValidationError as refused:
                self.add_error("password1", refused)
        return given

    def signup(self, request: HttpRequest, user: User) -> None:
        """Asked for by allauth; the adapter has already kept everything."""


class ProfileForm(forms.ModelForm[User]):
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Your day starts at 4 in the morning there."))

    class Meta:
        model = User
        fields = ["display_name", "locale", "time_zone"]
        labels = {"display_name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = _zones()  # type: ignore[attr-defined]
        self.fields["display_name"].required = True
        # A value that is no choice would show, and on the next save keep, whatever comes first in the list.
        self.initial["locale"] = self.initial["locale"] or get_language()
        if self.initial["time_zone"] not in dict(_zones()):
            self.initial["time_zone"] = settings.TIME_ZONE


@cache
def _zones() -> list[tuple[str, str]]:
    """Finding them reads hundreds of files, so once a process is enough."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
