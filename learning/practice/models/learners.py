from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

PARAMETERS = 21
"""How many numbers FSRS-6 is fitted with."""


class Algorithm(models.TextChoices):
    FSRS = "fsrs", "FSRS"
    SM2 = "sm2", "SM-2"


class Learner(models.Model):
    """How somebody practises. Whatever changes their cards, log or progress holds this row."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="learner"
    )
    algo = models.CharField(_("algorithm"), max_length=4, choices=Algorithm, default=Algorithm.FSRS)
    retention = models.FloatField(_("how much to remember"), default=0.9)
    """Desired probability of recall when a card comes back."""
    parameters = ArrayField(models.FloatField(), size=PARAMETERS, null=True, blank=True)
    """Of FSRS, fitted to this learner; without them the default ones."""
    new_a_day = models.PositiveSmallIntegerField(_("new cards a day"), default=10)
    reviews_a_day = models.PositiveSmallIntegerField(_("reviews a day before a grading"), default=50)
    grading_on = models.DateField(_("my grading day"), null=True, blank=True)
    """Set by the learner; that of their club's next grading counts without it."""
    catch_up_from = models.DateField(null=True, blank=True)
    catch_up_until = models.DateField(null=True, blank=True)
    """What was left behind before the first of these days is spread over them, both included."""
    reminder_hour = models.PositiveSmallIntegerField(_("hour of the reminder"), null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    calendar_key = models.UUIDField(null=True, blank=True, unique=True)
    """What the secret address of the calendar is made from; a new one makes the old address worthless."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(algo__in=Algorithm.values), name="learner_algo_is_known"),
            models.CheckConstraint(condition=Q(retention__range=(0.70, 0.97)), name="learner_retention_is_possible"),
            models.CheckConstraint(
                condition=Q(parameters__isnull=True) | Q(parameters__len=PARAMETERS), name="learner_has_all_parameters"
            ),
            models.CheckConstraint(
                condition=Q(new_a_day__lte=200, reviews_a_day__range=(5, 500)), name="learner_load_is_bearable"
            ),
            models.CheckConstraint(
                condition=Q(catch_up_from__isnull=True, catch_up_until__isnull=True)
                | Q(catch_up_from__isnull=False, catch_up_until__isnull=False, catch_up_until__gte=F("catch_up_from")),
                name="learner_catches_up_from_a_day_to_a_day",
            ),
            models.CheckConstraint(
                condition=Q(reminder_hour__isnull=True) | Q(reminder_hour__lte=23), name="learner_reminder_is_an_hour"
            ),
        ]
        indexes = [
            models.Index(fields=["reminder_hour"], condition=Q(reminder_hour__isnull=False), name="learners_to_remind"),
        ]

    def __str__(self) -> str:
        return str(self.person_id)


class Fit(models.Model):
    """One try to fit FSRS to a learner: how well both sets of parameters foresaw the reviews that were held out.

    Log losses are natural, per review. Used only when it foresaw them better.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="fits")
    fitted_at = models.DateTimeField()
    reviews = models.PositiveIntegerField()
    parameters = ArrayField(models.FloatField(), size=PARAMETERS)
    log_loss_default = models.FloatField()
    log_loss_fitted = models.FloatField()
    is_used = models.BooleanField()

    class Meta:
        ordering = ["-fitted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_used=False) | Q(log_loss_fitted__lt=F("log_loss_default")),
                name="fit_is_used_only_when_better",
            ),
            models.CheckConstraint(condition=Q(parameters__len=PARAMETERS), name="fit_has_all_parameters"),
        ]
        indexes = [models.Index(fields=["person", "-fitted_at"], name="fits_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.fitted_at:%Y-%m-%d}"
