from django.db import models
from django.db.models.functions import Now


class AuditEvent(models.Model):
    """One thing that happened. A trigger refuses UPDATE and DELETE.

    `actor_id` is the pseudonym of a person (User.actor_id), no foreign key: erasing the person deletes
    the mapping and leaves this row anonymous. The payload carries ids and facts, never names or addresses.
    """

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    type = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["type", "-id"], name="audit_by_type"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(type=""), name="audit_event_has_a_type"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object_type}:{self.object_id}"
