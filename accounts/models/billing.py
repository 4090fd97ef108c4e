import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.rules.plans import SEATS_AT_MOST, Standing

from .clubs import Club
from .people import User


class Subscription(models.Model):
    """What somebody pays for, as its provider last said. A plan for clubs covers the seats of one club."""

    class Provider(models.TextChoices):
        STRIPE = "stripe", "Stripe"
        REVENUECAT = "revenuecat", "RevenueCat"
        APPLE = "apple", "Apple"
        GOOGLE = "google", "Google"
        MANUAL = "manual", _("given by the hall")

    class Plan(models.TextChoices):
        PRO = "pro", _("Pro")
        CLUB = "club", _("Club")

    class Status(models.TextChoices):
        TRIALING = "trialing", _("on trial")
        ACTIVE = "active", _("active")
        PAST_DUE = "past_due", _("payment overdue")
        CANCELED = "canceled", _("ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="subscriptions")
    club = models.ForeignKey(Club, null=True, blank=True, on_delete=models.SET_NULL, related_name="subscriptions")
    provider = models.CharField(max_length=10, choices=Provider)
    reference = models.CharField(max_length=255, blank=True)
    """What the provider calls it; empty for what the hall gave."""
    customer = models.CharField(max_length=255, blank=True)
    """What the provider calls whoever pays."""
    plan = models.CharField(max_length=4, choices=Plan)
    status = models.CharField(max_length=8, choices=Status)
    current_period_end = models.DateTimeField(null=True, blank=True)
    renews = models.BooleanField(default=True)
    seats = models.PositiveSmallIntegerField(default=0)
    """How many are paid for."""
    is_house_trial = models.BooleanField(default=False)
    """A trial without a provider, which everybody has once for each plan."""
    said_at = models.DateTimeField(null=True, blank=True)
    """When what was applied last happened at the provider: what is older never overwrites it."""
    said_by = models.CharField(max_length=260, blank=True)
    """Which event that was (rules.webhooks): of two at one instant the greater stays, in whatever order they came."""
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "reference"], condition=~Q(reference=""), name="one_subscription_per_reference"
            ),
            models.UniqueConstraint(
                fields=["person", "plan"], condition=Q(is_house_trial=True), name="one_trial_per_person_and_plan"
            ),
            models.CheckConstraint(
                condition=Q(provider__in=["stripe", "revenuecat", "apple", "google", "manual"]),
                name="subscription_provider_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["trialing", "active", "past_due", "canceled"]),
                name="subscription_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(provider="manual", reference="") | ~Q(provider="manual") & ~Q(reference=""),
                name="subscription_of_a_provider_has_its_reference",
            ),
            models.CheckConstraint(
                condition=Q(plan="club", seats__range=(1, SEATS_AT_MOST)) | Q(plan="pro", seats=0, club__isnull=True),
                name="subscription_has_the_seats_of_its_plan",
            ),
            models.CheckConstraint(
                condition=Q(is_house_trial=False) | Q(provider="manual", current_period_end__isnull=False),
                name="trial_of_the_house_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_plan_display()} · {self.get_status_display()}"

    @property
    def standing(self) -> Standing:
        return Standing(self.plan, self.status, self.current_period_end, self.seats, self.renews)


class WebhookEvent(models.Model):
    """Something that a provider told us, once however often it came, without what names a person."""

    class State(models.TextChoices):
        PROCESSED = "processed", _("processed")
        IGNORED = "ignored", _("ignored")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    provider = models.CharField(max_length=10, choices=Subscription.Provider)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = models.JSONField()
    state = models.CharField(max_length=9, choices=State)
    attempts = models.PositiveIntegerField(default=1)
    error = models.TextField(blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="one_row_per_webhook_event"),
            models.CheckConstraint(
                condition=Q(state="failed", processed_at__isnull=True) & ~Q(error="")
                | Q(state__in=["processed", "ignored"], processed_at__isnull=False, error=""),
                name="webhook_event_is_processed_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=Q(provider__in=["stripe", "revenuecat"]), name="webhook_provider_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at", "id"], name="webhook_events_newest_first"),
            models.Index(fields=["-received_at"], condition=Q(state="failed"), name="webhook_events_that_failed"),
            models.Index(fields=["provider", "type", "occurred_at"], name="webhook_events_of_a_type"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.type}"


class AdImpression(models.Model):
    """An advertisement that the app has shown. The app makes the id, so that telling twice counts once."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ad_impressions")
    session = models.UUIDField()
    """One opening of the app, numbered by the app."""
    shown_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-shown_at"], name="ad_impressions_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
