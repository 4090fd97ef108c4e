from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.db.models.lookups import Exact

from . import rules


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
            models.Index(fields=["object_id", "object_type", "-id"], name="audit_by_object_id"),
            models.Index(fields=["object_type", "-id"], name="audit_by_object_type"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["type", "-id"], name="audit_by_type"),
            models.Index(fields=["request_id", "-id"], name="audit_by_request"),
            # Rows lie on the disk about in the order of their time, which is all that this small index needs.
            BrinIndex(fields=["at"], pages_per_range=16, name="audit_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(type=""), name="audit_event_has_a_type"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object_type}:{self.object_id}"


class AuditSeal(models.Model):
    """The content of all events with after_event < id <= last_event, as it was at `sealed_at`.

    What `digests` and `hash` hold is said in rules.py. Triggers refuse UPDATE and DELETE. A seal repeats number,
    end and hash of the one before, and a foreign key over the three says that they are those (migration 0003).
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="next")
    previous_hash = models.CharField(max_length=64)
    after_event = models.BigIntegerField()
    last_event = models.BigIntegerField()
    count = models.PositiveIntegerField()
    digests = models.BinaryField()
    sealed_at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number=1, previous__isnull=True, after_event=0, previous_hash=rules.NOTHING_BEFORE)
                | Q(number__gt=1, previous__isnull=False, previous=F("number") - 1),
                name="audit_seal_follows_the_one_before",
            ),
            models.CheckConstraint(condition=Q(last_event__gt=F("after_event")), name="audit_seal_goes_forwards"),
            models.CheckConstraint(condition=Q(count__gte=1), name="audit_seal_is_not_empty"),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("digests"), function="octet_length", output_field=models.IntegerField()),
                    F("count") * rules.ENTRY,
                ),
                name="audit_seal_has_a_digest_per_event",
            ),
            models.CheckConstraint(condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="audit_seal_has_a_hash"),
            models.UniqueConstraint(fields=["number", "last_event", "hash"], name="audit_seal_can_be_followed"),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"
