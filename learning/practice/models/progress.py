from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ItemType(models.TextChoices):
    TECHNIQUE = "technique", _("Technique")
    TUL = "tul", _("Tul")
    EXERCISE = "exercise", _("Exercise")
    PLAN = "plan", _("Training plan")
    QUIZ = "quiz", _("Quiz")


class Status(models.IntegerChoices):
    SEEN = 1, _("seen")
    IN_PROGRESS = 2, _("in progress")
    DONE = 3, _("done")


class Progress(models.Model):
    """How far somebody is with something. Status and score never go down (a trigger); `detail` is the newest by
    `occurred_at`. Its streak is worked out from the days practised (PracticeDay)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="progress")
    item_type = models.CharField(max_length=9, choices=ItemType)
    item = models.CharField(max_length=120)
    """The slug of what it is about; of a quiz its mode."""
    status = models.PositiveSmallIntegerField(choices=Status)
    score = models.PositiveSmallIntegerField(default=0)
    """0 to 100."""
    detail = models.JSONField(default=dict, blank=True)
    """What the app wants to find again, such as where somebody stopped; 1 KB at most."""
    occurred_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["item_type", "item"]
        constraints = [
            models.UniqueConstraint(fields=["person", "item_type", "item"], name="one_progress_per_item"),
            models.CheckConstraint(condition=Q(item_type__in=ItemType.values), name="progress_type_is_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="progress_status_is_known"),
            models.CheckConstraint(condition=Q(score__lte=100), name="progress_score_is_a_percentage"),
            models.CheckConstraint(condition=~Q(item=""), name="progress_is_about_something"),
        ]

    def __str__(self) -> str:
        return f"{self.item_type} {self.item}: {self.status}"


class PracticeDay(models.Model):
    """That something was practised on a practice day (from 04:00 in the learner's time zone on). A row without an
    item says that the day was used at all. A set, so late news from a phone only adds to it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_days")
    day = models.DateField()
    item_type = models.CharField(max_length=9, blank=True)
    item = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "item_type", "item", "day"], name="one_row_per_day_and_item"),
            models.CheckConstraint(
                condition=Q(item_type="", item="") | (Q(item_type__in=ItemType.values) & ~Q(item="")),
                name="practice_day_is_of_an_item",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.item_type} {self.item}".strip()
