"""Input from people: what readers pick in the lists, and what editors write."""

from .entries import EntryForm
from .filters import ArticleFilter, EditorFilter, SearchFilter, TechniqueFilter, TermFilter, TulFilter
from .publication import Comparison, PublicationForm

__all__ = [
    "ArticleFilter",
    "Comparison",
    "EditorFilter",
    "EntryForm",
    "PublicationForm",
    "SearchFilter",
    "TechniqueFilter",
    "TermFilter",
    "TulFilter",
]
