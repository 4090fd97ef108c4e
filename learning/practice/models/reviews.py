from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from learning.practice.rules.memory import Rating

from .cards import ReviewCard

LONGEST = 600_000
"""Milliseconds: who looks at a card for longer than ten minutes has gone for tea."""


class ReviewSource(models.TextChoices):
    PRACTICE = "practice", _("practice")
    IMPORT = "import", _("brought from Anki")


class Review(models.Model):
    """One line of the log. Never changed (a trigger), and gone only with its person.

    The order is (corrected_at, client_id). `reviewed_at` is what the client's clock said, `corrected_at` what it
    was by ours, decided once when the review was first accepted. Card and person belong together (a composite
    foreign key).
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews")
    card = models.ForeignKey(ReviewCard, on_delete=models.CASCADE, related_name="log")
    client_id = models.UUIDField()
    rating = models.PositiveSmallIntegerField(choices=[(each.value, each.name.lower()) for each in Rating])
    reviewed_at = models.DateTimeField()
    corrected_at = models.DateTimeField()
    accepted_at = models.DateTimeField()
    duration = models.PositiveIntegerField(default=0)
    """Milliseconds from seeing the card to the rating."""
    device = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=8, choices=ReviewSource, default=ReviewSource.PRACTICE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "client_id"], name="review_arrives_once"),
            models.CheckConstraint(condition=Q(rating__range=(1, 4)), name="review_rating_is_known"),
            models.CheckConstraint(condition=Q(corrected_at__lte=F("accepted_at")), name="review_is_not_of_tomorrow"),
            models.CheckConstraint(condition=Q(duration__lte=LONGEST), name="review_has_an_end"),
            models.CheckConstraint(condition=Q(source__in=ReviewSource.values), name="review_source_is_known"),
        ]
        indexes = [
            models.Index(fields=["card", "corrected_at", "client_id"], name="log_of_a_card"),
            models.Index(fields=["person", "corrected_at"], name="log_of_a_person"),
        ]

    def __str__(self) -> str:
        return str(self.client_id)


class Retraction(models.Model):
    """A review that is taken back. It may arrive before the review that it names: then that one never counts."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="retractions")
    review_client_id = models.UUIDField()
    retracted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "review_client_id"], name="review_is_retracted_once"),
        ]

    def __str__(self) -> str:
        return str(self.review_client_id)
