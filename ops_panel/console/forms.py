"""What operators pick and send. A wrong value says so instead of being ignored."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from project.foundation.jobs.models import State
from project.foundation.jobs.queries import Filter
from project.foundation.outbound import Kind

from .queries import Deed, Trail

STATES = {
    State.QUEUED: _("waiting"),
    State.RUNNING: _("running"),
    State.SUCCEEDED: _("succeeded"),
    State.FAILED: _("failed"),
    State.CANCELED: _("canceled"),
}
SINCE = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
_WHEN = [
    ("", _("at any time")),
    ("hour", _("in the last hour")),
    ("day", _("in the last day")),
    ("week", _("in the last week")),
]
_NO_SUCH_CHOICE = {"invalid_choice": _("There is no such choice. Pick one from the list.")}


class JobFilter(forms.Form):
    """Which jobs a list shows."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("every state")), *STATES.items()],
        error_messages=_NO_SUCH_CHOICE,
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), required=False, error_messages=_NO_SUCH_CHOICE)
    queue = forms.ChoiceField(
        label=_("Queue"), required=False, error_messages=_NO_SUCH_CHOICE,
        choices=[("", _("every queue")), *((name, name) for name in settings.JOB_QUEUES)],
    )  # fmt: skip
    since = forms.ChoiceField(label=_("Asked for"), required=False, choices=_WHEN, error_messages=_NO_SUCH_CHOICE)
    aside = forms.BooleanField(label=_("set aside only"), required=False)

    def __init__(self, *args: Any, kinds: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = [("", _("every kind")), *((name, name) for name in kinds)]  # type: ignore[attr-defined]

    def wanted(self, *, now: datetime) -> Filter:
        """What a valid form asks for."""
        picked = self.cleaned_data
        since = SINCE.get(picked["since"])
        return Filter(
            state=picked["state"], kind=picked["kind"], queue=picked["queue"], set_aside=picked["aside"],
            since=now - since if since else None,
        )  # fmt: skip

    def kept(self) -> dict[str, str]:
        """What was picked, as it goes on in an address."""
        return {name: value for name, value in self.data.items() if name in self.fields and value}


class _Ids(forms.Field):
    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return [UUID(each) for each in value or []]
        except ValueError:
            raise forms.ValidationError(_("This is no job.")) from None


class BulkForm(forms.Form):
    """One deed for many jobs: those that are named, or with `all` whatever the filter beside it finds."""

    action = forms.ChoiceField(choices=[(each.value, each.value) for each in Deed], error_messages=_NO_SUCH_CHOICE)
    job = _Ids(required=False)
    all = forms.BooleanField(required=False)
    until = forms.DateTimeField(required=False)
    confirmed = forms.BooleanField(required=False)


class _Shown(forms.CharField):
    """The ids of the jobs that stand on an open page, which asks how they are now."""

    def clean(self, value: Any) -> list[UUID]:
        try:
            return [UUID(each) for each in super().clean(value).split(",") if each]
        except ValueError:
            raise forms.ValidationError(_("This is no job.")) from None


class ListShown(forms.Form):
    """`first`: newer ones would stand above them."""

    shown = _Shown(required=False, max_length=40 * 100)
    first = forms.BooleanField(required=False)


class BoardShown(forms.Form):
    """`failed`: how many jobs had failed when the page was made."""

    shown = _Shown(required=False, max_length=40 * 100)
    failed = forms.IntegerField(required=False)


class RerunForm(forms.Form):
    why = forms.CharField(
        label=_("Why"), required=False, max_length=200, strip=True,
        help_text=_("A few words for whoever looks at it later. No names of people."),
    )  # fmt: skip


class _Person(forms.CharField):
    """Somebody by the address that they sign in with, or by their pseudonym."""

    def clean(self, value: Any) -> UUID | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return UUID(typed)
        except ValueError:
            pass
        if "@" not in typed:
            raise forms.ValidationError(_("This is neither an e-mail address nor the id of a person."))
        person = accounts.person_reached_at(email=typed)
        if person is None:
            raise forms.ValidationError(_("Nobody signs in with this address."))
        return person.actor_id


def _id_field(label: Any, *, longest: int) -> forms.RegexField:
    """Nothing that could be the address of a person: exports keep in the trail what was typed here."""
    return forms.RegexField(
        r"^[A-Za-z0-9._:/-]+$", label=label, required=False, max_length=longest, strip=True,
        error_messages={"invalid": _("An id has letters of the alphabet, digits and . _ : / - only.")},
    )  # fmt: skip


def _day_field(label: Any) -> forms.DateField:
    too_far = _("The trail does not reach so far.")
    return forms.DateField(
        label=label, required=False, input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(2000, 1, 1), too_far), MaxValueValidator(date(2999, 12, 31), too_far)],
        error_messages={"invalid": _("Write the day as 2026-11-21.")},
    )  # fmt: skip


