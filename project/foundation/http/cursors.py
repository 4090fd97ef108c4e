"""Lists in pages that begin after a row instead of at a number.

What is added or taken away between two pages shifts nothing: the next page begins behind the last row that was
given, wherever that row would stand now, and whether or not it is still there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet

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
    columns = orderings[ordering]
    rows = rows.order_by(*(_placed(column) for column in columns))
    if cursor:
        rows = rows.filter(_after(columns, _opened(cursor, of=of, ordering=ordering, columns=columns)))
    found = list(rows[: limit + 1])  # one more than is given tells whether anything follows
    items = found[:limit]
    key = [_value(items[-1], column) for column in columns] if len(found) > limit else None
    return Page(items, _signer(of).sign_object([ordering, key]) if key is not None else None)


def _placed(column: str) -> Any:
    """Rows without a value come last in both directions: PostgreSQL would let them lead a descending list."""
    name = F(column.removeprefix("-"))
    return name.desc(nulls_last=True) if column.startswith("-") else name.asc(nulls_last=True)


def _after(columns: Sequence[str], key: Sequence[Any]) -> Q:
    """Rows behind `key`: as far as they are equal to it from the left, the first column that differs is beyond it."""
    beyond = Q(pk__in=[])
    for place, column in enumerate(columns):
        alike = (_same(*pair) for pair in zip(columns[:place], key[:place], strict=True))
        beyond |= reduce(Q.__and__, alike, Q()) & _beyond(column, key[place])
    return beyond


def _same(column: str, value: Any) -> Q:
    name = column.removeprefix("-")
    return Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})


def _beyond(column: str, value: Any) -> Q:
    if value is None:
        return Q(pk__in=[])
    name = column.removeprefix("-")
    return Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value}) | Q(**{f"{name}__isnull": True})


def _value(row: Any, column: str) -> Any:
    steps = column.removeprefix("-").split("__")
    return reduce(lambda found, step: None if found is None else getattr(found, step), steps, row)


def _opened(cursor: str, *, of: str, ordering: str, columns: Sequence[str]) -> Sequence[Any]:
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
