from dataclasses import dataclass

from django.forms import BoundField
from django.http import HttpRequest


@dataclass(frozen=True)
class Option:
    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Group:
    """The choices of one field as links, so that a list is filtered and sorted without a script."""

    label: str
    options: list[Option]


def links(request: HttpRequest, field: BoundField) -> Group:
    """A link for every choice of `field` that keeps the other filters and begins on the first page again."""
    chosen = str(field.value() or "")

    def url(value: str) -> str:
        query = request.GET.copy()
        for place in ("page", "after"):
            query.pop(place, None)
        query.pop(field.name, None)
        if value:
            query[field.name] = value
        return f"{request.path}?{query.urlencode()}" if query else request.path

    choices = getattr(field.field, "choices", ())
    return Group(
        str(field.label), [Option(str(label), url(str(value)), str(value) == chosen) for value, label in choices]
    )
