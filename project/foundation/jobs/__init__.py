"""Slow work: a Job row tells the truth about it, django-q2 carries it to a worker.

    from project.foundation.jobs import commands as jobs
    from project.foundation.jobs.registry import job

    @job("handbook.reindex", queue="default", max_attempts=3)
    def reindex(run: Run, *, types: list[str]) -> None: ...

    jobs.enqueue("handbook.reindex", arguments={"types": ["tul"]}, asked_by=user.actor_id, why="published", now=now)

Delivery is at least once, so every job body is idempotent: ids in, one command out.
"""
