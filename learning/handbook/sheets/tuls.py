"""The sheet of a tul: its picture, what its name means, every step, and what an examiner looks at."""

from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table

from project.foundation.belts import Belt
from project.foundation.paper.faces import words

from ..models import TechniqueEdition
from ..picture import picture
from ..queries import NamedStep, TulSheet
from .marks import Floor
from .paper import (
    BARE,
    CAPTION,
    HANGUL_TITLE,
    HEADING,
    LEAD,
    NUMBER,
    QUIET,
    TEXT,
    TITLE,
    WIDTH,
    heading,
    lined,
    printed,
    says,
    says_both,
    worn,
)  # fmt: skip

LEFT, GAP, TALL = 68 * mm, 8 * mm, 110 * mm
"""The column beside the picture, the room between them, and how high both may be."""
COLUMNS = [10 * mm, 78 * mm, 40 * mm, 20 * mm, 26 * mm]
ARROWS = {"A": "→", "B": "←", "C": "↓", "D": "↑", "AC": "↘", "AD": "↗", "BC": "↙", "BD": "↖"}
"""Where a heading points on the picture, which is drawn with D up."""


def tul(sheet: TulSheet, *, day: date) -> bytes:
    """The sheet of a tul as PDF in the language that is active; one without steps says so."""
    return printed(lambda: _story(sheet), title=sheet.tul.name, version=sheet.tul.version, day=day)


def _story(sheet: TulSheet) -> list[Flowable]:
    edition, drawn = sheet.tul, picture(sheet)
    beside, below = _parted(_pieces(sheet))
    story: list[Flowable] = [*_nameplate(sheet), Spacer(0, 6 * mm)]
    if drawn is None:
        story += [says(_("The handbook does not have this tul step by step yet."), LEAD), Spacer(0, 6 * mm)]
        return [*story, *(flowable for piece in (*beside, *below) for flowable in (*piece, Spacer(0, 5 * mm)))]
    floor = Floor(drawn.diagram, belt=Belt(edition.belt), width=WIDTH - LEFT - GAP, height=TALL - 12 * mm)
    caption = says(_("The whole path, with the number of the step that ends at each spot."), CAPTION)
    column = [flowable for piece in beside for flowable in (*piece, Spacer(0, 5 * mm))]
    table = Table([[column, "", [floor, Spacer(0, 2 * mm), caption]]], colWidths=[LEFT, GAP, WIDTH - LEFT - GAP])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *BARE])
    rows = [_head(), *(row for step in sheet.steps for row in _rows(step))]
    story += [table, *heading(_("Step by step")), lined(rows, COLUMNS, head=True)]
    return [*story, *(flowable for piece in below for flowable in (Spacer(0, 6 * mm), *piece))]


def _nameplate(sheet: TulSheet) -> list[Flowable]:
    edition = sheet.tul
    names = Table([[says(edition.name, TITLE), says(edition.hangul, HANGUL_TITLE)]], colWidths=[WIDTH / 2, WIDTH / 2])
    names.setStyle([("VALIGN", (0, 0), (-1, -1), "BOTTOM"), *BARE])
    number = edition.movements
    count = ngettext("%(number)s movement", "%(number)s movements", number) % {"number": number}
    kind = [] if edition.kind == "tul" else [str(edition.get_kind_display())]
    return [names, Spacer(0, 4 * mm), worn(Belt(edition.belt), count, *kind)]


def _pieces(sheet: TulSheet) -> list[list[Flowable]]:
    """What is said about the tul, each piece with its heading, the most important first."""
    edition = sheet.tul
    ready: list[Flowable] = [_named(sheet.ready)] if sheet.ready else []
    if edition.ends_at_start:
        ready.append(says(_("The tul ends on the spot where it begins.")))
    judged = [says(f"{place}. {words(note)}") for place, note in enumerate(edition.judges_notes, start=1)]
    pieces: list[tuple[str, list[Flowable]]] = [
        (_("What the name means"), [says(words(edition.meaning), TEXT)]),
        (_("Ready posture"), ready),
        (_("What an examiner looks at"), [flowable for note in judged for flowable in (note, Spacer(0, 1 * mm))]),
        (_("Where sources differ"), [says(words(edition.source_note))] if edition.source_note else []),
    ]
    return [[says(title, HEADING), Spacer(0, 1.5 * mm), *under] for title, under in pieces if under]


def _parted(pieces: list[list[Flowable]]) -> tuple[list[list[Flowable]], list[list[Flowable]]]:
    """The pieces that fit into the column beside the picture, and those that follow the table of steps."""
    room = TALL
    for fitting, piece in enumerate(pieces):
        room -= sum(flowable.wrap(LEFT, TALL)[1] for flowable in piece) + 5 * mm
        if room < 0:
            return pieces[:fitting], pieces[fitting:]
    return pieces, []


def _head() -> list[Any]:
    return [says(title, QUIET) for title in (_("No."), _("Technique"), _("Stance"), _("Facing"), _("Tempo"))]


def _rows(step: NamedStep) -> list[list[Any]]:
    """A step: one row, and further ones only where an editor wrote a very long note."""
    row = step.row
    how = [row.get_side_display(), row.get_section_display() if row.section else ""]
    tempo = [
        row.get_tempo_display() if row.tempo != "normal" else "",
        _("on the same count") if row.is_joined else "",
        f"{_('turning')} {row.get_turn_display()}" if row.turn else "",
    ]
    note = _slices(words(row.note)) if row.note else []
    technique = [_named(step.technique, row.technique.slug), says(_joined(how), QUIET), *note[:1]]
    stance = says(capfirst(words(step.stance.name)) if step.stance else row.stance.slug)
    hangul = step.stance.hangul if step.stance and get_language() != "ko" else ""
    stood = says(_joined([hangul, row.get_stance_side_display() if row.stance_side else ""]), QUIET)
    facing = says(f"{row.facing} {ARROWS[row.facing]}")
    first = [says(str(row.position), NUMBER), technique, [stance, stood], facing, says(_joined(tempo), QUIET)]
    return [first, *(["", piece, "", "", ""] for piece in note[1:])]


def _slices(note: str) -> list[Flowable]:
    """A note in pieces that are not higher than TALL, nearly always one."""
    done: list[Flowable] = []
    left: list[Flowable] = [says(note, QUIET)]
    while len(left := left[-1].split(COLUMNS[1] - 3 * mm, TALL)) > 1:
        done.append(left[0])
    return [*done, *left]


def _named(technique: TechniqueEdition | None, slug: str = "") -> Flowable:
    """A technique by its name; one that is not in the handbook any more by its slug, as on the page."""
    if technique is None:
        return says(slug)
    return says_both(capfirst(words(technique.name)), technique.hangul)


def _joined(said: list[Any]) -> str:
    return " · ".join(str(each) for each in said if each)
