"""What the hall holds about a person: each app says what, how to hand it out and how to erase it.

In practice/apps.py, when Django starts:
`privacy.register("practice.reviews", tables=["practice.Review"], order=200, export=queries.reviews_of,
erase=commands.erase_reviews)`

`export(person=…)` gives rows of names and values; `erase(person=…, now=…)` leaves nothing that names the person or
points at them. `order` follows the floors from the top: operators' tools 100, learning and vod 200, media 300,
accounts 400 to 499, the person themselves last; what stands on a row is gone before that row is.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

Export = Callable[..., Iterable[Mapping[str, Any]]]
Erase = Callable[..., Any]


class PartFailed(RuntimeError):
    """One part could not do its share, so nothing was done. The text is its name, the cause what happened."""


@dataclass(frozen=True)
class Part:
    """`tables` are the labels of the models whose rows it looks after."""

    name: str
    tables: frozenset[str]
    export: Export
    erase: Erase
    order: int


_parts: dict[str, Part] = {}


def register(name: str, *, tables: Collection[str], export: Export, erase: Erase, order: int) -> None:
    """Look after a part of what is held about people. Raises ValueError when another part has the name."""
    part = Part(name, frozenset(tables), export, erase, order)
    if _parts.setdefault(name, part) != part:
        raise ValueError(f"two parts are called {name}")


def parts() -> list[Part]:
    """In the order in which they erase."""
    return sorted(_parts.values(), key=lambda part: (part.order, part.name))


def export(person: models.Model) -> dict[str, list[Any]]:
    """Everything that is held about a person, by part, as plain JSON. Raises PartFailed."""
    return {part.name: _exported(part, person) for part in parts()}


@transaction.atomic
def erase(person: models.Model, *, now: datetime) -> None:
    """Erase everything that is held about a person, all of it or nothing.

    Their row is locked first: what would be written about them meanwhile waits, and then has nobody to belong to.
    Raises PartFailed, or DoesNotExist of their model when they are gone already.
    """
    locked = type(person)._base_manager.select_for_update().get(pk=person.pk)
    for part in parts():
        try:
            part.erase(person=locked, now=now)
        except Exception as error:
            raise PartFailed(part.name) from error


def _exported(part: Part, person: models.Model) -> list[Any]:
    try:
        rows: list[Any] = json.loads(json.dumps(list(part.export(person=person)), cls=DjangoJSONEncoder))
    except Exception as error:
        raise PartFailed(part.name) from error
    return rows
