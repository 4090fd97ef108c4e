"""Lists in pages that begin after a row instead of at a number.

What is added or taken away between two pages shifts nothing: the next page begins behind the last row that was
given, wherever that row would stand now, and whether or not it is still there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Self
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.core.signing import BadSignature, Signer
from django.db.models import F, Model, Q, QuerySet

from project.foundation.http.problems import Problem, invalid

Orderings = Mapping[str, Sequence[str]]
"""The closed set of orders of a list, the first is the default: names, and for each the columns as order_by takes
them. The last column tells any two rows apart and never changes. Columns hold what JSON can say exactly."""


@dataclass(frozen=True)
class Page[Row]:
    """Some rows, and the cursor of those that follow; None on the last page."""

    items: Sequence[Row]
    next: str | None


def page[Row: Any](
    rows: QuerySet[Row], *, of: str, orderings: Orderings, ordering: str, cursor: str, limit: int
) -> Page[Row]:
    """The `limit` rows after `cursor` (the first ones when it is empty), in one query.

    `of` names the list: a cursor is good for the list and the ordering that it was made for, whatever the
    filters, and for nothing else. Raises Problem for any other.
    """
    columns = [_Column.of(rows.model, said) for said in orderings[ordering]]
    rows = rows.order_by(*(column.placed() for column in columns))
    if cursor:
        rows = rows.filter(_after(columns, _opened(cursor, of=of, ordering=ordering, columns=columns)))
    found = list(rows[: limit + 1])  # one more than is given tells whether anything follows
    items = found[:limit]
    key = [_value(items[-1], column) for column in columns] if len(found) > limit else None
    return Page(items, _signer(of).sign_object([ordering, key]) if key is not None else None)


@dataclass(frozen=True)
class _Column:
    name: str
    descends: bool
    may_be_empty: bool

    @classmethod
    def of(cls, model: type[Model], said: str) -> Self:
        name = said.removeprefix("-")
        return cls(name, said.startswith("-"), _may_be_empty(model, name))

    def placed(self) -> Any:
        """Rows without a value come last in both directions: PostgreSQL would let them lead a descending list. Where
        there are none nothing is said of them, since an index of the plain order is used for the plain order only."""
        last = True if self.may_be_empty else None
        return F(self.name).desc(nulls_last=last) if self.descends else F(self.name).asc(nulls_last=last)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, *, or_same: bool = False) -> Q:
        if value is None:
            return Q(pk__in=[])
        than = ("lt" if self.descends else "gt") + ("e" if or_same else "")
        behind = Q(**{f"{self.name}__{than}": value})
        return behind | Q(**{f"{self.name}__isnull": True}) if self.may_be_empty else behind


def _may_be_empty(model: type[Model], name: str) -> bool:
    for step in name.split("__"):
        try:
            field = model._meta.get_field(step)
        except FieldDoesNotExist:  # an annotation
            return True
        if getattr(field, "null", True):
            return True
        model = field.related_model  # type: ignore[assignment]  # None for the last step
    return False


def _after(columns: Sequence[_Column], key: Sequence[Any]) -> Q:
    """Rows behind `key`: as far as they are equal to it from the left, the first column that differs is beyond it.

    That they are not before it in the first column follows from this; it is said as well, because PostgreSQL enters
    an index there, and would read all the rows of all the pages before without it.
    """
    behind = Q(pk__in=[])
    for place, column in enumerate(columns):
        alike = (left.same(value) for left, value in zip(columns[:place], key[:place], strict=True))
        behind |= reduce(Q.__and__, alike, Q()) & column.beyond(key[place])
    return behind if key[0] is None else behind & columns[0].beyond(key[0], or_same=True)


def _value(row: Any, column: _Column) -> Any:
    steps = column.name.split("__")
    value = reduce(lambda found, step: None if found is None else getattr(found, step), steps, row)
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


def _opened(cursor: str, *, of: str, ordering: str, columns: Sequence[_Column]) -> Sequence[Any]:
    try:
        made_for, key = _signer(of).unsign_object(cursor)
    except (BadSignature, ValueError):  # ValueError: signed by nobody, and not even base64 or JSON
        raise _refused("This is no cursor of this list. Take `next` of the page before, as it is.") from None
    if made_for != ordering or len(key) != len(columns):
        raise _refused(f"This cursor was made for the ordering {made_for}. Begin again without a cursor.")
    return list(key)


def _signer(of: str) -> Signer:
    return Signer(salt=f"cursor of {of}")


def _refused(why: str) -> Problem:
    return invalid([{"where": ["query", "cursor"], "what": why}])
