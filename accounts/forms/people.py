from functools import cache
from typing import Any
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts import commands
from accounts.models import User


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
        if password := given.get("password1") or given.get("password"):
            person = User(email=given.get("email", ""), display_name=given.get("display_name", ""))
            try:
                get_adapter().clean_password(password, user=person)
            except ValidationError as refused:
                self.add_error("password1" if "password1" in given else "password", refused)
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


def _code(help_text: StrOrPromise, **attributes: bool) -> forms.CharField:
    """Large and numeric; phones offer what their authenticator app shows."""
    typed = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code", **attributes}
    return forms.CharField(label=_("Code"), help_text=help_text, max_length=20, widget=forms.TextInput(attrs=typed))


_APP_OR_RECOVERY = _("Six digits from your app, or one of your recovery codes.")


class CodeForm(AuthenticateForm):
    """The second step of signing in."""

    code = _code(_APP_OR_RECOVERY, autofocus=True)


class CodeAgainForm(ReauthenticateForm):
    """The second step once more, before something important."""

    code = _code(_APP_OR_RECOVERY, autofocus=True)


class AppForm(ActivateTOTPForm):
    """Setting up an authenticator app: its first code shows that it has the secret."""

    code = _code(_("Six digits that the app shows now."))

    @property
    def secret_in_groups(self) -> str:
        """To be typed: four characters at a time, as apps show it."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


class PasskeyForm(webauthn.AddWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("To tell it from your others."))
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        initial=True,
        help_text=_("No password then; the device asks for your finger, your face or its PIN instead."),
    )


class PasskeyNameForm(webauthn.EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=60)


class _Passkey(forms.Form):
    """allauth answers a passkey that it does not know with the sentence for codes, and tells nobody."""

    user: User | None

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc, no-any-return]
        except ValidationError as refused:
            if refused.code != "incorrect_code":
                raise
            facts = {"kind": Authenticator.Type.WEBAUTHN.value}
            commands.record_at_the_door(
                type="second_step.refused", person=self.user, by=None, now=timezone.now(), facts=facts
            )
            raise ValidationError(_("This passkey is not known here. Try another one, or another way.")) from None


class PasskeyLoginForm(_Passkey, webauthn.LoginWebAuthnForm):
    """Signing in with a passkey and nothing else."""


class PasskeyStepForm(_Passkey, webauthn.AuthenticateWebAuthnForm):
    """A passkey as the second step, after the password."""


class PasskeyAgainForm(_Passkey, webauthn.ReauthenticateWebAuthnForm):
    """A passkey once more, before something important."""


@cache
def _zones() -> list[tuple[str, str]]:
    """Finding them reads hundreds of files, so once a process is enough."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
