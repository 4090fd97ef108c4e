"""The sheet of a syllabus: what a grading asks, line by line, with a box to tick for each."""

from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from project.foundation.belts import Belt
from project.foundation.http import belt_names
from project.foundation.paper.faces import words

from ..models import TechniqueEdition, TulEdition
from ..queries import Syllabus
from .marks import TickBox
from .paper import LEAD, QUESTION, QUIET, QUIET_RIGHT, WIDTH, headed, lined, printed, says, says_both, worn

BOX = 6 * mm
HALF = (WIDTH - 6 * mm) / 2


def syllabus(asked: Syllabus, *, day: date) -> bytes:
    """The sheet of a syllabus as PDF in the language that is active."""
    grade = belt_names.grade(Belt(asked.edition.identity.belt))
    return printed(lambda: _story(asked), title=grade, version=asked.edition.version, day=day)


def _story(asked: Syllabus) -> list[Flowable]:
    edition, belt = asked.edition, Belt(asked.edition.identity.belt)
    months = edition.months_in_grade
    wait = ngettext(
        "You may try after %(months)s month in the grade before.",
        "You may try after %(months)s months in the grade before.",
        months,
    )
    return [
        says(_("What do I need for the %(belt)s?") % {"belt": belt_names.grade(belt)}, QUESTION),
        Spacer(0, 4 * mm),
        worn(belt),
        Spacer(0, 4 * mm),
        says(wait % {"months": months}, LEAD),
        *headed(_("Tuls"), _tuls(asked)),
        *headed(_("Techniques"), _techniques(asked)),
        *headed(_("Sparring and strength"), _tests(asked)),
        *headed(_("Theory"), _theory(asked)),
        *headed(_("Where sources differ"), [says(words(edition.source_note))] if edition.source_note else []),
    ]


def _tuls(asked: Syllabus) -> list[Flowable]:
    rows: list[list[Any]] = [[TickBox(), says_both(each.name, each.hangul), _count(each)] for each in asked.tuls]
    return [lined(rows, [BOX, WIDTH - BOX - 40 * mm, 40 * mm])] if rows else []


def _count(tul: TulEdition) -> Flowable:
    number = tul.movements
    return says(ngettext("%(number)s movement", "%(number)s movements", number) % {"number": number}, QUIET_RIGHT)


def _techniques(asked: Syllabus) -> list[Flowable]:
    """Two columns, read down the left one and then down the right one."""
    middle = (len(asked.techniques) + 1) // 2
    left, right = asked.techniques[:middle], asked.techniques[middle:]
    rows = [
        [*_technique(each), "", *(_technique(right[place]) if place < len(right) else ["", ""])]
        for place, each in enumerate(left)
    ]
    return [lined(rows, [BOX, HALF - BOX, 6 * mm, BOX, HALF - BOX])] if rows else []


def _technique(technique: TechniqueEdition) -> list[Any]:
    name = says_both(capfirst(words(technique.name)), technique.hangul)
    return [TickBox(), [name, says(technique.transliteration, QUIET)]]


def _tests(asked: Syllabus) -> list[Flowable]:
    asks = ((_("Sparring"), asked.edition.sparring), (_("Strength"), asked.edition.strength))
    rows: list[list[Any]] = [[TickBox(), says(name, QUIET), says(words(text))] for name, text in asks if text]
    return [lined(rows, [BOX, 30 * mm, WIDTH - BOX - 30 * mm])] if rows else []


def _theory(asked: Syllabus) -> list[Flowable]:
    return [
        KeepTogether([says(words(each["question"])), says(words(each["answer"]), QUIET), Spacer(0, 2.4 * mm)])
        for each in asked.edition.theory
    ]
