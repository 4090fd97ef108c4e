"""A million jobs: list, filters, numbers and dashboard, against counting rows and against pages by number."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from .report import Row
from .search import _ratio, _said

JOBS = 1_000_000
FEW = 1_000
ROUNDS = 40


def measured(*, jobs: int = JOBS) -> Iterator[Row]:
    from django.utils import timezone

    from project.foundation.http import cursors
    from project.foundation.jobs import queries
    from project.foundation.jobs.models import Job
    from project.foundation.jobs.queries import Filter

    _store(FEW)
    few = _timed(_dashboard)
    _store(jobs)
    how = f"{jobs:,} jobs"
    now = timezone.now()
    filters = {
        "all": Filter(),
        "failed": Filter(state="failed"),
        "one kind": Filter(kind="bench.kind3"),
        "failed of one kind": Filter(kind="bench.kind3", state="failed"),
        "one queue": Filter(queue="media"),
        "set aside": Filter(set_aside=True),
        "since yesterday": Filter(since=now - timedelta(days=1)),
    }

    def page(wanted: Filter, cursor: str = "") -> Any:
        return cursors.page(
            queries.jobs(wanted), of="bench", orderings={"newest": ["-queued_at", "-id"]}, ordering="newest",
            cursor=cursor, limit=50,
        )  # fmt: skip

    worst: list[float] = []
    for wanted in filters.values():
        worst += _timed(lambda wanted=wanted: (page(wanted), queries.number_of(wanted)))
    cursor = _cursor_of_the_middle(page, Job.objects.count())
    deep = _timed(lambda: page(Filter(), cursor))
    dashboard = _timed(_dashboard)

    counted = _timed(lambda: list(Job.objects.values_list("queue", "state").annotate(n=_count()).order_by()), rounds=5)
    by_number = _timed(lambda: list(queries.jobs(Filter())[jobs // 2 : jobs // 2 + 50]), rounds=5)
    yield Row("list of 50 jobs with its number", f"{how}, {len(filters)} filters", _said(worst), "aim p95 < 100 ms")
    yield Row(
        "the page in the middle, by key",
        how,
        _said(deep),
        f"by number (OFFSET) {_said(by_number)}: {_ratio(by_number, deep)}",
    )
    yield Row("all numbers of the dashboard", how, _said(dashboard), f"with {FEW:,} jobs {_said(few)}")
    yield Row("the numbers by counting rows", how, _said(counted), f"ours {_ratio(counted, dashboard)} as fast at p95")


def _count() -> Any:
    from django.db.models import Count

    return Count("*")


def _dashboard() -> Any:
    from django.utils import timezone

    from project.foundation.jobs import queries

    now = timezone.now()
    return (
        queries.counts(), queries.pace(now=now), queries.queue_ages(now=now), queries.clusters(now=now),
        queries.running(), queries.failed(),
    )  # fmt: skip


def _cursor_of_the_middle(page: Callable[..., Any], jobs: int) -> str:
    """A cursor as the list would have given it half-way through, without walking there."""
    from django.core.signing import Signer

    from project.foundation.jobs.models import Job

    row = Job.objects.order_by("-queued_at", "-id")[jobs // 2]
    return str(Signer(salt="cursor of bench").sign_object(["newest", [row.queued_at.isoformat(), str(row.pk)]]))


def _store(number: int) -> None:
    """Jobs of thirty days, nearly all ended; past the commands, because only the number matters. They are counted by
    the triggers that count all others."""
    from django.db import connection
    from django.utils import timezone

    from project.foundation.jobs import commands

    with connection.cursor() as sql:
        sql.execute("DELETE FROM jobs_job WHERE why = 'bench'")
        sql.execute(_MANY, [number, number])
        sql.execute("VACUUM ANALYZE jobs_job")
    commands.fold_counts(now=timezone.now())


_MANY = """
INSERT INTO jobs_job (
    id, kind, queue, arguments, key, state, attempt, failures, max_attempts, crashes, is_set_aside, progress,
    furthest, progress_text, log, error, why, request_id, worker, queued_at, due_at, started_at, ended_at, heartbeat_at
)
SELECT gen_random_uuid(), 'bench.kind' || n %% 20, (ARRAY['default', 'media', 'render'])[1 + n %% 3],
    '{"asset": 7}', '',
    state, 1, 0, 3, 0, state = 'failed' AND n %% 5 = 0, 0, 0, '', repeat('a line of a log ', 20),
    CASE WHEN state = 'failed' THEN 'it broke' ELSE '' END, 'bench', '', 'hall:42', at, at, at,
    CASE WHEN state = 'queued' THEN NULL ELSE at END, at
FROM (
    SELECT n, CASE WHEN n %% 1000 = 1 THEN 'failed' WHEN n %% 5000 = 2 THEN 'canceled' WHEN n < 20 THEN 'queued'
           ELSE 'succeeded' END AS state, now() - interval '30 days' * n / %s AS at
    FROM generate_series(1, %s) AS n
) AS made
"""


def _timed(call: Callable[[], Any], *, rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of each call; the first few, which fill caches, are not counted."""
    times = []
    for number in range(rounds + 3):
        started = time.perf_counter()
        call()
        if number >= 3:
            times.append((time.perf_counter() - started) * 1000)
    return times
