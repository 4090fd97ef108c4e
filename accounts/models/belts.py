import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.rules import belts as rules
from project.foundation.belts import HIGHEST, LOWEST

from .clubs import Club
from .people import User


class Part(models.TextChoices):
    """What an examination is made of."""

    BASICS = "basics", _("fundamental movements")
    TUL = "tul", _("tuls")
    SPARRING = "sparring", _("sparring")
    SELF_DEFENCE = "self_defence", _("self-defence")
    BREAKING = "breaking", _("breaking")
    THEORY = "theory", _("theory")


def all_parts() -> list[str]:
    return list(rules.PARTS)


class Grading(models.Model):
    """A day on which people try for a belt. Who examined and who wrote it down are pseudonyms (User.actor_id).

    Once closed nothing of it changes but the club's going away, and everybody who passed has an award (triggers).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    club = models.ForeignKey(Club, null=True, on_delete=models.SET_NULL, related_name="gradings")
    club_name = models.CharField(max_length=80)
    """As it was called; it stays when the club is gone."""
    held_on = models.DateField(_("day"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    examiner = models.UUIDField(null=True, blank=True)
    guest_examiner = models.CharField(_("examiner without an account"), max_length=80, blank=True)
    parts = ArrayField(models.CharField(max_length=12, choices=Part), verbose_name=_("parts"), default=all_parts)
    """What is asked on this day."""
    created_by = models.UUIDField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    """Results are final and belts awarded."""
    canceled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-held_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(canceled_at__isnull=True), name="grading_is_held_or_canceled"
            ),
            models.CheckConstraint(
                condition=Q(examiner__isnull=True) | Q(guest_examiner=""), name="grading_has_one_examiner"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(examiner__isnull=False) | ~Q(guest_examiner=""),
                name="closed_grading_names_its_examiner",
            ),
            models.CheckConstraint(condition=Q(parts__contained_by=list(rules.PARTS)), name="grading_parts_are_known"),
        ]

    def __str__(self) -> str:
        return f"{self.club_name}, {self.held_on}"

    @property
    def is_over(self) -> bool:
        return bool(self.closed_at or self.canceled_at)


class Result(models.TextChoices):
    PASSED = "passed", _("passed")
    FAILED = "failed", _("not passed")
    ABSENT = "absent", _("absent")


class Candidate(models.Model):
    """Somebody who tries for a belt at a grading, and is not its examiner (triggers)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grading = models.ForeignKey(Grading, on_delete=models.CASCADE, related_name="candidates")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="candidacies")
    belt = models.SmallIntegerField(_("tries for"))
    result = models.CharField(_("result"), max_length=6, choices=Result, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grading", "person"], name="candidate_once"),
            models.CheckConstraint(condition=Q(belt__range=(HIGHEST, LOWEST)), name="candidate_belt_exists"),
            models.CheckConstraint(
                condition=Q(result__in=["", "passed", "failed", "absent"]), name="candidate_result_is_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class CandidatePart(models.Model):
    """How one part of an examination went."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="parts")
    part = models.CharField(max_length=12, choices=Part)
    passed = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "part"], name="candidate_part_once"),
            models.CheckConstraint(condition=Q(part__in=list(rules.PARTS)), name="candidate_part_is_known"),
        ]

    def __str__(self) -> str:
        return self.part


class BeltAward(models.Model):
    """A belt that somebody was given; their belt is the last one. Never changed: a correction is a row of its own.

    Nobody is awarded by themselves, what is corrected is an award of the same person, and what comes of a grading
    goes to the candidate who passed, with the belt they tried for (triggers).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="belt_awards")
    belt = models.SmallIntegerField()
    awarded_on = models.DateField(_("day"))
    awarded_by = models.UUIDField()
    """User.actor_id."""
    club_name = models.CharField(max_length=80, blank=True)
    candidate = models.OneToOneField(Candidate, null=True, blank=True, on_delete=models.RESTRICT, related_name="award")
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="corrected_by"
    )
    is_void = models.BooleanField(default=False)
    """Only in a correction: there was no such award."""
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    code = models.CharField(max_length=16, unique=True)
    """On the certificate; whoever types it in sees whether it is true."""
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-awarded_on", "-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(belt__range=(HIGHEST, LOWEST)), name="belt_award_belt_exists"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{16}$"), name="belt_award_code_can_be_typed"
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, is_void=False) | Q(corrects__isnull=False) & ~Q(reason=""),
                name="belt_correction_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.belt} · {self.awarded_on}"

    @property
    def facts(self) -> rules.Award:
        return rules.Award(self.pk, self.belt, self.awarded_on, self.created_at, self.corrects_id, self.is_void)
