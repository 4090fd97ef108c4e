"""What operators pick and send about plans and webhooks."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.models import Subscription, User, WebhookEvent
from accounts.rules import SEATS_AT_MOST

_NO_SUCH_CHOICE = {"invalid_choice": _("There is no such choice. Pick one from the list.")}
_PROVIDERS = [("stripe", "Stripe"), ("revenuecat", "RevenueCat")]


class PersonForm(forms.Form):
    """Somebody, by their address."""

    email = forms.EmailField(label=_("e-mail address"))

    def clean_email(self) -> User:
        person = queries.person_reached_at(email=self.cleaned_data["email"])
        if person is None:
            raise forms.ValidationError(_("Nobody signs in with this address."))
        return person


class GivenPlanForm(PersonForm):
    """Which plan somebody is given, and for how long."""

    plan = forms.ChoiceField(label=_("Plan"), choices=Subscription.Plan)
    until = forms.DateField(
        label=_("Until the end of"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until somebody ends it."),
    )  # fmt: skip
    seats = forms.IntegerField(
        label=_("Seats of the club"), min_value=1, max_value=SEATS_AT_MOST, initial=SEATS_AT_MOST,
        help_text=_("Counts for the plan for clubs only."),
    )  # fmt: skip

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())


class WebhookFilter(forms.Form):
    """Which events a list shows."""

    provider = forms.ChoiceField(
        label=_("Provider"), required=False, choices=[("", _("every provider")), *_PROVIDERS],
        error_messages=_NO_SUCH_CHOICE,
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("every state")), *WebhookEvent.State.choices],
        error_messages=_NO_SUCH_CHOICE,
    )  # fmt: skip
    type = forms.ChoiceField(label=_("Kind"), required=False, error_messages=_NO_SUCH_CHOICE)

    def __init__(self, *args: Any, types: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["type"].choices = [("", _("every kind")), *((name, name) for name in types)]  # type: ignore[attr-defined]

    def kept(self) -> dict[str, str]:
        """What was picked, as it goes on in an address."""
        return {name: value for name, value in self.cleaned_data.items() if value}
