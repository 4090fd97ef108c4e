"""The handbook's pages: for readers, and for editors."""

from .reading import (
    article,
    belt,
    belt_sheet,
    belts,
    glossary,
    home,
    plan,
    plans,
    search,
    technique,
    techniques,
    term,
    theory,
    tul,
    tul_sheet,
    tuls,
)

__all__ = [
    "article",
    "belt",
    "belt_sheet",
    "belts",
    "glossary",
    "home",
    "plan",
    "plans",
    "search",
    "technique",
    "techniques",
    "term",
    "theory",
    "tul",
    "tul_sheet",
    "tuls",
]
