"""When an edition becomes valid, and which two are compared."""

from datetime import datetime
from typing import Any

from django import forms
from django.forms.utils import from_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class PublicationForm(forms.Form):
    """Now, or at an instant in the editor's own time zone. `valid_from(now)` is what was chosen."""

    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("Now")), ("later", gettext_lazy("At a day and time"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    day = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("when") != "later" or self.errors:
            return typed
        for name in ("day", "time"):
            if typed.get(name) is None:
                self.add_error(name, _("This is needed for a later instant."))
        if not self.errors:
            self._later(typed)
        return typed

    def _later(self, typed: dict[str, Any]) -> None:
        """An hour that the clocks skip, or show twice, is refused by Django."""
        try:
            typed["at"] = from_current_timezone(datetime.combine(typed["day"], typed["time"]))
        except forms.ValidationError as refused:
            self.add_error("time", refused)
            return
        if typed["at"] <= self._now:
            self.add_error("day", _("This instant is past already. Publish now, or choose a later one."))

    def valid_from(self) -> datetime:
        at: datetime = self.cleaned_data.get("at", self._now)
        return at


class Comparison(forms.Form):
    """Two editions, by their version."""

    before = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    after = forms.IntegerField(min_value=1, max_value=2**31 - 1)

    def __init__(self, data: Any) -> None:
        super().__init__({"before": data.get("from"), "after": data.get("to")})

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors and typed["before"] == typed["after"]:
            self.add_error(None, _("Choose two different editions."))
        return typed
