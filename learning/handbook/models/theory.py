from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from project.foundation.belts import FIRST_DAN, LOWEST

from .editions import Edition
from .words import TheoryTopic


class TheoryArticle(models.Model):
    """Something to read about: history, philosophy, etiquette …"""

    slug = models.SlugField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.slug


class TheoryArticleEdition(Edition):
    """`body` is Markdown in each language; it is made safe when it is shown, never trusted."""

    identity = models.ForeignKey(TheoryArticle, on_delete=models.PROTECT, related_name="editions")
    topic = models.CharField(max_length=12, choices=TheoryTopic)
    belt = models.SmallIntegerField()
    order = models.PositiveSmallIntegerField()
    title = models.JSONField()
    body = models.JSONField()
    sources = ArrayField(models.CharField(max_length=120), default=list, blank=True)

    class Meta(Edition.Meta):
        constraints = [
            *Edition.Meta.constraints,
            models.CheckConstraint(condition=Q(topic__in=TheoryTopic.values), name="article_topic_is_known"),
            models.CheckConstraint(condition=Q(belt__range=(FIRST_DAN, LOWEST)), name="article_belt_exists"),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} v{self.version}"

    @property
    def slug(self) -> str:
        return self.identity.slug
