import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from project.foundation.belts import FIRST_DAN, LOWEST


class QuizMode(models.TextChoices):
    TERMS = "terms", _("Words")
    TECHNIQUES = "techniques", _("Techniques")
    TUL = "tul", _("Tuls")
    THEORY = "theory", _("Theory")
    MIXED = "mixed", _("A bit of everything")


class QuizSession(models.Model):
    """A quiz with its questions as they were when it began. Finished is final (a trigger)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quizzes")
    mode = models.CharField(max_length=10, choices=QuizMode)
    belt = models.SmallIntegerField(null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=QuizMode.values), name="quiz_mode_is_known"),
            models.CheckConstraint(
                condition=Q(belt__isnull=True) | Q(belt__range=(FIRST_DAN, LOWEST)), name="quiz_belt_exists"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=models.F("started_at")),
                name="quiz_ends_after_its_start",
            ),
        ]
        indexes = [models.Index(fields=["person", "-started_at"], name="quizzes_by_person")]

    def __str__(self) -> str:
        return str(self.pk)


class QuizItem(models.Model):
    """One question of a quiz. `frozen` is all of it (rules/quizzes.py), options in their order; never changed."""

    session = models.ForeignKey(QuizSession, on_delete=models.CASCADE, related_name="items")
    place = models.PositiveSmallIntegerField()
    question = models.ForeignKey("handbook.Question", on_delete=models.PROTECT, related_name="+")
    frozen = models.JSONField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["session", "place"], name="one_question_per_place"),
            models.UniqueConstraint(fields=["session", "question"], name="quiz_asks_a_question_once"),
            models.UniqueConstraint(fields=["id", "session"], name="quiz_item_is_named_with_its_session"),
            models.CheckConstraint(condition=Q(place__range=(1, 50)), name="quiz_has_fifty_questions_at_most"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.place}"


class QuizAnswer(models.Model):
    """Given once to a question of the same session (a composite foreign key), never after its end (a trigger)."""

    session = models.ForeignKey(QuizSession, on_delete=models.CASCADE, related_name="answers")
    item = models.OneToOneField(QuizItem, on_delete=models.CASCADE, related_name="answer")
    client_id = models.UUIDField()
    given = models.JSONField()
    is_right = models.BooleanField()
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "client_id"], name="answer_arrives_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.is_right}"
