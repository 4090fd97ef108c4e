from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import HttpRequest
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
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]
        self.fields["display_name"].required = True
