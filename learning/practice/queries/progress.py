"""How far somebody is, and on which days they practised."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from learning.practice.models import ItemType, Progress, Status
from learning.practice.rules.streaks import Run, Streak, streak

from .learners import practice_day

Key = tuple[str, str]
"""Type and slug of an item."""
WHOLE: Key = ("", "")
"""The key of days on which anything was practised."""


def progress(*, person: Any, item_type: str = "", updated_since: datetime | None = None) -> QuerySet[Progress]:
    """Somebody's progress. `updated_since` gives what was told at that instant or after."""
    rows = Progress.objects.filter(person=person.pk)
    if item_type:
        rows = rows.filter(item_type=item_type)
    return rows if updated_since is None else rows.filter(updated_at__gte=updated_since)


def progress_with(*, person: Any, item_type: str, item: str) -> Progress | None:
    """How far somebody is with one thing; None when they have told nothing."""
    return Progress.objects.filter(person=person.pk, item_type=item_type, item=item).first()


def plans_done(*, person: Any) -> dict[str, Progress]:
    """The plans that somebody has trained to their end, by slug."""
    rows = Progress.objects.filter(person=person.pk, item_type=ItemType.PLAN, status=Status.DONE)
    return {row.item: row for row in rows}


_RUNS = """
    SELECT item_type, item, min(day), max(day)
      FROM (
          SELECT item_type, item, day,
                 day - (row_number() OVER (PARTITION BY item_type, item ORDER BY day))::integer AS island
            FROM practice_practiceday AS practised
           WHERE person_id = %s
             AND (item_type, item) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
      ) AS placed
     GROUP BY item_type, item, island
     ORDER BY item_type, item, 3
"""


def runs(*, person: Any, items: Collection[Key] = (WHOLE,)) -> Mapping[Key, list[Run]]:
    """The days on which items were practised, put together where they follow each other (rules.streaks.runs, done by
    the database): the number of rows is that of the gaps. In one query; an item without a day is missing."""
    found: dict[Key, list[Run]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, [person.pk, [kind for kind, _ in items], [item for _, item in items]])
        for item_type, item, first, last in cursor.fetchall():
            found.setdefault((item_type, item), []).append(Run(first, last))
    return found


def streak_of(*, person: Any, now: datetime) -> Streak:
    """On how many days in a row somebody has practised anything."""
    today = practice_day(person=person, now=now).on
    return streak(runs(person=person).get(WHOLE, []), today=today)


def streaks_of(*, person: Any, items: Collection[Key], now: datetime) -> Mapping[Key, Streak]:
    """The streak of each of these items, in one query."""
    today = practice_day(person=person, now=now).on
    found = runs(person=person, items=items) if items else {}
    return {key: streak(found.get(key, []), today=today) for key in items}


def days_between(found: Collection[Run], *, first: date, last: date) -> set[date]:
    """The single days of runs within a time."""
    return {
        date.fromordinal(number)
        for run in found
        for number in range(max(run.first, first).toordinal(), min(run.last, last).toordinal() + 1)
    }
