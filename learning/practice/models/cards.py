import uuid
from dataclasses import fields
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from learning.practice.rules.memory import Memory, Stage

LEECH = 8
"""Lapses after which a card only costs time."""


LEECHES = Q(lapses__gte=F("leech_from"))


class CardKind(models.TextChoices):
    TERM = "term", _("Word")
    TECHNIQUE = "technique", _("Technique")
    STEP = "step", _("Movement of a tul")
    QUESTION = "question", _("Question")
    OWN = "own", _("My own card")


class Direction(models.TextChoices):
    MEANING = "meaning", _("what it means")
    KOREAN = "korean", _("how it is called")


class CardOrigin(models.TextChoices):
    LEARNER = "learner", _("chosen")
    DECK = "deck", _("from a belt's deck")
    MISTAKE = "mistake", _("after a wrong answer")
    IMPORT = "import", _("brought from Anki")


SUBJECTS = ("term", "technique", "tul", "question")


def _about(kind: CardKind, *subject: str) -> Q:
    """The columns of a kind are there, and only these."""
    named = {f"{each}__isnull": each not in subject for each in SUBJECTS}
    return Q(kind=kind, **named)


class ReviewCard(models.Model):
    """Something of the handbook (or a learner's own text) to be remembered.

    The columns from `stage` on are the fold of its reviews (rules/memory.py), kept here so that a queue can be
    asked for; whoever adds to the log works them out anew. A step is the movement that is to be recalled.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="review_cards", db_index=False
    )
    """Found by `card_is_named_with_its_person`. With an index of its own as well, PostgreSQL takes that one to see
    whether a review is of a card of its person for as long as it has counted nothing: all cards for each review."""
    kind = models.CharField(max_length=9, choices=CardKind)
    direction = models.CharField(max_length=7, choices=Direction, blank=True)
    term = models.ForeignKey("handbook.GlossaryTerm", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    technique = models.ForeignKey(
        "handbook.Technique", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tul = models.ForeignKey("handbook.Tul", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    step_key = models.CharField(max_length=8, blank=True)
    question = models.ForeignKey("handbook.Question", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    front = models.TextField(blank=True)
    back = models.TextField(blank=True)
    deck = models.CharField(max_length=120, blank=True)
    guid = models.CharField(max_length=80, blank=True)
    """What Anki calls a card of the learner's own."""
    origin = models.CharField(max_length=8, choices=CardOrigin)
    created_at = models.DateTimeField()
    put_away_at = models.DateTimeField(null=True, blank=True)
    """Since when the learner does not practise it; its log stays."""
    buried_until = models.DateField(null=True, blank=True)
    """Not asked before this practice day."""
    leech_from = models.PositiveSmallIntegerField(default=LEECH)
    stage = models.PositiveSmallIntegerField(default=Stage.NEW.value)
    due_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviews = models.PositiveIntegerField(default=0)
    lapses = models.PositiveIntegerField(default=0)
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    stability = models.FloatField(null=True, blank=True)
    difficulty = models.FloatField(null=True, blank=True)
    ease = models.FloatField(null=True, blank=True)
    repetitions = models.PositiveIntegerField(default=0)
    interval = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "id"], name="card_is_named_with_its_person"),
            models.CheckConstraint(
                condition=_about(CardKind.TERM, "term")
                | _about(CardKind.TECHNIQUE, "technique")
                | _about(CardKind.STEP, "tul")
                | _about(CardKind.QUESTION, "question")
                | _about(CardKind.OWN),
                name="card_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["term", "technique"], direction__in=Direction.values)
                | (~Q(kind__in=["term", "technique"]) & Q(direction="")),
                name="word_is_asked_in_a_direction",
            ),
            models.CheckConstraint(
                condition=(Q(kind="step") & ~Q(step_key="")) | (~Q(kind="step") & Q(step_key="")),
                name="step_card_names_its_step",
            ),
            models.CheckConstraint(
                condition=(Q(kind="own") & ~Q(front="")) | (~Q(kind="own") & Q(front="", back="", guid="", deck="")),
                name="own_card_has_a_text",
            ),
            models.CheckConstraint(condition=Q(origin__in=CardOrigin.values), name="card_origin_is_known"),
            models.CheckConstraint(
                condition=Q(stage=0, reviews=0, due_at__isnull=True, reviewed_at__isnull=True)
                | Q(stage__in=[1, 2, 3], reviews__gt=0, due_at__isnull=False, reviewed_at__isnull=False),
                name="card_is_new_without_reviews",
            ),
            models.UniqueConstraint(
                fields=["person", "term", "direction"], condition=Q(kind="term"), name="one_card_per_word_and_direction"
            ),
            models.UniqueConstraint(
                fields=["person", "technique", "direction"],
                condition=Q(kind="technique"),
                name="one_card_per_technique_and_direction",
            ),
            models.UniqueConstraint(
                fields=["person", "tul", "step_key"], condition=Q(kind="step"), name="one_card_per_step"
            ),
            models.UniqueConstraint(
                fields=["person", "question"], condition=Q(kind="question"), name="one_card_per_question"
            ),
            models.UniqueConstraint(
                fields=["person", "guid"], condition=Q(kind="own") & ~Q(guid=""), name="one_card_per_guid"
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "due_at"],
                condition=Q(put_away_at__isnull=True, stage__gt=0),
                name="cards_by_due",
            ),
            models.Index(
                fields=["person", "created_at", "id"], condition=Q(put_away_at__isnull=True, stage=0), name="cards_new"
            ),
            models.Index(fields=["person", "due_at"], condition=Q(stage__in=[1, 3]), name="cards_in_their_steps"),
            models.Index(fields=["person"], condition=LEECHES, name="cards_that_are_leeches"),
            models.Index(
                fields=["person", "reviewed_at"], condition=Q(reviewed_at__isnull=False), name="cards_by_last_review"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def memory(self) -> Memory:
        return Memory(
            stage=Stage(self.stage),
            due_at=self.due_at,
            reviewed_at=self.reviewed_at,
            reviews=self.reviews,
            lapses=self.lapses,
            step=self.step,
            stability=self.stability,
            difficulty=self.difficulty,
            ease=self.ease,
            repetitions=self.repetitions,
            interval=self.interval,
        )

    @memory.setter
    def memory(self, memory: Memory) -> None:
        for field in fields(Memory):
            setattr(self, field.name, getattr(memory, field.name))

    @property
    def is_leech(self) -> bool:
        return self.lapses >= self.leech_from

    def is_buried(self, *, on: date) -> bool:
        return self.buried_until is not None and self.buried_until > on
