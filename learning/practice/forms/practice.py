"""What learners send about cards: ratings, decks, their own texts, and how they want to practise."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from learning.practice import queries
from learning.practice.models import Algorithm, CardKind, Learner
from learning.practice.rules.memory import Rating
from learning.practice.rules.queueing import CATCH_UP

_NO_SUCH_CHOICE = {"invalid_choice": _("There is no such choice. Pick one from the list.")}


class RatingForm(forms.Form):
    """One of the four keys. `client_id` makes a second press the same review; `seen_at` is when the card was shown."""

    client_id = forms.UUIDField()
    rating = forms.TypedChoiceField(choices=[(each.value, each.name) for each in Rating], coerce=int)
    seen_at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"])

    def duration(self, now: datetime) -> int:
        """Milliseconds from the showing of the card."""
        seen_at = self.cleaned_data["seen_at"]
        return max(0, (now - seen_at) // timedelta(milliseconds=1)) if seen_at else 0


class UndoForm(forms.Form):
    """The review that the page showed as the last one: a second press takes no other one back."""

    review = forms.UUIDField()


class DeckForm(forms.Form):
    """What of a belt's deck is added."""

    part = forms.ChoiceField(choices=[(part, part) for part in queries.PARTS])
    tul = forms.SlugField(required=False, max_length=80)


class PractiseForm(forms.Form):
    """Something of the handbook that shall be remembered."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in ("term", "technique", "tul", "question", "article")])
    key = forms.SlugField(max_length=120)


class OwnCardForm(forms.Form):
    """The text of a card of the learner's own."""

    front = forms.CharField(label=_("Front of the card"), max_length=2000, widget=forms.Textarea)
    back = forms.CharField(label=_("Back of the card"), max_length=2000, required=False, widget=forms.Textarea)


class CatchUpForm(forms.Form):
    """Over how many days a backlog is spread."""

    days = forms.TypedChoiceField(choices=[(days, days) for days in CATCH_UP], coerce=int)


class CardFilter(forms.Form):
    """Which cards a list shows; everything is optional."""

    q = forms.CharField(label=_("Text"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("every kind")), *CardKind.choices],
        error_messages=_NO_SUCH_CHOICE,
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("practised")),
            ("new", _("new")),
            ("learning", _("learning")),
            ("known", _("in review")),
            ("leech", _("forgotten again and again")),
            ("away", _("put away")),
        ],
        error_messages=_NO_SUCH_CHOICE,
    )
    deck = forms.ChoiceField(label=_("Deck"), required=False, error_messages=_NO_SUCH_CHOICE)

    def __init__(self, *args: Any, decks: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deck = self.fields["deck"]
        assert isinstance(deck, forms.ChoiceField)
        deck.choices = [("", _("every deck")), *((name, name) for name in decks)]


FURTHEST = timedelta(days=731)
"""How far ahead a grading day may be: two years, one of them a leap year."""


def _hours() -> list[tuple[int | str, Any]]:
    return [("", _("never")), *((hour, f"{hour}:00") for hour in range(24))]


class SettingsForm(forms.Form):
    """How somebody practises."""

    algo = forms.ChoiceField(label=_("Algorithm"), choices=Algorithm, widget=forms.RadioSelect)
    retention = forms.IntegerField(
        label=_("How much to remember, in percent"), min_value=70, max_value=97,
        help_text=_("How sure you want to be of a card when it comes back. More means more reviews."),
    )  # fmt: skip
    new_a_day = forms.IntegerField(
        label=_("New cards a day"), min_value=0, max_value=200,
        help_text=_("Every new card brings several reviews in its first weeks. The plan for a grading may ask more."),
    )  # fmt: skip
    reviews_a_day = forms.IntegerField(
        label=_("Reviews of the grading's deck on one day, at most"), min_value=5, max_value=500,
        help_text=_("While you prepare for a grading. Your other cards come on top, on their own days."),
    )  # fmt: skip
    grading_on = forms.DateField(
        label=_("My grading day"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: the next grading of your club."),
    )  # fmt: skip
    reminder_hour = forms.TypedChoiceField(
        label=_("Remind me at"), required=False, choices=_hours, coerce=int, empty_value=None,
        help_text=_("By your clock, and only when something is due."),
    )  # fmt: skip

    def __init__(self, *args: Any, learner: Learner, today: date, **kwargs: Any) -> None:
        names = ("algo", "new_a_day", "reviews_a_day", "grading_on", "reminder_hour")
        kwargs["initial"] = {name: getattr(learner, name) for name in names}
        kwargs["initial"]["retention"] = round(learner.retention * 100)
        super().__init__(*args, **kwargs)
        self.learner, self.today = learner, today

    def clean_retention(self) -> float:
        percent: int = self.cleaned_data["retention"]
        return percent / 100

    def clean_grading_on(self) -> date | None:
        """A day that is over may stay as it was; a new one lies ahead, and not so far that nothing can be foreseen."""
        day: date | None = self.cleaned_data["grading_on"]
        if day is not None and day < self.today and day != self.learner.grading_on:
            raise forms.ValidationError(_("This day is over."))
        if day is not None and day > self.today + FURTHEST:
            raise forms.ValidationError(_("This day is too far away: two years ahead at most."))
        return day
