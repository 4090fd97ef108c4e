"""Which cards somebody has."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from learning.handbook import queries as handbook
from learning.practice import queries
from learning.practice.models import CardKind, CardOrigin, ReviewCard
from learning.practice.rules.subjects import Subject

from .learners import learner_for_update

GRACE = 4
"""Lapses after which a card that was kept is called a leech again."""


class NoSuchSubject(Exception):
    """The handbook has nothing of this name. The text is the name."""


@transaction.atomic
def add_cards(*, person: Any, subjects: Iterable[Subject], origin: CardOrigin, now: datetime) -> list[ReviewCard]:
    """The cards about these subjects, in their order: made, or brought back, or there already. What was put away is not
    brought back by a mistake.

    Raises NoSuchSubject, and then nothing was added.
    """
    learner_for_update(person=person, now=now)
    wanted = dict(_resolved(list(subjects), now))
    held = {_about(card): card for card in _held(person, wanted.values())}
    missing = [
        ReviewCard(person_id=person.pk, origin=origin, created_at=now + timedelta(microseconds=place), **columns)
        for place, columns in enumerate(wanted.values())
        if tuple(columns.values()) not in held
    ]
    ReviewCard.objects.bulk_create(missing)
    held |= {_about(card): card for card in missing}
    cards = [held[tuple(columns.values())] for columns in wanted.values()]
    away = [card for card in cards if card.put_away_at is not None and origin != CardOrigin.MISTAKE]
    ReviewCard.objects.filter(pk__in=[card.pk for card in away]).update(put_away_at=None)
    for card in away:
        card.put_away_at = None
    return cards


@transaction.atomic
def put_away(*, person: Any, card_id: UUID, now: datetime) -> ReviewCard:
    """Do not practise a card any more; its log stays. Raises ReviewCard.DoesNotExist."""
    card = _locked(person, card_id, now)
    card.put_away_at = card.put_away_at or now
    card.save(update_fields=["put_away_at"])
    return card


@transaction.atomic
def bring_back(*, person: Any, card_id: UUID, now: datetime) -> ReviewCard:
    """Practise a card again. Raises ReviewCard.DoesNotExist."""
    card = _locked(person, card_id, now)
    card.put_away_at = card.buried_until = None
    card.save(update_fields=["put_away_at", "buried_until"])
    return card


@transaction.atomic
def bury(*, person: Any, card_id: UUID, now: datetime) -> ReviewCard:
    """Do not ask a card before the next practice day. Raises ReviewCard.DoesNotExist."""
    card = _locked(person, card_id, now)
    card.buried_until = queries.practice_day(person=person, now=now).on + timedelta(days=1)
    card.save(update_fields=["buried_until"])
    return card


@transaction.atomic
def keep_leech(*, person: Any, card_id: UUID, now: datetime) -> ReviewCard:
    """Go on with a card that was forgotten again and again; one that is no leech keeps its patience. Raises
    ReviewCard.DoesNotExist.
    """
    card = _locked(person, card_id, now)
    ReviewCard.objects.filter(pk=card.pk).update(leech_from=Greatest(F("leech_from"), F("lapses") + GRACE))
    card.refresh_from_db(fields=["leech_from"])
    return card


@transaction.atomic
def rewrite(*, person: Any, card_id: UUID, front: str, back: str, now: datetime) -> ReviewCard:
    """Change the text of a card of the learner's own. Raises ReviewCard.DoesNotExist."""
    card = _locked(person, card_id, now)
    if card.kind != CardKind.OWN:
        raise ReviewCard.DoesNotExist
    card.front, card.back = front, back
    card.save(update_fields=["front", "back"])
    return card


def _locked(person: Any, card_id: UUID, now: datetime) -> ReviewCard:
    learner_for_update(person=person, now=now)
    return queries.card(viewer=person, card_id=card_id)


Columns = dict[str, Any]


def _resolved(subjects: Sequence[Subject], now: datetime) -> list[tuple[Subject, Columns]]:
    """With the columns of their cards, in three queries at most for each kind. Raises NoSuchSubject."""
    slugs: dict[str, set[str]] = {}
    for each in subjects:
        slugs.setdefault("tul" if each.kind == CardKind.STEP else each.kind, set()).add(each.key)
    if unknown := slugs.keys() - {"term", "technique", "tul", "question"}:
        raise NoSuchSubject(min(unknown))
    found = {kind: handbook.identities(kind=kind, slugs=names, now=now) for kind, names in slugs.items()}
    steps = handbook.step_keys(tuls=slugs["tul"], now=now) if "tul" in slugs else {}
    return [(each, _columns_of(each, found, steps)) for each in subjects]


def _columns_of(subject: Subject, found: dict[str, dict[str, int]], steps: dict[str, list[str]]) -> Columns:
    table = "tul" if subject.kind == CardKind.STEP else subject.kind
    is_step_missing = table == "tul" and subject.step_key not in steps.get(subject.key, ())
    if subject.key not in found[table] or is_step_missing:
        raise NoSuchSubject(subject.key)
    about = {f"{each}_id": found[table][subject.key] if each == table else None for each in _TABLES}
    return {"kind": subject.kind, **about, "direction": subject.direction, "step_key": subject.step_key}


_TABLES = ("term", "technique", "tul", "question")


def _about(card: ReviewCard) -> tuple[Any, ...]:
    ids = (getattr(card, f"{each}_id") for each in _TABLES)
    return (str(card.kind), *ids, card.direction, card.step_key)


def _held(person: Any, wanted: Iterable[Columns]) -> list[ReviewCard]:
    """The cards of somebody that are about any of the same rows."""
    rows: dict[str, set[int]] = {each: set() for each in _TABLES}
    for columns in wanted:
        for each in _TABLES:
            if columns[f"{each}_id"] is not None:
                rows[each].add(columns[f"{each}_id"])
    found: list[ReviewCard] = []
    for each, ids in rows.items():
        if ids:
            found += ReviewCard.objects.filter(person=person.pk, **{f"{each}__in": ids})
    return found