class TrailFilter(forms.Form):
    """Which events of the trail a list shows and an export holds. Days are those of the reader."""

    type = forms.ChoiceField(label=_("What happened"), required=False, error_messages=_NO_SUCH_CHOICE)
    actor = _Person(label=_("Who"), required=False, max_length=254, strip=True)
    object_type = forms.ChoiceField(label=_("Kind of object"), required=False, error_messages=_NO_SUCH_CHOICE)
    object_id = _id_field(_("Id of the object"), longest=80)
    since = _day_field(_("From"))
    until = _day_field(_("To, with that day"))
    request_id = _id_field(_("Request"), longest=64)

    def __init__(self, *args: Any, types: Sequence[str], object_types: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        for name, every, found in (("type", _("everything"), types), ("object_type", _("every kind"), object_types)):
            self.fields[name].choices = [("", every), *((each, each) for each in found)]  # type: ignore[attr-defined]
        for name in ("actor", "object_id", "request_id"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        self.fields["actor"].widget.attrs["placeholder"] = _("address or id")

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))

    def wanted(self) -> Trail:
        """What a valid form asks for."""
        picked = dict(self.cleaned_data)
        since, until = picked.pop("since"), picked.pop("until")
        return Trail(
            **picked,
            since=_beginning(since) if since else None,
            until=_beginning(until + timedelta(days=1)) if until else None,
        )

    def kept(self) -> dict[str, str]:
        """What was picked, as it goes on in an address: a person by their pseudonym only."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


class ExportForm(forms.Form):
    """In which form the trail is taken along."""

    form = forms.ChoiceField(choices=[("csv", "CSV"), ("ndjson", "NDJSON")], error_messages=_NO_SUCH_CHOICE)


FAILURES = {
    Kind.UNREACHABLE: _("not reached"),
    Kind.TIMEOUT: _("no answer in time"),
    Kind.CUT: _("cut off"),
    Kind.BROKEN: _("broken down"),
    Kind.RESTING: _("left in peace"),
    Kind.THROTTLED: _("asked too often"),
    Kind.REFUSED: _("refused"),
    Kind.REDIRECTED: _("sent elsewhere"),
    Kind.GARBLED: _("not to be read"),
    Kind.TOO_LARGE: _("too large"),
    Kind.UNSAFE: _("unsafe address"),
}


class FailureFilter(forms.Form):
    """Which failures of services a list shows."""

    service = forms.ChoiceField(label=_("Service"), required=False, error_messages=_NO_SUCH_CHOICE)
    kind = forms.ChoiceField(
        label=_("What went wrong"), required=False, error_messages=_NO_SUCH_CHOICE,
        choices=[("", _("everything")), *((kind.value, words) for kind, words in FAILURES.items())],
    )  # fmt: skip
    since = forms.ChoiceField(label=_("When"), required=False, choices=_WHEN, error_messages=_NO_SUCH_CHOICE)

    def __init__(self, *args: Any, services: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["service"].choices = [("", _("every service")), *((name, name) for name in services)]  # type: ignore[attr-defined]

    def wanted(self, *, now: datetime) -> dict[str, Any]:
        """What a valid form asks for, as outbound.queries.errors takes it."""
        since = SINCE.get(self.cleaned_data["since"])
        return self.cleaned_data | {"since": now - since if since else None}

    def kept(self) -> dict[str, str]:
        """What was picked, as it goes on in an address."""
        return {name: value for name, value in self.cleaned_data.items() if value}
