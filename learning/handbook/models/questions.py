from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from project.foundation.belts import FIRST_DAN, LOWEST

from .words import QuestionKind, QuestionOrigin


class Question(models.Model):
    """One question of the bank that quizzes, tracks and clubs draw from.

    Fair for learners from `from_belt` (the lower one, 10 at most) to `to_belt`. `about` names what it is
    about as kind:slug. `picture` is null, or the floor of that tul after a movement: {"movement": 7, "alt": {"en": …}}.
    One that is no longer asked is retired, never deleted: answers point at it.
    """

    slug = models.SlugField(max_length=120, unique=True)
    kind = models.CharField(max_length=8, choices=QuestionKind)
    origin = models.CharField(max_length=9, choices=QuestionOrigin)
    modules = ArrayField(models.SlugField(max_length=80))
    from_belt = models.SmallIntegerField()
    to_belt = models.SmallIntegerField()
    prompt = models.JSONField()
    answers = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    explanation = models.JSONField()
    source = models.CharField(max_length=120)
    about = models.CharField(max_length=100, blank=True)
    picture = models.JSONField(null=True, blank=True)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_is_known"),
            models.CheckConstraint(condition=Q(origin__in=QuestionOrigin.values), name="question_origin_is_known"),
            models.CheckConstraint(
                condition=Q(to_belt__gte=FIRST_DAN, to_belt__lte=F("from_belt"), from_belt__lte=LOWEST),
                name="question_belts_go_upwards",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="question_has_a_source"),
            models.CheckConstraint(
                condition=Q(picture__isnull=True) | Q(about__startswith="tul:"), name="question_picture_is_of_a_tul"
            ),
        ]
        indexes = [
            GinIndex(fields=["modules"], condition=Q(is_retired=False), name="questions_by_module"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def tul(self) -> str:
        """The slug of the tul that it is about; empty for any other question."""
        kind, _, slug = self.about.partition(":")
        return slug if kind == "tul" else ""


class QuestionOption(models.Model):
    """A choice, a thing to put in its place, or one half of a pair, depending on the kind of question.

    A deferred trigger keeps each question answerable: exactly one right in a single choice, and so on.
    """

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    place = models.PositiveSmallIntegerField()
    text = models.JSONField()
    pair = models.JSONField(null=True, blank=True)
    is_right = models.BooleanField(default=False)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["question", "place"], name="one_option_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}/{self.place}"
