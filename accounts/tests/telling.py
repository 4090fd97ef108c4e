"""Jobs are done, and letters are read."""

import re
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.utils import timezone

from project.foundation.jobs import runner
from project.foundation.jobs.models import Job, State


def work_off() -> list[Job]:
    """Do what is due, and what follows from it; gives the jobs that wait now because they failed."""
    while Job.objects.filter(queue="default", state=State.QUEUED, due_at__lte=timezone.now()).exists():
        runner.work("default")
    return list(Job.objects.filter(state=State.QUEUED))


def way_out(letter: EmailMessage) -> str:
    """The path of the link that a mail program posts to."""
    (address,) = re.fullmatch(r"<(\S+)>", letter.extra_headers["List-Unsubscribe"]).groups()
    return urlsplit(address).path
