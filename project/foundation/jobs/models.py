import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELED)


class Job(models.Model):
    """A piece of slow work and all that is known about it.

    `attempt` counts up before the work begins and is the fencing token: what a worker of an earlier
    attempt still writes is refused. `key` makes asking twice one job, for as long as that job is open.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    queue = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    progress = models.PositiveSmallIntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    asked_by = models.UUIDField(null=True)
    why = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-queued_at"]
        indexes = [
            models.Index(fields=["state", "-queued_at"], name="jobs_by_state"),
            models.Index(fields=["kind", "-queued_at"], name="jobs_by_kind"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_is_known"),
            models.CheckConstraint(condition=Q(queue__in=settings.JOB_QUEUES), name="job_queue_is_known"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="job_progress_is_percent"),
            models.CheckConstraint(condition=Q(attempt__lte=F("max_attempts")), name="job_attempts_are_limited"),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, ended_at__isnull=False) | Q(~Q(state__in=ENDED), ended_at__isnull=True),
                name="job_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RUNNING) | Q(attempt__gte=1, started_at__isnull=False),
                name="job_that_runs_has_started",
            ),
            models.CheckConstraint(condition=~Q(state=State.FAILED) | ~Q(error=""), name="job_that_failed_says_why"),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=~Q(key="") & Q(state__in=[State.QUEUED, State.RUNNING]),
                name="one_open_job_per_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
