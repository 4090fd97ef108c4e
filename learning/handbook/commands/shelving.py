"""Shipped content goes into the handbook through the same commands that an editor uses."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from learning.handbook.models import (
    Edition,
    ExamSyllabusEdition,
    QuestionOrigin,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
)
from learning.handbook.queries import entry_of
from learning.handbook.rules import bank, entries

from . import loose
from .editions import publish_edition
from .syllabi import draft_syllabus
from .techniques import draft_technique
from .theory import draft_article
from .tuls import draft_tul

_DRAFTED: dict[type[Any], tuple[Callable[..., Any], type[Edition]]] = {
    entries.Technique: (draft_technique, TechniqueEdition),
    entries.Tul: (draft_tul, TulEdition),
    entries.Syllabus: (draft_syllabus, ExamSyllabusEdition),
    entries.Article: (draft_article, TheoryArticleEdition),
}
_PUT: dict[type[Any], Callable[..., bool]] = {
    entries.Term: loose.put_term,
    entries.Question: partial(loose.put_question, origin=QuestionOrigin.AUTHORED),
    entries.Exercise: loose.put_exercise,
    entries.Plan: loose.put_plan,
}


def shelve(*, entry: Any, editor: Any | None, now: datetime) -> bool:
    """Put one entry into the handbook; what has editions is drafted and published at once.

    Says whether anything changed: an entry equal to what is valid now is left alone.
    """
    if put := _PUT.get(type(entry)):
        return put(entry=entry, editor=editor, now=now)
    draft_entry, model = _DRAFTED[type(entry)]
    key = {"identity__belt": entry.belt} if isinstance(entry, entries.Syllabus) else {"identity__slug": entry.slug}
    valid = model.objects.valid_at(now).select_related("identity").filter(**key).first()
    if valid is not None and entries.same(entry_of(valid), entry):
        return False
    with transaction.atomic():
        draft = draft_entry(entry=entry, editor=editor, now=now)
        publish_edition(edition=draft, valid_from=now, editor=editor, now=now)
    return True


def shelve_all(*, shelf: entries.Shelf, editor: Any | None, now: datetime) -> tuple[int, int]:
    """Put everything into the handbook, and make the questions that can be made from it.

    Gives how many entries changed, and how many there are. Each entry is a transaction of its own, so a
    load that was cut off goes on where it was.
    """
    everything = [
        entry for pile in vars(shelf).values() for entry in pile
    ]  # in the order in which they need each other
    changed = sum(shelve(entry=entry, editor=editor, now=now) for entry in everything)
    made = bank.questions(shelf)
    origin = QuestionOrigin.GENERATED
    changed += sum(loose.put_question(entry=each, origin=origin, editor=editor, now=now) for each in made)
    loose.retire_questions(keep={each.slug for each in made}, origin=origin, editor=editor, now=now)
    loose.retire_questions(
        keep={each.slug for each in shelf.questions}, origin=QuestionOrigin.AUTHORED, editor=editor, now=now
    )
    return changed, len(everything) + len(made)
