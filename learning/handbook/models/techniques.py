from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from project.foundation.belts import FIRST_DAN, LOWEST

from .editions import Edition
from .words import Category, Section


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

    class Meta(Edition.Meta):
        constraints = [
            *Edition.Meta.constraints,
            models.CheckConstraint(condition=Q(category__in=Category.values), name="technique_category_is_known"),
            models.CheckConstraint(condition=Q(min_belt__range=(FIRST_DAN, LOWEST)), name="technique_belt_exists"),
            models.CheckConstraint(condition=Q(section__in=["", *Section.values]), name="technique_section_is_known"),
        ]
        indexes = [
            *Edition.Meta.indexes,
            models.Index(fields=["category", "-min_belt"], name="techniques_by_category"),
        ]

    def __str__(self) -> str:
        return f"{self.transliteration} v{self.version}"

    @property
    def slug(self) -> str:
        return self.identity.slug

    @property
    def name(self) -> dict[str, str]:
        return {"pl": self.name_pl, "en": self.name_en, "ko": self.hangul}
