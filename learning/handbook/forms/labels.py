"""The words for the fields of entries, and for what they can hold."""

from collections.abc import Sequence
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.handbook.models import Category, Section, Side, Tempo, TermTopic, TheoryTopic, TulKind, Turn
from project.foundation.belts import Belt
from project.foundation.http import belt_names

LANGUAGES = {"pl": gettext_lazy("Polish"), "en": gettext_lazy("English"), "ko": gettext_lazy("Korean")}
"""In the order in which the names stand in the handbook's own files."""

LABELS: dict[str, Promise] = {
    "aliases": gettext_lazy("Also written"),
    "answer": gettext_lazy("Answer"),
    "belt": gettext_lazy("Belt"),
    "body": gettext_lazy("Text"),
    "by": gettext_lazy("How far"),
    "category": gettext_lazy("Kind"),
    "closing": gettext_lazy("Foot that closes"),
    "ends_at_start": gettext_lazy("Ends on the spot where it begins"),
    "facing": gettext_lazy("Facing"),
    "foot": gettext_lazy("Foot"),
    "hangul": gettext_lazy("Name in Hangul"),
    "joined": gettext_lazy("On the same count"),
    "judges_notes": gettext_lazy("What an examiner looks at"),
    "key": gettext_lazy("Key"),
    "key_points": gettext_lazy("How it is done"),
    "kind": gettext_lazy("Kind"),
    "meaning": gettext_lazy("What the name means"),
    "min_belt": gettext_lazy("First met"),
    "mistakes": gettext_lazy("What often goes wrong"),
    "months_in_grade": gettext_lazy("Months in the grade before"),
    "movements": gettext_lazy("Movements"),
    "moves": gettext_lazy("Moves of the feet"),
    "name": gettext_lazy("Name"),
    "names": gettext_lazy("Name"),
    "note": gettext_lazy("Note"),
    "order": gettext_lazy("Place in the order"),
    "place": gettext_lazy("Place in the order"),
    "question": gettext_lazy("Question"),
    "ready": gettext_lazy("Ready posture"),
    "safety": gettext_lazy("Stay safe"),
    "section": gettext_lazy("Target"),
    "side": gettext_lazy("Side"),
    "slug": gettext_lazy("Name in the address"),
    "source_note": gettext_lazy("Where sources differ"),
    "sources": gettext_lazy("Sources"),
    "sparring": gettext_lazy("Sparring"),
    "stance": gettext_lazy("Stance"),
    "stance_side": gettext_lazy("Side of the stance"),
    "steps": gettext_lazy("Steps"),
    "strength": gettext_lazy("Strength"),
    "tags": gettext_lazy("Tags"),
    "technique": gettext_lazy("Technique"),
    "techniques": gettext_lazy("Techniques"),
    "tempo": gettext_lazy("Tempo"),
    "theory": gettext_lazy("Theory"),
    "title": gettext_lazy("Title"),
    "to": gettext_lazy("Towards"),
    "tool": gettext_lazy("Tool"),
    "topic": gettext_lazy("Topic"),
    "transliteration": gettext_lazy("How it is said"),
    "tuls": gettext_lazy("Tuls"),
    "turn": gettext_lazy("Turn"),
}

HELP: dict[str, Promise] = {
    "aliases": gettext_lazy("Other spellings that people type, one a line."),
    "body": gettext_lazy(
        "Markdown: ## begins a heading, - an item of a list, **strong**, [words](/techniques/gunnun-sogi/) a link."
    ),
    "closing": gettext_lazy("The foot that is brought back to the ready posture."),
    "key_points": gettext_lazy(
        "One point a line. Line 1 in one language is line 1 in the others; an empty line is a missing translation."
    ),
    "judges_notes": gettext_lazy("One note a line, the same line in every language."),
    "mistakes": gettext_lazy("One mistake a line, the same line in every language."),
    "order": gettext_lazy("Smaller numbers come first."),
    "place": gettext_lazy("Smaller numbers come first."),
    "ready": gettext_lazy("A technique, by its name in the address: narani-junbi-sogi."),
    "slug": gettext_lazy("Small letters, digits and hyphens: ap-cha-busigi. It never changes once it is saved."),
    "source_note": gettext_lazy("A fact on which good sources differ is noted, never hidden."),
    "sources": gettext_lazy("Books and pages, one a line."),
    "steps": gettext_lazy(
        "YAML, as in the handbook's own files. A step keeps its key for ever: give a new step between 7 and 8 the key "
        "7a. Empty where the steps are not in the handbook yet."
    ),
    "tags": gettext_lazy("Small English words, one a line."),
    "technique": gettext_lazy("The technique that this is the word for, by its name in the address."),
    "techniques": gettext_lazy("Names in the address, one a line, in the order of the page."),
    "theory": gettext_lazy("YAML: a list of question and answer, each in the languages pl, en and ko."),
    "tuls": gettext_lazy("Names in the address, one a line, in the order of the page."),
}  # fmt: skip

_WORDS: dict[str, Sequence[type[TextChoices]]] = {
    "category": [Category],
    "foot": [Side],
    "kind": [TulKind],
    "section": [Section],
    "side": [Side],
    "stance_side": [Side],
    "tempo": [Tempo],
    "topic": [TermTopic, TheoryTopic],
    "turn": [Turn],
}
"""Topics of both kinds: where they share a value they share its word."""


def label(name: str) -> str:
    return str(LABELS.get(name, name))


def word(name: str, value: Any) -> str:
    """How a value of a field is said to people."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in {"belt", "min_belt"} and value is not None:
        return belt_names.grade(Belt(int(value)))
    for words in _WORDS.get(name, ()):
        if value in words.values:
            return str(words(value).label)
    return "" if value is None else str(value)


def path_label(path: tuple[str | int, ...]) -> str:
    """Where in an entry something stands: “How it is done, 2, English”."""
    named = [
        str(LANGUAGES.get(str(each), "")) or (f"{each}" if isinstance(each, int) or before == "steps" else label(each))
        for before, each in zip(("", *path), path, strict=False)
    ]
    return ", ".join(named)
