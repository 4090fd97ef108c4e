from datetime import date
from typing import Any, cast

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import pupils as rules

from .belts import belt_field

_CONTACT = {"autocomplete": "off", "autocapitalize": "none"}


def _contact() -> forms.CharField:
    return forms.CharField(
        label=_("Guardian's e-mail address or telephone number"),
        max_length=254,
        help_text=_("An address gets the guardian's link at once; with a number you hand it over on paper."),
        widget=forms.TextInput(attrs=_CONTACT),
    )


class GuardianForm(forms.Form):
    """Where the guardian is reached."""

    contact = _contact()

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"]
        if rules.contact_kind(contact) is None:
            raise ValidationError(_("This is neither an e-mail address nor a telephone number."))
        return contact


class PupilForm(GuardianForm):
    """A child who trains here and has no address of their own."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("A first name is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    belt = belt_field(_("Belt"), required=False)
    consented_on = forms.DateField(
        label=_("Guardian's consent given on"),
        help_text=_("You have it in writing. The day is kept with the account."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    field_order = ["name", "belt", "contact", "consented_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belt = cast("forms.TypedChoiceField", self.fields["belt"])
        belt.choices = [("", _("none yet")), *belt.choices]  # type: ignore[misc]

    def clean_consented_on(self) -> date:
        day: date = self.cleaned_data["consented_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day is still to come."))
        return day


class PupilCodeForm(forms.Form):
    """The code on a child's card."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Twelve letters and digits from your card."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "autofocus": True,
                "class": "code",
                "spellcheck": "false",
            }
        ),
    )

    def clean_code(self) -> str:
        code = rules.as_meant(self.cleaned_data["code"])
        if not code:
            raise ValidationError(_("A code has twelve letters and digits. Look at your card once more."))
        return code


class TakeOverForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The child signs in with it from then on. One that has no account here yet."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class FirstPasswordForm(forms.Form):
    """Judged with the name and the address it must not resemble."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 8 characters, letters and digits."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        get_adapter().clean_password(password, user=self.person)
        return password
