"""Two editors at one thing: what one of them has not seen, he does not write over.

Whoever writes says what they began with: the newest edition (or, of a word, the newest event of its trail)
as it was when they began. When it is another one by now, they are told, and may save over it on purpose.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from learning.handbook.models import (
    ExamSyllabusEdition,
    GlossaryTerm,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
)
from learning.handbook.queries import editing, entry_of
from learning.handbook.rules import entries

from . import editions, loose
from .syllabi import draft_syllabus
from .techniques import draft_technique
from .theory import draft_article
from .tuls import draft_tul

DRAFTED: dict[type[Any], tuple[Callable[..., Any], Any]] = {
    entries.Technique: (draft_technique, TechniqueEdition),
    entries.Tul: (draft_tul, TulEdition),
    entries.Syllabus: (draft_syllabus, ExamSyllabusEdition),
    entries.Article: (draft_article, TheoryArticleEdition),
}
"""How an entry of each shape becomes a draft, and the editions that it makes."""


class Overtaken(Exception):
    """Somebody else has changed it since the editor began."""


@transaction.atomic
def save_draft(*, entry: Any, began_with: int | None, editor: Any | None, now: datetime) -> Any:
    """Write the draft of an entry, in place of what the editor began with (None: nothing was there).

    Raises RoleMissing, Overtaken or NoSuchReference.
    """
    editions.require_editor(editor)
    draft_entry, model = DRAFTED[type(entry)]
    key = {"belt": entry.belt} if isinstance(entry, entries.Syllabus) else {"slug": entry.slug}
    identity = editions.lock(model._meta.get_field("identity").related_model, **key)
    _refuse_overtaken(editing.mark_of(editing.newest(identity)), began_with)
    return draft_entry(entry=entry, editor=editor, now=now)


@transaction.atomic
def save_term(*, entry: entries.Term, began_with: int | None, editor: Any | None, now: datetime) -> bool:
    """Put a word into the glossary at once; it has no drafts. Says whether anything changed.

    Raises RoleMissing, Overtaken or NoSuchReference.
    """
    editions.require_editor(editor)
    term = GlossaryTerm.objects.select_for_update().filter(slug=entry.slug).first()
    _refuse_overtaken(editing.mark_of(term), began_with)
    return loose.put_term(entry=entry, editor=editor, now=now)


@transaction.atomic
def restore_edition(*, edition: Any, began_with: int | None, editor: Any | None, now: datetime) -> Any:
    """Write a draft that says what an old edition said. Raises RoleMissing, Overtaken or NoSuchReference."""
    return save_draft(entry=entry_of(edition), began_with=began_with, editor=editor, now=now)


@transaction.atomic
def take_back(*, edition: Any, began_with: int | None, editor: Any | None, now: datetime) -> Any:
    """Withdraw a scheduled edition, which costs a draft that there is: only one that the editor has seen.

    Raises RoleMissing, Overtaken or NotScheduled.
    """
    editions.require_editor(editor)
    _refuse_overtaken(editing.mark_of(editing.newest(editions.locked(edition.identity))), began_with)
    return editions.withdraw_edition(edition=edition, editor=editor, now=now)


def _refuse_overtaken(is_there: int | None, began_with: int | None) -> None:
    if is_there != began_with:
        raise Overtaken
