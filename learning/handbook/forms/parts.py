"""The parts of an entry as form fields: one part for each field of the pydantic shape.

A part knows the form fields that it is made of, how an entry fills them, how what was typed becomes the value
for the entry again, and to which of its form fields a complaint about that value belongs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from project.foundation.belts import Belt
from project.foundation.http.belt_names import grade

from . import labels, passages
from .complaints import Complaint, Path

LARGEST = 9999
"""Where an entry sets no limit to a number, what the columns of the database hold is far more than anybody needs."""


class Wrong(Exception):
    """What was typed cannot become a value; the complaints say where."""

    def __init__(self, complaints: Sequence[tuple[str, str]]) -> None:
        self.complaints = complaints
        super().__init__()


class Part:
    """One field of an entry. `wide` parts take the width of the page."""

    wide = False

    def __init__(self, name: str, *, required: bool) -> None:
        self.name, self.required = name, required

    @property
    def label(self) -> str:
        return labels.label(self.name)

    @property
    def help(self) -> str:
        return str(labels.HELP.get(self.name, ""))

    @property
    def in_languages(self) -> bool:
        return False

    def fields(self) -> dict[str, forms.Field]:
        raise NotImplementedError

    def initial(self, value: Any) -> dict[str, Any]:
        """What the form fields hold at first; `value` as in entry.model_dump(mode="json")."""
        return {self.name: value}

    def value(self, typed: Mapping[str, Any]) -> Any:
        """What the entry shall hold; None leaves the field out. Raises Wrong."""
        return typed[self.name]

    def place(self, path: Path) -> str:
        """The form field that a complaint about `path` inside this field belongs to."""
        return self.name

    def sentence(self, complaint: Complaint) -> str:
        """The complaint as it is said beside that field."""
        return complaint.sentence


class Single(Part):
    """One value, one control."""

    def __init__(self, name: str, *, required: bool, field: Callable[..., forms.Field]) -> None:
        super().__init__(name, required=required)
        self._field = field

    def fields(self) -> dict[str, forms.Field]:
        return {self.name: self._field(label=self.label, help_text=self.help, required=self.required)}

    def value(self, typed: Mapping[str, Any]) -> Any:
        return None if typed[self.name] == "" else typed[self.name]


class Inside(Single):
    """A thing with one field (closing: {foot: left}) as one control."""

    def __init__(self, name: str, *, inner: str, required: bool, field: Callable[..., forms.Field]) -> None:
        super().__init__(name, required=required, field=field)
        self._inner = inner

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name: (value or {}).get(self._inner)}

    def value(self, typed: Mapping[str, Any]) -> Any:
        return {self._inner: typed[self.name]} if typed[self.name] else None


def choice(name: str, values: Sequence[str]) -> Callable[..., forms.Field]:
    """A select with the words for the values; the empty one is not chosen for anybody."""
    return _select([(value, labels.word(name, value)) for value in values])


def belt(lowest: int, highest: int) -> Callable[..., forms.Field]:
    """A select of belts, beginners first."""
    return _select([(number, grade(Belt(number))) for number in range(lowest, highest - 1, -1)], coerce=int)


def _select(choices: Sequence[tuple[Any, str]], coerce: Callable[[Any], Any] = str) -> Callable[..., forms.Field]:
    def field(**about: Any) -> forms.Field:
        every = [("", "–"), *choices]
        return forms.TypedChoiceField(choices=every, coerce=coerce, empty_value=None, **about)

    return field


def number(least: int | None, most: int | None) -> Callable[..., forms.Field]:
    def field(**about: Any) -> forms.Field:
        return forms.IntegerField(min_value=least, max_value=LARGEST if most is None else most, **about)

    return field


def yes_or_no(**about: Any) -> forms.Field:
    return forms.BooleanField(**(about | {"required": False}))


def line(longest: int | None, lang: str = "") -> Callable[..., forms.Field]:
    def field(**about: Any) -> forms.Field:
        spoken = {"lang": lang} if lang else {"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
        return forms.CharField(max_length=longest, widget=forms.TextInput(spoken), **about)

    return field


class _Prose(forms.CharField):
    """A text of several lines. Browsers send them with CRLF; texts here end their lines with LF."""

    def __init__(self, *, lang: str, rows: int, strip: bool = True, mono: bool = False, **about: Any) -> None:
        look = (
            {"rows": rows} | ({"lang": lang} if lang else {"spellcheck": "false"}) | ({"class": "mono"} if mono else {})
        )
        super().__init__(widget=forms.Textarea(look), strip=strip, **about)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class InLanguages(Part):
    """A text in three languages, a control for each. English is needed as soon as there is any."""

    def __init__(
        self, name: str, *, required: bool, languages: Mapping[str, bool], longest: int | None, rows: int
    ) -> None:
        super().__init__(name, required=required)
        self._languages, self._longest, self._rows = languages, longest, rows
        self.wide = rows > 1

    @property
    def in_languages(self) -> bool:
        return True

    def fields(self) -> dict[str, forms.Field]:
        return {f"{self.name}_{lang}": self._control(lang) for lang in labels.LANGUAGES}

    def _control(self, lang: str) -> forms.Field:
        about: dict[str, Any] = {"label": labels.LANGUAGES[lang], "required": self.required and self._languages[lang]}
        if self._rows == 1:
            return line(self._longest, lang)(**about)
        return _Prose(lang=lang, rows=self._rows, max_length=self._longest, **about)

    def initial(self, value: Any) -> dict[str, Any]:
        return {f"{self.name}_{lang}": (value or {}).get(lang) or "" for lang in labels.LANGUAGES}

    def value(self, typed: Mapping[str, Any]) -> Any:
        return {lang: text for lang in labels.LANGUAGES if (text := typed[f"{self.name}_{lang}"])} or None

    def place(self, path: Path) -> str:
        return f"{self.name}_{path[0] if path else 'en'}"


class Lines(Part):
    """A list of short texts: one a line; empty lines are nothing."""

    def fields(self) -> dict[str, forms.Field]:
        about: dict[str, Any] = {"label": self.label, "help_text": self.help, "required": self.required}
        return {self.name: _Prose(lang="", rows=3, strip=False, **about)}

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name: "\n".join(_in_one_line(each) for each in value or ())}

    def value(self, typed: Mapping[str, Any]) -> Any:
        self._numbers = [number for number, text in enumerate(_lines(typed[self.name]), start=1) if text]
        return [text for text in _lines(typed[self.name]) if text]

    def sentence(self, complaint: Complaint) -> str:
        match complaint.path:
            case (int(index), *_rest):
                return _in_line(self._numbers[index], complaint.sentence)
        return complaint.sentence


class LinesInLanguages(InLanguages):
    """A list of texts: a control for each language, one text a line, line n of each belongs together."""

    def __init__(self, name: str, *, required: bool) -> None:
        super().__init__(
            name, required=required, languages={"en": True, "pl": False, "ko": False}, longest=None, rows=4
        )

    def _control(self, lang: str) -> forms.Field:
        about: dict[str, Any] = {"label": labels.LANGUAGES[lang], "required": self.required and self._languages[lang]}
        return _Prose(lang=lang, rows=self._rows, strip=False, **about)

    def initial(self, value: Any) -> dict[str, Any]:
        def lines(lang: str) -> str:
            return "\n".join(_in_one_line(each.get(lang) or "") for each in value or ()).rstrip("\n")

        return {f"{self.name}_{lang}": lines(lang) for lang in labels.LANGUAGES}

    def value(self, typed: Mapping[str, Any]) -> Any:
        lines = {lang: _lines(typed[f"{self.name}_{lang}"]) for lang in labels.LANGUAGES}
        self._refuse_more_than_english(lines)
        items, self._numbers = [], []
        for place in range(len(lines["en"])):
            item = {lang: each[place] for lang, each in lines.items() if place < len(each) and each[place]}
            if item and "en" not in item:
                sentence = _("Line %(line)s has a translation but no English.") % {"line": place + 1}
                raise Wrong([(f"{self.name}_en", sentence)])
            if item:
                items.append(item)
                self._numbers.append(place + 1)
        return items

    def _refuse_more_than_english(self, lines: Mapping[str, Sequence[str]]) -> None:
        most = len(lines["en"])
        longer = {lang: len(each) for lang, each in lines.items() if len(each) > most}
        if longer:
            raise Wrong([(f"{self.name}_{lang}", _too_many(count, most)) for lang, count in longer.items()])

    def place(self, path: Path) -> str:
        return f"{self.name}_{path[1] if len(path) > 1 else 'en'}"

    def sentence(self, complaint: Complaint) -> str:
        match complaint.path:
            case (int(index), *_rest):
                return _in_line(self._numbers[index], complaint.sentence)
        return complaint.sentence


class Passage(Part):
    """A list of things that hold things: YAML, in the very format of the shipped content."""

    wide = True

    def fields(self) -> dict[str, forms.Field]:
        about: dict[str, Any] = {
            "label": self.label,
            "help_text": self.help,
            "required": self.required,
            "max_length": 200_000,
        }
        return {self.name: _Prose(lang="", rows=14, strip=False, mono=True, **about)}

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name: passages.written(value or ())}

    def value(self, typed: Mapping[str, Any]) -> Any:
        try:
            self._read = passages.read(typed[self.name])
        except passages.Unreadable as refused:
            raise Wrong([(self.name, _in_line(refused.line, refused.why))]) from None
        return self._read.items

    def sentence(self, complaint: Complaint) -> str:
        if not complaint.path:
            return complaint.sentence
        names = [str(part) for part in complaint.path if isinstance(part, str)]
        said = f"{'.'.join(names)}: {complaint.sentence}" if names else complaint.sentence
        return _in_line(self._read.line_of(complaint.path), said)


def _in_line(line: int, sentence: str) -> str:
    return _("Line %(line)s: %(sentence)s") % {"line": line, "sentence": sentence}


def _too_many(lines: int, most: int) -> str:
    said = ngettext(
        "There are %(lines)s lines here, but only %(most)s in English; line by line they belong together.",
        "There are %(lines)s lines here, but only %(most)s in English; line by line they belong together.",
        most,
    )
    return said % {"lines": lines, "most": most}


def _lines(text: str) -> list[str]:
    """The lines as typed, without empty ones at the end."""
    return [line.strip() for line in text.rstrip().split("\n")] if text.strip() else []


def _in_one_line(text: str) -> str:
    """A line break inside a text of a list is only white space to readers."""
    return " ".join(text.splitlines())
