"""A job for every queue that does nothing but answer: it shows that somebody works there."""

from django.conf import settings
from django_q.conf import Conf

from .registry import Run, job


def ping(run: Run) -> str:
    """The queue of the worker that ran this."""
    return str(Conf.CLUSTER_NAME)


for queue in settings.JOB_QUEUES:
    job(f"jobs.ping.{queue}", queue=queue, max_attempts=1)(ping)
