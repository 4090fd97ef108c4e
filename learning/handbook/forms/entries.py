"""The editor's form for any entry, made from its pydantic shape (rules/entries.py)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, Lt
from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

from learning.handbook.rules import entries

from . import parts
from .complaints import Complaint, complaints, not_there
from .labels import LANGUAGES


@dataclass(frozen=True)
class ShownPart:
    """A part with its controls, for the template."""

    part: parts.Part
    controls: Sequence[BoundField]


class EntryForm(forms.Form):
    """A form for entries of `shape`, filled from `entry`. What is `fixed` was decided when it was new.

    When the form is valid, `entry` is what was typed, checked by the shape itself.
    """

    entry: Any

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        shape: type[BaseModel],
        entry: BaseModel | None = None,
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        self.shape = shape
        self.parts = list(_parts(shape))
        said = entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True) if entry else {}
        given = {name: said.get(name, _default(field)) for name, field in shape.model_fields.items()}
        initial = {key: value for part in self.parts for key, value in part.initial(given[part.name]).items()}
        super().__init__(data, initial=initial | dict(fixed or {}))
        for part in self.parts:
            self.fields |= part.fields()
        for name in fixed or ():
            self.fields[name].disabled = True

    def shown(self) -> Iterator[ShownPart]:
        for part in self.parts:
            yield ShownPart(part, [self[name] for name in part.fields()])

    def long_fields(self) -> list[str]:
        """The fields that hold Markdown, which an editor wants to see rendered before it is saved."""
        return [name for name, field in self.shape.model_fields.items() if field.annotation is entries.LongText]

    def long_texts(self) -> list[tuple[str, str]]:
        """What is typed there now, as (language, text), whether or not the rest is right yet."""
        typed = [(lang, self[f"{name}_{lang}"].value()) for name in self.long_fields() for lang in LANGUAGES]
        return [(lang, text) for lang, text in typed if text]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("slug") == "new":
            self.add_error("slug", _("This name is taken: it is the address of the form for new entries."))
        try:
            self.entry = self.shape.model_validate(self._values(typed))
        except ValidationError as refused:
            for complaint in complaints(refused):
                self.complain(complaint)
        return typed

    def say_not_there(self, missing: Sequence[str]) -> None:
        """The entry names what the handbook does not have; say so where it stands."""
        for complaint in not_there(missing, self.entry.model_dump(mode="json")):
            self.complain(complaint)

    def complain(self, complaint: Complaint) -> None:
        """Say it beside the control that it is about, once; a control that Django has refused has its sentence."""
        part = next((each for each in self.parts if complaint.path and each.name == complaint.path[0]), None)
        if part is None:
            self.add_error(None, complaint.sentence)
            return
        inside = Complaint(complaint.path[1:], complaint.sentence)
        if not any(name in self._refused for name in part.fields()):
            self.add_error(part.place(inside.path), part.sentence(inside))

    def _values(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        values = {}
        self._refused = set(self.errors)
        for part in self.parts:
            if any(name in self._refused for name in part.fields()):
                continue
            try:
                value = part.value(typed)
            except parts.Wrong as wrong:
                for name, sentence in wrong.complaints:
                    self.add_error(name, sentence)
                    self._refused.add(name)
                continue
            if value is not None:
                values[part.name] = value
        return values


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() else field.default


def _parts(shape: type[BaseModel]) -> Iterator[parts.Part]:
    for name, field in shape.model_fields.items():
        yield _part(name, field)


def _part(name: str, field: FieldInfo) -> parts.Part:
    kind, limits = _plain(field.annotation, field.metadata)
    if get_origin(kind) is not None and get_origin(kind) is not Literal:
        return _list(name, *_plain(get_args(kind)[0], ()), required=field.is_required())
    if isinstance(kind, type) and issubclass(kind, entries.Text | entries.Names):
        return _in_languages(name, kind, required=field.is_required())
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        [(inner, about)] = kind.model_fields.items()
        values = get_args(about.annotation)
        return parts.Inside(name, inner=inner, required=field.is_required(), field=parts.choice(inner, values))
    # A number that has a default is still a number: only what may be None may be left empty.
    required = type(None) not in get_args(field.annotation)
    return parts.Single(name, required=required, field=_control(name, kind, limits))


def _control(name: str, kind: Any, limits: Sequence[Any]) -> Any:
    if get_origin(kind) is Literal:
        return parts.choice(name, get_args(kind))
    if kind is bool:
        return parts.yes_or_no
    if kind is int:
        least, most = _range(limits)
        return parts.belt(most or 0, least or 0) if name in {"belt", "min_belt"} else parts.number(least, most)
    return parts.line(_longest(limits))


def _list(name: str, kind: Any, limits: Sequence[Any], *, required: bool) -> parts.Part:
    if kind is entries.Text:
        return parts.LinesInLanguages(name, required=required)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return parts.Passage(name, required=required)
    return parts.Lines(name, required=required)


def _in_languages(name: str, kind: type[BaseModel], *, required: bool) -> parts.Part:
    languages = {lang: field.is_required() for lang, field in kind.model_fields.items()}
    _, limits = _plain(kind.model_fields["en"].annotation, kind.model_fields["en"].metadata)
    rows = 1 if kind is entries.Names else 18 if kind is entries.LongText else 3
    return parts.InLanguages(name, required=required, languages=languages, longest=_longest(limits), rows=rows)


def _plain(annotation: Any, metadata: Sequence[Any]) -> tuple[Any, list[Any]]:
    """What a field holds when it holds something, and the limits of that."""
    if get_origin(annotation) in (Union, UnionType):
        [annotation] = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _plain(inner, [*metadata, *more])
    return annotation, list(metadata)


def _range(limits: Sequence[Any]) -> tuple[int | None, int | None]:
    least = next((int(str(each.ge)) for each in limits if isinstance(each, Ge)), None)
    most = next((int(str(each.le)) for each in limits if isinstance(each, Le)), None)
    below = next((int(str(each.lt)) - 1 for each in limits if isinstance(each, Lt)), None)
    return least, below if most is None else most


def _longest(limits: Sequence[Any]) -> int | None:
    return next((each.max_length for each in limits if isinstance(each, StringConstraints) and each.max_length), None)
