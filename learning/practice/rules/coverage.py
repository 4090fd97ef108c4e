"""How much of what a grading asks is known."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .subjects import Subject


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of so many things to remember so many are covered."""

    total: int
    covered: int

    @property
    def share(self) -> float:
        return self.covered / self.total if self.total else 0.0


MARKED = {"technique": "technique", "step": "tul"}
"""What of a deck is covered by marking a whole item as known: both directions of a technique, all steps of a tul."""


def coverage(deck: Iterable[Subject], *, learned: Collection[Subject], known: Collection[tuple[str, str]]) -> Coverage:
    """`learned` are those whose cards are remembered well enough now, `known` the items (type and slug) that the
    learner says to know."""
    wanted = list(deck)
    covered = sum(1 for each in wanted if each in learned or (MARKED.get(each.kind, ""), each.key) in known)
    return Coverage(len(wanted), covered)
