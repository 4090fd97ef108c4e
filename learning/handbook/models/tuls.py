from django.db import models
from django.db.models import Q

from project.foundation.belts import HIGHEST, LOWEST

from .editions import Edition
from .techniques import Technique
from .words import Heading, Section, Side, Tempo, TulKind, Turn


class Tul(models.Model):
    """A tul, or one of the fundamental four-direction exercises."""

    slug = models.SlugField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.slug


class TulEdition(Edition):
    identity = models.ForeignKey(Tul, on_delete=models.PROTECT, related_name="editions")
    kind = models.CharField(max_length=10, choices=TulKind)
    order = models.PositiveSmallIntegerField()
    belt = models.SmallIntegerField()
    name = models.CharField(max_length=120)
    hangul = models.CharField(max_length=120)
    movements = models.PositiveSmallIntegerField()
    meaning = models.JSONField()
    ready = models.ForeignKey(Technique, on_delete=models.PROTECT, related_name="begins_tuls")
    ends_at_start = models.BooleanField(default=True)
    closing_foot = models.CharField(max_length=5, choices=Side, blank=True)
    judges_notes = models.JSONField(default=list)

    class Meta(Edition.Meta):
        constraints = [
            *Edition.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=TulKind.values), name="tul_kind_is_known"),
            models.CheckConstraint(condition=Q(belt__range=(HIGHEST, LOWEST)), name="tul_belt_exists"),
            models.CheckConstraint(condition=Q(movements__gte=1), name="tul_has_movements"),
            models.CheckConstraint(condition=Q(closing_foot__in=["", "left", "right"]), name="tul_closes_with_a_foot"),
        ]
        indexes = [*Edition.Meta.indexes, models.Index(fields=["-belt", "order"], name="tuls_by_belt")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def slug(self) -> str:
        return self.identity.slug


class TulStep(models.Model):
    """One movement of a tul.

    `step_key` is stable across editions: review cards and markers point at it. The feet are where the
    step leaves them, in shoulder widths from the start (see rules/floor.py), worked out when it is saved.
    """

    edition = models.ForeignKey(TulEdition, on_delete=models.CASCADE, related_name="steps")
    step_key = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    technique = models.ForeignKey(Technique, on_delete=models.PROTECT, related_name="steps")
    side = models.CharField(max_length=5, choices=Side)
    section = models.CharField(max_length=6, choices=Section, blank=True)
    stance = models.ForeignKey(Technique, on_delete=models.PROTECT, related_name="steps_standing")
    stance_side = models.CharField(max_length=5, choices=Side, blank=True)
    facing = models.CharField(max_length=2, choices=Heading)
    moves = models.JSONField(default=list)
    turn = models.CharField(max_length=16, choices=Turn, blank=True)
    tempo = models.CharField(max_length=10, choices=Tempo, default=Tempo.NORMAL)
    is_joined = models.BooleanField(default=False)
    note = models.JSONField(null=True, blank=True)
    left_x = models.FloatField()
    left_y = models.FloatField()
    right_x = models.FloatField()
    right_y = models.FloatField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "position"], name="one_step_per_position"),
            models.UniqueConstraint(fields=["edition", "step_key"], name="one_step_per_key"),
            models.CheckConstraint(condition=Q(position__gte=1), name="steps_count_from_one"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="step_side_is_known"),
            models.CheckConstraint(condition=Q(facing__in=Heading.values), name="step_facing_is_known"),
            models.CheckConstraint(condition=Q(tempo__in=Tempo.values), name="step_tempo_is_known"),
            models.CheckConstraint(condition=Q(section__in=["", *Section.values]), name="step_section_is_known"),
            models.CheckConstraint(condition=Q(turn__in=["", *Turn.values]), name="step_turn_is_known"),
            models.CheckConstraint(
                condition=Q(stance_side__in=["", "left", "right"]), name="step_stance_side_is_known"
            ),
            models.CheckConstraint(condition=~Q(position=1, is_joined=True), name="first_step_has_its_own_count"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.position}"
