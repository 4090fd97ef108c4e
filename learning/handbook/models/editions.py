"""Editions: the dated versions of an identity."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q


class Validity(Func):
    """The time in which an edition is valid, as a range: from valid_from up to but not including valid_to."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class DatedQuerySet(models.QuerySet[Any]):
    def valid_at(self, now: datetime) -> Self:
        """What the public sees at this instant: at most one edition of an identity, no draft (it has no time)."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=now), valid_from__lte=now)


class Edition(models.Model):
    """One version of the content of an identity. PostgreSQL lets no two published editions overlap."""

    version = models.PositiveIntegerField()
    is_draft = models.BooleanField(default=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    source_note = models.JSONField(null=True, blank=True)

    objects: ClassVar[Any] = DatedQuerySet.as_manager()

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
        indexes = [
            # The last boundary passed, which is half of every ETag (queries/collections.py), is found by these.
            models.Index(fields=["valid_from"], name="%(class)s_starts"),
            models.Index(fields=["valid_to"], name="%(class)s_ends"),
        ]
