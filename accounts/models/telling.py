import uuid

from django.db import models
from django.db.models import Q

from .people import User


class Notice(models.Model):
    """Something that a person was told; mail and push follow from it. `facts` hold ids, and no names of others."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    key = models.CharField(max_length=120, blank=True)
    """What may be told once only says so here."""
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    handed_on_at = models.DateTimeField(null=True, blank=True)
    """When its letter and its pushes were asked for, which happens once."""

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "key"], condition=~Q(key=""), name="one_notice_per_key"),
            models.CheckConstraint(condition=~Q(kind=""), name="notice_has_a_kind"),
        ]
        indexes = [models.Index(fields=["person", "-created_at"], name="notices_of_a_person")]

    def __str__(self) -> str:
        return self.kind


class Channel(models.TextChoices):
    MAIL = "mail"
    PUSH = "push"


class NoticePreference(models.Model):
    """Where somebody departs from what is usual for a topic."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_preferences")
    topic = models.CharField(max_length=40)
    channel = models.CharField(max_length=4, choices=Channel)
    is_on = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "topic", "channel"], name="one_preference_per_channel"),
            models.CheckConstraint(condition=Q(channel__in=["mail", "push"]), name="notice_channel_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}"


class PushSubscription(models.Model):
    """A browser that wants to be told (RFC 8030), with the keys of its letters (RFC 8291)."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=30)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(endpoint__startswith="https://"), name="push_endpoint_is_https"),
        ]

    def __str__(self) -> str:
        return self.endpoint[:40]


class OutgoingMail(models.Model):
    """A letter on its way; the job that sends it deletes it. Jobs carry ids, so this is where its text waits."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.subject
