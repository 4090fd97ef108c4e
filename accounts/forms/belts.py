from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Part, Result, User
from accounts.queries import GradingEntry
from accounts.rules.belts import typed_code
from project.foundation.belts import HIGHEST, LOWEST, Belt
from project.foundation.http import belt_names

NOBODY = ""
NAMED_ON = date(1955, 4, 11)
"""The day on which Taekwon-Do got its name: nobody has a belt from before."""


def belt_field(label: Any, **more: Any) -> forms.TypedChoiceField:
    """All belts in their order, each with its colours."""
    choices = [(number, _Words(number)) for number in range(LOWEST, HIGHEST - 1, -1)]
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, empty_value=None, **more)


class _Words:
    """A belt in the language of whoever reads the form."""

    def __init__(self, number: int) -> None:
        self.belt = Belt(number)

    def __str__(self) -> str:
        return f"{belt_names.grade(self.belt)} · {belt_names.colours(self.belt)}"


def day_field(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    since = MinValueValidator(NAMED_ON, message=_("This day is too long ago."))
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d"], validators=[since], **more)


class GradingForm(forms.Form):
    held_on = day_field(_("Day"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    examiner = forms.ChoiceField(label=_("Examiner"), required=False)
    guest_examiner = forms.CharField(
        label=_("Examiner without an account"),
        max_length=80,
        required=False,
        help_text=_("The name as it stands on the certificates."),
    )
    parts = forms.MultipleChoiceField(
        label=_("What is asked"), choices=Part, required=False, initial=Part.values, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, examiners: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examiners = {str(person.actor_id): person for person in examiners}
        choices = [(actor, str(person)) for actor, person in self.examiners.items()]
        self.fields["examiner"].choices = [(NOBODY, _("nobody yet, or a guest")), *choices]  # type: ignore[attr-defined]

    def clean_examiner(self) -> User | None:
        return self.examiners.get(self.cleaned_data["examiner"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("examiner") and self.cleaned_data.get("guest_examiner"):
            self.add_error("guest_examiner", _("There is one examiner: choose somebody above, or write a name here."))
        return self.cleaned_data


class EnrolForm(forms.Form):
    """One member and the belt they try for; `person` is their pseudonym."""

    person = forms.UUIDField(widget=forms.HiddenInput)
    belt = belt_field(_("Tries for"))


class ResultForm(forms.Form):
    """How it went with one candidate: what is ticked was passed."""

    parts = forms.MultipleChoiceField(label=_("Passed"), required=False, widget=forms.CheckboxSelectMultiple)
    result = forms.ChoiceField(
        label=_("Result"),
        required=False,
        choices=[("", _("not judged yet")), *Result.choices],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, entry: GradingEntry) -> None:
        candidate = entry.candidate
        self.asked = [part for part in Part.choices if part[0] in candidate.grading.parts]
        ticked = [part for part, passed in entry.parts.items() if passed]
        initial = {"parts": ticked, "result": candidate.result, "note": candidate.note}
        super().__init__(data, initial=initial, auto_id=f"c{candidate.pk.hex[:12]}_%s")
        self.fields["parts"].choices = self.asked  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """What commands.record_result wants to know."""
        return {
            "parts": self._seen(),
            "result": self.cleaned_data["result"],
            "note": self.cleaned_data["note"],
        }

    def _seen(self) -> dict[str, bool]:
        """The parts that were seen. While the result is open, what is not ticked may still come; then it was not
        passed. Who was absent has shown nothing."""
        ticked, result = set(self.cleaned_data["parts"]), self.cleaned_data["result"]
        if result == Result.ABSENT:
            return {}
        return {part: part in ticked for part, _name in self.asked if result or part in ticked}


class AwardForm(forms.Form):
    belt = belt_field(_("Belt"))
    awarded_on = day_field(_("Day"))


class CorrectionForm(forms.Form):
    """What an award should have been."""

    belt = belt_field(_("Belt"))
    awarded_on = day_field(_("Day"))
    is_void = forms.BooleanField(
        label=_("There was no such award"), required=False, help_text=_("Then the belt before counts again.")
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("It is kept with the history, and the person can read it.")
    )


class CodeForm(forms.Form):
    """The code of a certificate, as somebody reads it from the paper."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Sixteen letters and digits, at the bottom of the certificate."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        code = typed_code(self.cleaned_data["code"])
        if not code:
            raise ValidationError(_("There are no letters or digits in this."))
        return code
