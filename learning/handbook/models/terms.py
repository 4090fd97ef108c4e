from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from project.foundation.belts import FIRST_DAN, LOWEST

from .techniques import Technique
from .words import TermTopic


class GlossaryTerm(models.Model):
    """A Korean word of the hall: how it is written, said and meant."""

    slug = models.SlugField(max_length=80, unique=True)
    topic = models.CharField(max_length=12, choices=TermTopic)
    name_pl = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    hangul = models.CharField(max_length=120)
    transliteration = models.CharField(max_length=120)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    min_belt = models.SmallIntegerField()
    note = models.JSONField(null=True, blank=True)
    technique = models.ForeignKey(Technique, null=True, blank=True, on_delete=models.PROTECT, related_name="terms")
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["topic", "place", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(topic__in=TermTopic.values), name="term_topic_is_known"),
            models.CheckConstraint(condition=Q(min_belt__range=(FIRST_DAN, LOWEST)), name="term_belt_exists"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> dict[str, str]:
        return {"pl": self.name_pl, "en": self.name_en, "ko": self.hangul}
