from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from project.foundation.belts import FIRST_DAN, LOWEST

from .techniques import Technique
from .tuls import Tul


class Exercise(models.Model):
    """Something to train that is no technique: stretching, strength, balance …"""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.JSONField()
    purpose = models.JSONField()
    how = models.JSONField(default=list)
    dose = models.JSONField()
    equipment = models.JSONField(null=True, blank=True)
    safety = models.JSONField(null=True, blank=True)
    tags = ArrayField(models.SlugField(max_length=80), default=list, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class TrainingPlan(models.Model):
    """Blocks of things to do: the school's, a learner's own (`owner`), or a club's."""

    slug = models.SlugField(max_length=80, unique=True)
    belt = models.SmallIntegerField()
    name = models.JSONField()
    goal = models.JSONField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="training_plans"
    )
    club = models.ForeignKey(
        "accounts.Club", null=True, blank=True, on_delete=models.CASCADE, related_name="training_plans"
    )

    class Meta:
        ordering = ["-belt", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(club__isnull=True), name="plan_has_one_holder_at_most"
            ),
            models.CheckConstraint(condition=Q(belt__range=(FIRST_DAN, LOWEST)), name="plan_belt_exists"),
        ]

    def __str__(self) -> str:
        return self.slug


class PlanBlock(models.Model):
    plan = models.ForeignKey(TrainingPlan, on_delete=models.CASCADE, related_name="blocks")
    place = models.PositiveSmallIntegerField()
    name = models.JSONField()
    rounds = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "place"], name="one_block_per_place"),
            models.CheckConstraint(condition=Q(rounds__range=(1, 20)), name="block_has_rounds"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.place}"


class PlanItem(models.Model):
    """One thing to do, for `work` seconds, then `rest` seconds of rest."""

    block = models.ForeignKey(PlanBlock, on_delete=models.CASCADE, related_name="items")
    place = models.PositiveSmallIntegerField()
    exercise = models.ForeignKey(Exercise, null=True, blank=True, on_delete=models.PROTECT, related_name="plan_items")
    technique = models.ForeignKey(Technique, null=True, blank=True, on_delete=models.PROTECT, related_name="plan_items")
    tul = models.ForeignKey(Tul, null=True, blank=True, on_delete=models.PROTECT, related_name="plan_items")
    work = models.PositiveSmallIntegerField()
    rest = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["block", "place"], name="one_item_per_place"),
            models.CheckConstraint(
                condition=Q(exercise__isnull=False, technique__isnull=True, tul__isnull=True)
                | Q(exercise__isnull=True, technique__isnull=False, tul__isnull=True)
                | Q(exercise__isnull=True, technique__isnull=True, tul__isnull=False),
                name="plan_item_is_one_thing",
            ),
            models.CheckConstraint(condition=Q(work__range=(5, 3600), rest__lte=600), name="plan_item_has_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.block_id}/{self.place}"
