"""What differs between two entries, in the words of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from learning.handbook.forms import labels
from learning.handbook.rules import changes


@dataclass(frozen=True)
class Row:
    """One thing that differs. `lang` is the language of the text, where it is in one."""

    label: str
    lang: str
    pieces: Sequence[changes.Piece]


@dataclass(frozen=True)
class Difference:
    """A field, or a step of a tul, with all that differs in it."""

    label: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Differences:
    fields: Sequence[Difference]
    same: int


def differences(before: Any, after: Any) -> Differences:
    found = changes.changes(before, after)
    grouped = groupby(found.changed, key=lambda change: _head(change.path))
    return Differences([_difference(head, list(rows)) for head, rows in grouped], found.same)


def _head(path: changes.Where) -> changes.Where:
    return path[:2] if path[0] == "steps" else path[:1]


def _difference(head: changes.Where, found: Sequence[changes.Change]) -> Difference:
    label = _("Step %(key)s") % {"key": head[1]} if len(head) == 2 else labels.label(str(head[0]))
    return Difference(label, [_row(change, change.path[len(head) :]) for change in found])


def _row(change: changes.Change, inside: changes.Where) -> Row:
    lang = str(change.path[-1]) if change.path[-1] in labels.LANGUAGES else ""
    name = next(str(part) for part in reversed(change.path) if isinstance(part, str) and part not in labels.LANGUAGES)
    words = [labels.word(name, value) for value in (change.before, change.after)]
    is_worded = not isinstance(change.before, list) and not isinstance(change.after, list)
    if is_worded and words != [("" if value is None else str(value)) for value in (change.before, change.after)]:
        pieces = [changes.Piece(words[0], "gone"), changes.Piece(words[1], "new")]
        return Row(labels.path_label(inside), lang, [piece for piece in pieces if piece.text])
    return Row(labels.path_label(inside), lang, change.pieces)
