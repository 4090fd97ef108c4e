"""The handbook's pages: for readers, and for editors."""

from .reading import (
    article,
    belt,
    belt_sheet,
    belts,
    glossary,
    handbook,
    search,
    technique,
    techniques,
    term,
    theory,
    tul,
    tul_floor,
    tul_sheet,
    tuls,
)
from .training import plan, plan_change, plan_copy, plan_new, plan_removal, plans

__all__ = [
    "article",
    "belt",
    "belt_sheet",
    "belts",
    "glossary",
    "handbook",
    "plan",
    "plan_change",
    "plan_copy",
    "plan_new",
    "plan_removal",
    "plans",
    "search",
    "technique",
    "techniques",
    "term",
    "theory",
    "tul",
    "tul_floor",
    "tul_sheet",
    "tuls",
]
