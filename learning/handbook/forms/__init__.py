"""Input from people: what readers pick in the lists, and what editors write."""

from .entries import EntryForm
from .filters import ArticleFilter, EditorFilter, SearchFilter, TechniqueFilter, TermFilter, TulFilter
from .plans import Catalogue, PlanForm
from .publication import Comparison, PublicationForm

__all__ = [
    "ArticleFilter",
    "Catalogue",
    "Comparison",
    "EditorFilter",
    "EntryForm",
    "PlanForm",
    "PublicationForm",
    "SearchFilter",
    "TechniqueFilter",
    "TermFilter",
    "TulFilter",
]
