"""What learners send to a quiz: how it shall begin, and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from learning.practice.models import QuizMode
from learning.practice.rules.marking import LONGEST, Flaw, flaw
from learning.practice.rules.quizzes import AT_LEAST, AT_MOST, Choice, Frozen, Text
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http.belt_names import GRADES

FLAWS: Mapping[Flaw, Any] = {
    Flaw.NOTHING: _("Give an answer first."),
    Flaw.NOT_ONE: _("Only one answer is right. Choose one."),
    Flaw.NOT_ALL: _("Something is still missing. Give everything its place."),
    Flaw.TWICE: _("Two have the same place. Give each its own."),
    Flaw.UNKNOWN: _("There is no such choice. Pick one from the list."),
    Flaw.TOO_LONG: _("This is too long for an answer."),
    Flaw.SHAPE: _("This is no answer to this question."),
}

_BELTS = [("", _("any belt")), *[(number, GRADES[number]) for number in range(LOWEST, FIRST_DAN - 1, -1)]]


class StartForm(forms.Form):
    """A quiz that shall begin. `id` makes a second press the same quiz."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    mode = forms.ChoiceField(label=_("About"), choices=QuizMode.choices, initial=QuizMode.MIXED)
    belt = forms.TypedChoiceField(
        label=_("What a learner of this belt has met"),
        choices=_BELTS,
        coerce=int,
        empty_value=None,
        required=False,
    )
    n = forms.IntegerField(
        label=_("Questions"),
        min_value=AT_LEAST,
        max_value=AT_MOST,
        initial=10,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class AgainForm(forms.Form):
    """A quiz of the weak spots of another one."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class QuestionForm(forms.Form):
    """Which question of a quiz is meant."""

    place = forms.IntegerField(min_value=1, max_value=AT_MOST)


@dataclass(frozen=True)
class Offer:
    """An option as the page offers it: whether it is chosen, or where it was put, or with what it was matched."""

    choice: Choice
    is_chosen: bool
    put: str

    @property
    def number(self) -> int:
        return self.choice.number

    @property
    def text(self) -> Text:
        return self.choice.text


class AnswerForm(forms.Form):
    """The answer to one question, as plain fields: `option` of a choice, `put-<number>` of an order (its place) or a
    match (its partner), `typed`. `cleaned_data["given"]` is what rules/marking.py takes."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, question: Frozen, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question

    def clean(self) -> dict[str, Any]:
        given = self._given()
        if why := flaw(self.question, given):
            self.add_error(None, FLAWS[why])
        return {**self.cleaned_data, "given": given}

    def _given(self) -> Any:
        match self.question.kind:
            case "type":
                return self._said("typed").strip()
            case "match":
                return [[number, _number(put)] for number, put in self._puts if put]
            case "order":
                return self._in_order()
            case _:
                return [_number(each) for each in self._chosen]

    def _in_order(self) -> Any:
        """The numbers by the places they were put at. Two at one place are told as one of them given twice."""
        places = {number: _number(put) for number, put in self._puts if put}
        in_order = sorted(places, key=lambda number: places[number])
        if len(set(places.values())) < len(places):
            return [in_order[0], *in_order]
        return in_order

    @property
    def typed(self) -> str:
        return self._said("typed")[:LONGEST]

    @property
    def places(self) -> Sequence[int]:
        return range(1, len(self.question.options) + 1)

    @cached_property
    def offers(self) -> list[Offer]:
        """The options with what was chosen before, when the form comes back with an error."""
        puts = dict(self._puts)
        return [Offer(each, str(each.number) in self._chosen, puts[each.number]) for each in self.question.options]

    @cached_property
    def _chosen(self) -> list[str]:
        return self.data.getlist("option") if self.is_bound else []  # type: ignore[attr-defined]

    @cached_property
    def _puts(self) -> list[tuple[int, str]]:
        return [(each.number, self._said(f"put-{each.number}")) for each in self.question.options]

    def _said(self, name: str) -> str:
        return str(self.data.get(name, ""))


def _number(typed: str) -> int:
    """0, which nothing has, for what is no number."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
