"""A job for every queue that does nothing but answer, and one that tidies up after the others."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_q.conf import Conf

from . import commands
from .registry import Run, job


def ping(run: Run) -> str:
    """The queue of the worker that ran this: it shows that somebody works there."""
    return str(Conf.CLUSTER_NAME)


for queue in settings.JOB_QUEUES:
    job(f"jobs.ping.{queue}", queue=queue, max_attempts=1)(ping)


@job("jobs.forget_routine")
def forget_routine(run: Run) -> int:
    """How many jobs of the clock were forgotten."""
    return commands.forget_routine(before=timezone.now() - timedelta(days=settings.JOB_ROUTINE_DAYS))
