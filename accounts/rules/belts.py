"""What somebody's belt is, whether another may follow it, and what the parts of an examination suggest."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from project.foundation.belts import FIRST_DAN

FIRST_KUP = FIRST_DAN + 1
USUAL_GRADES = 2
"""More grades than this at once are allowed, and said: one is the rule, two are a reward."""
PARTS = ("basics", "tul", "sparring", "self_defence", "breaking", "theory")


@dataclass(frozen=True)
class Award:
    """One row of somebody's history. What it `corrects` is the id of the row whose place it takes."""

    id: Any
    belt: int
    awarded_on: date
    created_at: datetime
    corrects: Any = None
    is_void: bool = False


def history(awards: Iterable[Award]) -> list[Award]:
    """The awards that stand, the last one first.

    A correction stands in the place of what it corrects, so that one of the morning's award does not outrank that of
    the afternoon; a void one leaves the place empty, until it is corrected itself. Last is the later day, on one day
    what was first written later, in one instant the higher belt.
    """
    rows = {award.id: award for award in awards}
    corrected = {award.corrects for award in rows.values()}
    standing = [award for award in rows.values() if award.id not in corrected and not award.is_void]
    return sorted(
        standing, key=lambda award: (award.awarded_on, _first_of(award, rows).created_at, -award.belt), reverse=True
    )


def current_belt(awards: Iterable[Award]) -> int | None:
    """The belt of the last award that stands; None for somebody whom nobody here has given one."""
    last = next(iter(history(awards)), None)
    return last.belt if last else None


def _first_of(award: Award, rows: Mapping[Any, Award]) -> Award:
    while award.corrects in rows:
        award = rows[award.corrects]
    return award


class Objection(StrEnum):
    """Why a belt may not be given on a day."""

    NOT_HIGHER = "not_higher"
    """They had it, or a higher one, already."""
    NOT_LOWER = "not_lower"
    """A later day gave them this one or a lower one."""
    SKIPS_A_DAN = "skips_a_dan"


@dataclass(frozen=True)
class Step:
    """What giving a belt would mean. `grades` up from the belt before; 0 where there was none."""

    grades: int
    objection: Objection | None = None

    @property
    def is_unusual(self) -> bool:
        return self.grades > USUAL_GRADES


def step_to(belt: int, *, on: date, awards: Iterable[Award]) -> Step:
    """Whether a belt may be given on a day, by the awards that stand.

    It must be higher than the one held on that day and lower than what came later, so that a history can be written
    down late. The first award may be any belt: people bring theirs from other schools. After that kup grades may be
    skipped, dan grades may not: the 1st comes after the 1st kup and each further one after the one before.
    A correction is not asked: it says what was.
    """
    standing = history(awards)
    before = next((award for award in standing if award.awarded_on <= on), None)
    after = next((award for award in reversed(standing) if award.awarded_on > on), None)
    grades = before.belt - belt if before else 0
    if before and grades <= 0:
        return Step(grades, Objection.NOT_HIGHER)
    if after and after.belt >= belt:
        return Step(grades, Objection.NOT_LOWER)
    if before and belt <= FIRST_DAN and grades > 1:
        return Step(grades, Objection.SKIPS_A_DAN)
    return Step(grades)


def next_belt(current: int | None, *, highest: int, lowest: int) -> int:
    """What somebody would try for: the next grade, for a beginner the one after white; the highest has none above."""
    return max((lowest if current is None else current) - 1, highest)


def suggested_result(*, asked: Collection[str], parts: Mapping[str, bool]) -> str:
    """ "passed" when all that was asked went well, "failed" when something did not, "" while something is open.

    A suggestion: the examiner decides.
    """
    if any(parts.get(part) is False for part in asked):
        return "failed"
    return "passed" if asked and all(parts.get(part) for part in asked) else ""


class Validity(StrEnum):
    """What a certificate is worth today."""

    VALID = "valid"
    CORRECTED = "corrected"
    VOID = "void"


def validity(award: Award, awards: Iterable[Award]) -> tuple[Validity, Award]:
    """What an award is worth, and the row that stands in its place now (itself when it is valid)."""
    by_what = {each.corrects: each for each in awards if each.corrects is not None}
    last = award
    while last.id in by_what:
        last = by_what[last.id]
    if last.is_void:
        return Validity.VOID, last
    return (Validity.VALID if last.id == award.id else Validity.CORRECTED), last


def typed_code(text: str) -> str:
    """A code as it was made, from how it was typed: Crockford's base 32 reads O as 0, I and L as 1, and any case."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    return letters.translate(str.maketrans("OIL", "011"))
