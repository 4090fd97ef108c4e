"""Shipped content goes into the handbook through the same commands that an editor uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import batched
from typing import Any

from django.db import transaction

from learning.handbook.models import GlossaryTerm, QuestionOrigin, ShelvedEntry
from learning.handbook.queries import entry_of
from learning.handbook.rules import bank, entries

from . import loose
from .drafting import DRAFTED
from .editions import publish_edition

_PUT: dict[type[Any], Callable[..., bool]] = {
    entries.Term: loose.put_term,
    entries.Question: partial(loose.put_question, origin=QuestionOrigin.AUTHORED),
    entries.Exercise: loose.put_exercise,
    entries.Plan: loose.put_plan,
}
_AUTHORED = partial(loose.put_questions, origin=QuestionOrigin.AUTHORED)
_GENERATED = partial(loose.put_questions, origin=QuestionOrigin.GENERATED)


def shelve(*, entry: Any, editor: Any | None, now: datetime) -> bool:
    """Put one entry into the handbook; what has editions is drafted and published at once.

    Says whether anything changed: an entry equal to what is valid now is left alone.
    """
    if put := _PUT.get(type(entry)):
        return put(entry=entry, editor=editor, now=now)
    draft_entry, _ = DRAFTED[type(entry)]
    valid = _editions(entry).valid_at(now).first()
    if valid is not None and entries.same(entry_of(valid), entry):
        return False
    with transaction.atomic():
        draft = draft_entry(entry=entry, editor=editor, now=now)
        publish_edition(edition=draft, valid_from=now, editor=editor, now=now)
    return True


def _editions(entry: Any) -> Any:
    key = {"identity__belt": entry.belt} if isinstance(entry, entries.Syllabus) else {"identity__slug": entry.slug}
    return DRAFTED[type(entry)][1].objects.select_related("identity").filter(**key)


@dataclass(frozen=True)
class Shelved:
    """What a load did. `kept` are the names of entries that differ, but that an editor has changed since."""

    changed: int
    total: int
    kept: Sequence[str]


def shelve_all(*, shelf: entries.Shelf, editor: Any | None, now: datetime) -> Shelved:
    """Put everything into the handbook that the files hold otherwise than at the last load, and make the questions
    that can be made from it.

    What an editor has changed since is never overwritten. A load that was cut off goes on near where it was.
    """
    made = bank.questions(shelf)
    piles: list[tuple[Sequence[Any], Callable[..., int]]] = [
        (pile, _AUTHORED if name == "questions" else _put_each) for name, pile in vars(shelf).items()
    ]
    piles.append((made, _GENERATED))
    last = dict(ShelvedEntry.objects.values_list("name", "digest"))
    changed, kept = 0, list[str]()
    for pile, put in piles:
        news = [entry for entry in pile if last.get(_name(entry)) != entries.digest(entry)]
        for batch in batched(news, _at_once(pile), strict=False):
            with transaction.atomic():
                edited = [entry for entry in batch if _is_edited(entry, last.get(_name(entry)), now)]
                ours = [entry for entry in batch if entry not in edited]
                kept += map(_name, edited)
                changed += put(wanted=ours, editor=editor, now=now)
                _remember(ours)
    for origin, asked in ((QuestionOrigin.GENERATED, made), (QuestionOrigin.AUTHORED, shelf.questions)):
        gone = loose.retire_questions(keep={each.slug for each in asked}, origin=origin, editor=editor, now=now)
        ShelvedEntry.objects.filter(name__in=[f"question:{slug}" for slug in gone]).delete()
    return Shelved(changed, sum(len(pile) for pile, _ in piles), kept)


def _at_once(pile: Sequence[Any]) -> int:
    """What editors write too goes alone: each holds an identity, then the counter of its collection, and two
    identities in one transaction could close a circle with an editor's. The others go by the hundred."""
    is_shared = any(type(entry) in DRAFTED or isinstance(entry, entries.Term) for entry in pile[:1])
    return 1 if is_shared else 100


def _put_each(*, wanted: Sequence[Any], editor: Any | None, now: datetime) -> int:
    return sum(shelve(entry=entry, editor=editor, now=now) for entry in wanted)


def _remember(shelved: Sequence[Any]) -> None:
    rows = [ShelvedEntry(name=_name(entry), digest=entries.digest(entry)) for entry in shelved]
    ShelvedEntry.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=["digest"])


def _name(entry: Any) -> str:
    return f"{type(entry).__name__.lower()}:{entry.belt if isinstance(entry, entries.Syllabus) else entry.slug}"


def _is_edited(entry: Any, last: str | None, now: datetime) -> bool:
    """An editor has published something else since the last load, for now or for later."""
    if last is None:
        return False
    if isinstance(entry, entries.Term):
        term = GlossaryTerm.objects.select_related("technique").filter(slug=entry.slug).first()
        return term is not None and entries.digest(entry_of(term)) != last
    if type(entry) not in DRAFTED:
        return False
    editions = _editions(entry)
    valid = editions.valid_at(now).first()
    return editions.filter(valid_from__gt=now).exists() or (
        valid is not None and entries.digest(entry_of(valid)) != last
    )
