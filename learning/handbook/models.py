"""The handbook: identities that everything points at, and their dated editions that hold the content."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from project.foundation.belts import FIRST_DAN, HIGHEST, LOWEST


class Category(models.TextChoices):
    STANCE = "stance", _("Stances")
    READY_POSTURE = "ready_posture", _("Ready postures")
    HAND_ATTACK = "hand_attack", _("Hand attacks")
    HAND_BLOCK = "hand_block", _("Hand blocks")
    KICK = "kick", _("Kicks")
    FOOT_BLOCK = "foot_block", _("Foot blocks")
    MOTION = "motion", _("Movement")


class Section(models.TextChoices):
    HIGH = "high", _("high")
    MIDDLE = "middle", _("middle")
    LOW = "low", _("low")


class Side(models.TextChoices):
    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both")


class Turn(models.TextChoices):
    CLOCKWISE = "clockwise", _("clockwise")
    COUNTERCLOCKWISE = "counterclockwise", _("counterclockwise")


class Tempo(models.TextChoices):
    NORMAL = "normal", _("normal")
    SLOW = "slow", _("slow")
    FAST = "fast", _("fast")
    CONNECTING = "connecting", _("connecting")
    CONTINUOUS = "continuous", _("continuous")
    NATURAL = "natural", _("natural")


class Heading(models.TextChoices):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    AC = "AC"
    AD = "AD"
    BC = "BC"
    BD = "BD"


class TulKind(models.TextChoices):
    TUL = "tul", _("Tul")
    EXERCISE = "exercise", _("Fundamental exercise")


class Validity(Func):
    """The time in which an edition is valid, as a range: from valid_from up to but not including valid_to."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class EditionQuerySet(models.QuerySet[Any]):
    def valid_at(self, now: datetime) -> Self:
        """The editions that the public sees at this instant: at most one of each identity, never a draft."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=now), is_draft=False, valid_from__lte=now)


class Edition(models.Model):
    """One version of the content of an identity. PostgreSQL lets no two published editions overlap."""

    version = models.PositiveIntegerField()
    is_draft = models.BooleanField(default=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    source_note = models.JSONField(null=True, blank=True)

    objects: ClassVar[Any] = EditionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            ExclusionConstraint(
                name="%(class)s_no_two_valid",
                expressions=[
                    (F("identity"), RangeOperators.EQUAL),
                    (Validity("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_draft=False),
            ),
            models.UniqueConstraint(fields=["identity", "version"], name="%(class)s_one_per_version"),
            models.UniqueConstraint(fields=["identity"], condition=Q(is_draft=True), name="%(class)s_one_draft"),
            models.CheckConstraint(
                condition=Q(is_draft=True, valid_from__isnull=True, valid_to__isnull=True)
                | Q(is_draft=False, valid_from__isnull=False),
                name="%(class)s_published_has_start",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="%(class)s_ends_after_start"
            ),
        ]


class Technique(models.Model):
    """A technique, stance or motion: what steps, syllabi, cards and media point at."""

    slug = models.SlugField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.slug


class TechniqueEdition(Edition):
    identity = models.ForeignKey(Technique, on_delete=models.PROTECT, related_name="editions")
    category = models.CharField(max_length=20, choices=Category)
    min_belt = models.SmallIntegerField()
    name_pl = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    hangul = models.CharField(max_length=120)
    transliteration = models.CharField(max_length=120)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    section = models.CharField(max_length=6, choices=Section, blank=True)
    tool = models.JSONField(null=True, blank=True)
    key_points = models.JSONField(default=list)
    mistakes = models.JSONField(default=list)
    safety = models.JSONField(null=True, blank=True)
    tags = ArrayField(models.SlugField(max_length=80), default=list, blank=True)
    search_text = models.TextField(editable=False)

    class Meta(Edition.Meta):
        constraints = [
            *Edition.Meta.constraints,
            models.CheckConstraint(condition=Q(category__in=Category.values), name="technique_category_is_known"),
            models.CheckConstraint(condition=Q(min_belt__range=(FIRST_DAN, LOWEST)), name="technique_belt_exists"),
            models.CheckConstraint(condition=Q(section__in=["", *Section.values]), name="technique_section_is_known"),
        ]
        indexes = [
            models.Index(fields=["category", "-min_belt"], name="techniques_by_category"),
            GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name="techniques_by_spelling"),
        ]

    def __str__(self) -> str:
        return f"{self.transliteration} v{self.version}"

    @property
    def slug(self) -> str:
        return self.identity.slug

    @property
    def name(self) -> dict[str, str]:
        return {"pl": self.name_pl, "en": self.name_en, "ko": self.hangul}


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
    search_text = models.TextField(editable=False)

    class Meta(Edition.Meta):
        constraints = [
            *Edition.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=TulKind.values), name="tul_kind_is_known"),
            models.CheckConstraint(condition=Q(belt__range=(HIGHEST, LOWEST)), name="tul_belt_exists"),
            models.CheckConstraint(condition=Q(movements__gte=1), name="tul_has_movements"),
            models.CheckConstraint(condition=Q(closing_foot__in=["", "left", "right"]), name="tul_closes_with_a_foot"),
        ]
        indexes = [
            models.Index(fields=["-belt", "order"], name="tuls_by_belt"),
            GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name="tuls_by_spelling"),
        ]

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


class ExamSyllabus(models.Model):
    """What a grading asks; `belt` is the grade that the candidate tries for."""

    belt = models.SmallIntegerField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(belt__gte=FIRST_DAN, belt__lt=LOWEST), name="syllabus_belt_is_examined"),
        ]

    def __str__(self) -> str:
        return f"syllabus {self.belt}"


class ExamSyllabusEdition(Edition):
    identity = models.ForeignKey(ExamSyllabus, on_delete=models.PROTECT, related_name="editions")
    months_in_grade = models.PositiveSmallIntegerField()
    sparring = models.JSONField(null=True, blank=True)
    strength = models.JSONField(null=True, blank=True)
    theory = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"syllabus {self.identity_id} v{self.version}"


class SyllabusTechnique(models.Model):
    edition = models.ForeignKey(ExamSyllabusEdition, on_delete=models.CASCADE, related_name="techniques")
    technique = models.ForeignKey(Technique, on_delete=models.PROTECT, related_name="syllabus_lines")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "technique"], name="syllabus_names_a_technique_once"),
            models.UniqueConstraint(fields=["edition", "place"], name="one_syllabus_technique_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.place}"


class SyllabusTul(models.Model):
    edition = models.ForeignKey(ExamSyllabusEdition, on_delete=models.CASCADE, related_name="tuls")
    tul = models.ForeignKey(Tul, on_delete=models.PROTECT, related_name="syllabus_lines")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "tul"], name="syllabus_names_a_tul_once"),
            models.UniqueConstraint(fields=["edition", "place"], name="one_syllabus_tul_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.place}"
