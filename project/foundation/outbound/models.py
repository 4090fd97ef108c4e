from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import TruncHour

from .failures import Kind


class IntegrationError(models.Model):
    """How a service failed within one hour (UTC), and how often: a service that is down for a day is a few rows.

    `path` is without query and with `*` for what tells one thing from another (rules.pattern). `message`, `request_id`
    and `job_id` are those of the last time. `status` 0: there was no answer.
    """

    service = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=200, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    job_id = models.CharField(max_length=64, blank=True)
    hour = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-last_at", "-id"]
        indexes = [
            models.Index(fields=["-last_at", "-id"], name="integration_errors_newest"),
            models.Index(fields=["service", "-last_at", "-id"], name="integration_errors_by_service"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "kind", "method", "path", "status", "hour"], name="one_integration_error_per_hour"
            ),
            models.CheckConstraint(condition=~Q(service=""), name="integration_error_names_its_service"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="integration_error_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status=0) | Q(status__range=(100, 599)), name="integration_error_status_is_one"
            ),
            models.CheckConstraint(condition=~Q(path__contains="?"), name="integration_error_path_has_no_query"),
            models.CheckConstraint(condition=Q(count__gte=1), name="integration_error_happened"),
            models.CheckConstraint(
                condition=Q(hour=TruncHour("hour", tzinfo=ZoneInfo("UTC"))), name="integration_error_hour_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(
                    first_at__gte=F("hour"), last_at__gte=F("first_at"), last_at__lt=F("hour") + timedelta(hours=1)
                ),
                name="integration_error_is_within_its_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.kind} ({self.count})"
