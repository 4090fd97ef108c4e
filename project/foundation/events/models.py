import uuid

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """Something that was used. No column and no payload says by whom.

    `visitor` holds together what one visit did: a random number made for that, never that of a person or a session.
    The table is in monthly partitions by `at`, so that forgetting a month is dropping a table (commands).
    """

    pk = models.CompositePrimaryKey("at", "id")
    at = models.DateTimeField()
    id = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    visitor = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    forwarded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["kind", "-at"], name="events_by_kind"),
            models.Index(fields=["at", "id"], condition=Q(forwarded_at=None), name="events_to_forward"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(kind=""), name="event_has_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
