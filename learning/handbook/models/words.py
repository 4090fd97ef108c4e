"""Closed sets of words that rows can hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class TermTopic(models.TextChoices):
    COUNTING = "counting", _("Counting")
    COMMANDS = "commands", _("Commands")
    BODY = "body", _("The body")
    DIRECTIONS = "directions", _("Directions and heights")
    ETIQUETTE = "etiquette", _("Etiquette and the hall")
    TENETS = "tenets", _("Tenets and oath")
    STANCES = "stances", _("Stances")
    HANDS = "hands", _("Hands")
    FEET = "feet", _("Feet")
    TULS = "tuls", _("Tuls")
    SPARRING = "sparring", _("Sparring")
    PEOPLE = "people", _("People and titles")
    TRAINING = "training", _("Training")


class TheoryTopic(models.TextChoices):
    HISTORY = "history", _("History")
    PHILOSOPHY = "philosophy", _("Philosophy")
    TENETS = "tenets", _("Tenets and oath")
    BELTS = "belts", _("Belts and gradings")
    ETIQUETTE = "etiquette", _("Etiquette and the hall")
    SPARRING = "sparring", _("Sparring")
    TRAINING = "training", _("Training")
    TULS = "tuls", _("Tuls")
    ORGANISATION = "organisation", _("Organisation")


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("one right answer")
    MULTIPLE = "multiple", _("several right answers")
    ORDER = "order", _("put in order")
    MATCH = "match", _("match pairs")
    TYPE = "type", _("type the answer")


class QuestionOrigin(models.TextChoices):
    AUTHORED = "authored", _("written by hand")
    GENERATED = "generated", _("made from the handbook")
