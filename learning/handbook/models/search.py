from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .editions import DatedQuerySet, Validity


class DocumentKind(models.TextChoices):
    TECHNIQUE = "technique", _("Technique")
    TUL = "tul", _("Tul")
    TERM = "term", _("Word")
    ARTICLE = "article", _("Theory")


class SearchDocument(models.Model):
    """What search knows of one published edition or one word, and from when until when it may say so.

    Made and withdrawn in the transaction that publishes (commands/indexing.py), with the edition's own
    validity, so that search and lists change at the same instant. `words` is built by rules/spelling.py.
    """

    kind = models.CharField(max_length=9, choices=DocumentKind)
    slug = models.SlugField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    belt = models.SmallIntegerField()
    category = models.CharField(max_length=20)
    title = models.JSONField()
    hangul = models.CharField(max_length=120, blank=True)
    roman = models.CharField(max_length=120, blank=True)
    tags = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    spellings = ArrayField(models.TextField())
    words = SearchVectorField()

    objects: ClassVar[Any] = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug", "version"], name="one_document_per_edition"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="document_kind_is_known"),
            ExclusionConstraint(
                name="no_two_documents_valid",
                expressions=[
                    (F("kind"), RangeOperators.EQUAL),
                    (F("slug"), RangeOperators.EQUAL),
                    (Validity("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            # Without the pending list of fast updates: people read this a thousand times before an editor writes.
            GinIndex(fields=["words"], fastupdate=False, name="documents_by_word"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.slug} v{self.version}"

    @property
    def url(self) -> str:
        return reverse(f"handbook:{self.kind}", args=[self.slug])


class SearchSlip(models.Model):
    """A word that names hold, and one way to slip in its beginning: how a misspelt word finds the one it was to be."""

    pk = models.CompositePrimaryKey("slip", "word")
    slip = models.CharField(max_length=8)
    word = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.slip} → {self.word}"
