"""Gradings and belts as they stand in the database, made without the commands that tests are about."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts.models import BeltAward, Candidate, Club, Grading, User

WRITTEN = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
"""A day before the instant of the tests."""
_numbers = count()


def a_code() -> str:
    return f"{next(_numbers):016d}"


def awarded(person: User, belt: int, by: User, **more: Any) -> BeltAward:
    given = {"awarded_on": date(2026, 6, 1), "created_at": WRITTEN, "code": a_code(), "club_name": "Hwarang"}
    return BeltAward.objects.create(person=person, belt=belt, awarded_by=by.actor_id, **given | more)


def a_grading(club: Club, by: User, **more: Any) -> Grading:
    """Examined by whoever planned it, on a day that has been."""
    said = {
        "club_name": club.name, "held_on": DAY, "place": "Hall 2", "examiner": by.actor_id,
        "created_by": by.actor_id, "created_at": WRITTEN,
    }  # fmt: skip
    return Grading.objects.create(club=club, **said | more)


def a_candidate(grading: Grading, person: User, belt: int = 9, **more: Any) -> Candidate:
    return Candidate.objects.create(grading=grading, person=person, belt=belt, **more)


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    """The database refuses on its own, by the constraint or trigger of this name."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():  # noqa: PT012 - what is deferred is asked too
        yield
        connection.check_constraints()
    assert error.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def at_once(deeds: list[Callable[[], Any]]) -> Counter[str]:
    """What came of deeds that begin at the same moment in transactions of their own, by the names of their types."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[], Any]) -> str:
        start.wait()
        try:
            return type(deed()).__name__
        except Exception as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(do, deeds))
