"""The log of reviews in the database: a large upload, and the queue of somebody with very many cards."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from .report import Row

CARDS, REVIEWS, UPLOAD = 20_000, 10_000, 500
"""Cards of the learner; reviews that a phone sends; how many of them in one request."""
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def measured() -> Iterator[Row]:
    from django.contrib.auth import get_user_model
    from django.db import connection

    from learning.practice import commands, queries

    person = get_user_model().objects.create(email="bench-reviews@dojang.example")
    dice = random.Random(2026)
    cards = _cards(person, CARDS)
    log = _log(cards[:1000], REVIEWS, dice)
    # As autovacuum does within a minute; until then each review looks for its card among all of its person's.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE practice_reviewcard")
    started = time.perf_counter()
    for first in range(0, len(log), UPLOAD):
        commands.accept_reviews(person=person, given=log[first : first + UPLOAD], sent_at=None, device="", now=NOW)
    took = time.perf_counter() - started
    how = f"{REVIEWS:,} reviews of 1,000 cards, in batches of {UPLOAD}"
    yield Row("upload of reviews, states worked out", how, f"{took:.2f} s", "aim < 3 s")
    _spread(person, dice)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE practice_reviewcard")
        cursor.execute("VACUUM ANALYZE practice_review")
    whole, database = _timed(lambda: queries.queue(person=person, now=NOW))
    found = queries.queue(person=person, now=NOW)
    how = f"{CARDS:,} cards, {found.due:,} due"
    yield Row("queue of a day, in the database", how, f"median {database * 1000:.1f} ms", "aim < 20 ms")
    yield Row("queue of a day, whole", how, f"median {whole * 1000:.1f} ms")


def _cards(person: Any, number: int) -> list[Any]:
    from learning.practice.models import CardKind, CardOrigin, ReviewCard

    return ReviewCard.objects.bulk_create(
        ReviewCard(
            person=person, kind=CardKind.OWN, origin=CardOrigin.LEARNER, front=f"What is {each}?", back="That.",
            created_at=NOW - timedelta(days=300),
        )
        for each in range(number)
    )  # fmt: skip


def _log(cards: list[Any], number: int, dice: random.Random) -> list[Any]:
    from learning.practice.commands import Given

    begin = NOW - timedelta(days=200)
    return [
        Given(
            UUID(int=dice.getrandbits(128)), dice.choice(cards).pk, dice.choices([1, 2, 3, 4], [1, 1, 6, 2])[0],
            begin + timedelta(minutes=dice.randrange(200 * 24 * 60)), 4000,
        )
        for _ in range(number)
    ]  # fmt: skip


def _spread(person: Any, dice: random.Random) -> None:
    """States as years of practice leave them; about one card in ten is due."""
    from learning.practice.models import ReviewCard

    cards = list(ReviewCard.objects.filter(person=person, stage=0))
    for card in cards:
        card.interval = max(1, round(dice.lognormvariate(3.2, 1)))
        card.reviewed_at = NOW - timedelta(days=dice.uniform(0, card.interval * 1.1))
        card.due_at = card.reviewed_at + timedelta(days=card.interval)
        card.stage, card.reviews, card.stability, card.difficulty = 2, 5, float(card.interval), 5.0
    fields = ["interval", "reviewed_at", "due_at", "stage", "reviews", "stability", "difficulty"]
    ReviewCard.objects.bulk_update(cards, fields, batch_size=2000)


def _timed(ask: Callable[[], object], times: int = 15) -> tuple[float, float]:
    """Medians in seconds: the whole, and what of it the database took, which is asked for each statement."""
    from django.db import connection

    wholes, shares = [], []
    for _ in range(times):
        spent = [0.0]

        def clocked(execute: Any, *statement: Any, spent: list[float] = spent) -> Any:
            started = time.perf_counter()
            try:
                return execute(*statement)
            finally:
                spent[0] += time.perf_counter() - started

        started = time.perf_counter()
        with connection.execute_wrapper(clocked):
            ask()
        wholes.append(time.perf_counter() - started)
        shares.append(spent[0])
    return median(wholes), median(shares)
