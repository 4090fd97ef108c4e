"""What people pick in the lists. Everything is optional, and a wrong value says so instead of being ignored."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from learning.handbook.models import Category, DocumentKind, TermTopic, TheoryTopic, TulKind
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http.belt_names import GRADES

BELTS = [("", _("any belt")), *[(number, GRADES[number]) for number in range(LOWEST, FIRST_DAN - 1, -1)]]


def _chosen_belt(value: str) -> int:
    return int(value)


class _Filter(forms.Form):
    """Says in plain words when an address asks for a choice that a list does not have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = _("There is no such choice. Pick one from the list.")


class TechniqueFilter(_Filter):
    q = forms.CharField(label=_("Name"), required=False, max_length=100, strip=True)
    category = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("every kind")), *Category.choices])
    belt = forms.TypedChoiceField(
        label=_("Known by"), required=False, choices=BELTS, coerce=_chosen_belt, empty_value=None
    )
    ordering = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("by belt")),
            ("-belt", _("by belt, highest first")),
            ("name", _("by name")),
            ("-name", _("by name, from Z")),
        ],
    )


class TulFilter(_Filter):
    q = forms.CharField(label=_("Name"), required=False, max_length=100, strip=True)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("every kind")), *TulKind.choices])
    belt = forms.TypedChoiceField(
        label=_("Known by"), required=False, choices=BELTS, coerce=_chosen_belt, empty_value=None
    )


KINDS = [
    ("", _("everything")),
    (DocumentKind.TECHNIQUE, _("Techniques")),
    (DocumentKind.TUL, _("Tuls")),
    (DocumentKind.TERM, _("Glossary")),
    (DocumentKind.ARTICLE, _("Theory")),
]


class SearchFilter(_Filter):
    q = forms.CharField(label=_("Search the handbook"), required=False, strip=True)
    type = forms.ChoiceField(label=_("What"), required=False, choices=KINDS)
    category = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("every kind")), *Category.choices])
    belt = forms.TypedChoiceField(
        label=_("Known by"), required=False, choices=BELTS, coerce=_chosen_belt, empty_value=None
    )


class TermFilter(_Filter):
    q = forms.CharField(label=_("Name"), required=False, max_length=100, strip=True)
    topic = forms.ChoiceField(label=_("Topic"), required=False, choices=[("", _("every topic")), *TermTopic.choices])


class ArticleFilter(_Filter):
    topic = forms.ChoiceField(label=_("Topic"), required=False, choices=[("", _("every topic")), *TheoryTopic.choices])


class EditorFilter(_Filter):
    """What an editor looks for in the list of a kind."""

    q = forms.CharField(label=_("Name"), required=False, max_length=100, strip=True)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("every state")), ("draft", _("with a draft")), ("scheduled", _("scheduled"))],
    )
