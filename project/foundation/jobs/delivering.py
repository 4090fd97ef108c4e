"""The only place that knows how django-q2 is asked: a delivery wakes a worker of a queue, which takes what is due.

A delivery names no job. One that is lost, or given twice, costs nothing: `top_up` brings another, and a worker that
finds nothing due goes back to sleep.
"""

from typing import Any

from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

WORK = "project.foundation.jobs.runner.work"


def wake(queue: str, *, times: int = 1) -> None:
    deliver: Any = async_task
    for _ in range(times):
        deliver(WORK, queue, cluster=queue, task_name=queue)


def undelivered(queue: str) -> int:
    """How many deliveries wait to be picked up."""
    return int(OrmQ.objects.filter(key=queue, lock__lte=timezone.now()).count())
