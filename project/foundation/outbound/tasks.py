from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from project.foundation.jobs.registry import Run, job

from . import commands


@job("outbound.forget_errors")
def forget_errors(run: Run) -> int:
    """Failures of services older than INTEGRATION_ERROR_DAYS."""
    return commands.forget_errors(before=timezone.now() - timedelta(days=settings.INTEGRATION_ERROR_DAYS))
