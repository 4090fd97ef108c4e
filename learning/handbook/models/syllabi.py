from django.db import models
from django.db.models import Q

from project.foundation.belts import FIRST_DAN, LOWEST

from .editions import Edition
from .techniques import Technique
from .tuls import Tul


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
