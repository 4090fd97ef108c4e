"""The handbook: identities that everything points at, and their dated editions that hold the content."""

from .collections import Collection, CollectionRevision
from .editions import Edition
from .plans import Exercise, PlanBlock, PlanItem, TrainingPlan
from .questions import Question, QuestionOption
from .search import DocumentKind, SearchDocument, SearchSlip
from .shelved import ShelvedEntry
from .syllabi import ExamSyllabus, ExamSyllabusEdition, SyllabusTechnique, SyllabusTul
from .techniques import Technique, TechniqueEdition
from .terms import GlossaryTerm
from .theory import TheoryArticle, TheoryArticleEdition
from .tuls import Tul, TulEdition, TulStep
from .words import (
    Category,
    Heading,
    QuestionKind,
    QuestionOrigin,
    Section,
    Side,
    Tempo,
    TermTopic,
    TheoryTopic,
    TulKind,
    Turn,
)

__all__ = [
    "Category",
    "Collection",
    "CollectionRevision",
    "DocumentKind",
    "Edition",
    "ExamSyllabus",
    "ExamSyllabusEdition",
    "Exercise",
    "GlossaryTerm",
    "Heading",
    "PlanBlock",
    "PlanItem",
    "Question",
    "QuestionKind",
    "QuestionOption",
    "QuestionOrigin",
    "SearchDocument",
    "SearchSlip",
    "Section",
    "ShelvedEntry",
    "Side",
    "SyllabusTechnique",
    "SyllabusTul",
    "Technique",
    "TechniqueEdition",
    "Tempo",
    "TermTopic",
    "TheoryArticle",
    "TheoryArticleEdition",
    "TheoryTopic",
    "TrainingPlan",
    "Tul",
    "TulEdition",
    "TulKind",
    "TulStep",
    "Turn",
]
