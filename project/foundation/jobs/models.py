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


OPEN = (State.QUEUED, State.RUNNING)
ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELED)


class Job(models.Model):
    """A piece of slow work and all that is known about it.

    `attempt` counts up before the work begins and is the fencing token: what a worker of an earlier
    attempt still writes is refused. Attempts that raised are `failures`, at most `max_attempts`; those whose
    worker died are `crashes`, counted from the last progress (`furthest` is the most that was ever reached).
    `key` makes asking twice one job, for as long as that job is open.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    queue = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    crashes = models.PositiveSmallIntegerField(default=0)
    is_set_aside = models.BooleanField(default=False)
    progress = models.PositiveSmallIntegerField(default=0)
    furthest = models.PositiveSmallIntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    log = models.TextField(blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    asked_by = models.UUIDField(null=True)
    why = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    rerun_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reruns")
    worker = models.CharField(max_length=80, blank=True)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-queued_at", "-id"]
        indexes = [
            models.Index(fields=["-queued_at", "-id"], name="jobs_by_age"),
            models.Index(fields=["state", "-queued_at", "-id"], name="jobs_by_state"),
            models.Index(fields=["kind", "-queued_at", "-id"], name="jobs_by_kind"),
            models.Index(fields=["kind", "state", "-queued_at", "-id"], name="jobs_by_kind_and_state"),
            models.Index(fields=["queue", "state", "-queued_at", "-id"], name="jobs_by_queue_and_state"),
            models.Index(fields=["asked_by", "-queued_at", "-id"], name="jobs_by_asker"),
            models.Index(fields=["queue", "due_at", "id"], name="jobs_waiting", condition=Q(state=State.QUEUED)),
            models.Index(fields=["heartbeat_at"], name="jobs_running", condition=Q(state=State.RUNNING)),
            models.Index(fields=["-queued_at", "-id"], name="jobs_set_aside", condition=Q(is_set_aside=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_is_known"),
            models.CheckConstraint(condition=Q(queue__in=settings.JOB_QUEUES), name="job_queue_is_known"),
            models.CheckConstraint(
                condition=Q(progress__lte=F("furthest"), furthest__lte=100), name="job_progress_is_percent"
            ),
            models.CheckConstraint(condition=Q(failures__lte=F("max_attempts")), name="job_failures_are_limited"),
            models.CheckConstraint(
                condition=Q(attempt__gte=F("failures") + F("crashes")), name="job_failures_and_crashes_were_attempts"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, ended_at__isnull=False) | Q(~Q(state__in=ENDED), ended_at__isnull=True),
                name="job_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RUNNING)
                | Q(attempt__gte=1, started_at__isnull=False, heartbeat_at__isnull=False),
                name="job_that_runs_has_started",
            ),
            models.CheckConstraint(condition=~Q(state=State.FAILED) | ~Q(error=""), name="job_that_failed_says_why"),
            models.CheckConstraint(
                condition=Q(is_set_aside=False) | Q(state=State.FAILED), name="job_set_aside_has_failed"
            ),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=~Q(key="") & Q(state__in=OPEN),
                name="one_open_job_per_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class JobCount(models.Model):
    """How many jobs there are, as changes to be added up; triggers write them (migration 0003).

    A counter that everybody updates would make everybody wait; rows that are only added do not. `fold_counts`
    adds them up now and then.
    """

    kind = models.CharField(max_length=80)
    queue = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    change = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.change:+} {self.kind} {self.state}"


class JobPace(models.Model):
    """How many jobs ended in each minute, as changes to be added up like those of JobCount."""

    minute = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=10)
    change = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.change:+} {self.state} in {self.minute:%H:%M}"


class ScheduleState(models.Model):
    """The last instant for which a schedule of `project/schedules.py` has asked for its job."""

    name = models.CharField(max_length=80, primary_key=True)
    asked_for = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.name} {self.asked_for:%Y-%m-%d %H:%M}"


class Cluster(models.Model):
    """A worker cluster that has given a sign of life. `worker` is the number of the process that does the work."""

    id = models.UUIDField(primary_key=True)
    queue = models.CharField(max_length=20)
    where = models.CharField(max_length=80)
    worker = models.PositiveIntegerField()
    restarts = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue} at {self.where}"
