"""Anki's files: the one place that knows what is in an .apkg or .colpkg. Plain values in and out."""

from learning.practice.anki.imported import (
    Hints,
    Imported,
    ImportedCard,
    ImportedReview,
    Reason,
    Untaken,
    unknown,
)
from learning.practice.anki.opening import NotAnAnkiFile, Refusal
from learning.practice.anki.reading import read
from learning.practice.anki.writing import DECAY, Answer, Card, Deck, answers, write

__all__ = [
    "DECAY",
    "Answer",
    "Card",
    "Deck",
    "Hints",
    "Imported",
    "ImportedCard",
    "ImportedReview",
    "NotAnAnkiFile",
    "Reason",
    "Refusal",
    "Untaken",
    "answers",
    "read",
    "unknown",
    "write",
]
