"""How far somebody is with the things of the handbook: told by pages, by the app, and by quizzes and plans that end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import queries as people
from learning.handbook import queries as handbook
from learning.practice.models import ItemType, Progress, QuizMode, Status
from learning.practice.rules import progress as rules
from learning.practice.rules.days import day_of

from .learners import learner_for_update, note_days


class NoSuchItem(Exception):
    """There is nothing of this type and name. The text is the name."""


Refusal = NoSuchItem | rules.DetailRefused
Key = tuple[str, str]


@dataclass(frozen=True)
class Telling:
    """What is told about one item. `score` is a percentage."""

    item_type: str
    item: str
    status: int
    score: int
    occurred_at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return (self.item_type, self.item)


def merge_progress(
    *,
    person: Any,
    item_type: str,
    item: str,
    status: Status | str,
    score: int,
    occurred_at: datetime,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> Progress:
    """Merge one telling into what is known; status and score never go down. `status` may be a name in small letters.

    Raises NoSuchItem, and rules.progress.DetailRefused for a detail that cannot be kept.
    """
    standing = Status[status.upper()] if isinstance(status, str) else status
    telling = Telling(item_type, item, standing, score, occurred_at, detail or {})
    (outcome,) = merge_tellings(person=person, tellings=[telling], now=now)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@transaction.atomic
def merge_tellings(
    *, person: Any, tellings: Sequence[Telling], now: datetime, sent_at: datetime | None = None
) -> list[Progress | Refusal]:
    """Merge many, and give for each, in their order, the row as it is now or why it was refused.

    What several devices tell at once is merged one after another, since the learner is locked; the number of queries
    does not depend on how many are told. `sent_at` is what the device's clock said while sending (rules/clocks.py);
    what occurred "tomorrow" all the same has occurred now.
    """
    learner_for_update(person=person, now=now)
    judged = _judged(person, tellings, now=now, sent_at=sent_at)
    taken = [
        (telling, each) for telling, each in zip(tellings, judged, strict=True) if isinstance(each, rules.Standing)
    ]
    rows = _merged(person, taken, now=now)
    _note_days(person, taken)
    return [
        rows[telling.key] if isinstance(each, rules.Standing) else each
        for telling, each in zip(tellings, judged, strict=True)
    ]


def _judged(
    person: Any, tellings: Sequence[Telling], *, now: datetime, sent_at: datetime | None
) -> list[rules.Standing | Refusal]:
    names: dict[str, set[str]] = {each: set() for each in ItemType.values}
    for telling in tellings:
        if rules.is_storable(telling.item):
            names.setdefault(telling.item_type, set()).add(telling.item)
    known = {kind: _known(person, kind, slugs) for kind, slugs in names.items() if slugs}

    def judge(telling: Telling) -> rules.Standing | Refusal:
        if telling.item not in known.get(telling.item_type, set()):
            return NoSuchItem(telling.item)
        try:
            detail = rules.accepted_detail(telling.detail)
        except rules.DetailRefused as refused:
            return refused
        occurred_at = rules.accepted_instant(telling.occurred_at, now=now, sent_at=sent_at)
        return rules.Standing(telling.status, telling.score, occurred_at, detail)

    return [judge(telling) for telling in tellings]


def _known(person: Any, kind: str, slugs: set[str]) -> set[str]:
    if kind == ItemType.QUIZ:
        return slugs & set(QuizMode.values)
    return handbook.known(kind=kind, slugs=slugs, viewer=person)


def _merged(person: Any, taken: Sequence[tuple[Telling, rules.Standing]], *, now: datetime) -> dict[Key, Progress]:
    """The rows of these items after merging. Only what has changed is written, and so is newer to whoever pulls."""
    rows = _rows(person, {telling.key for telling, _ in taken})
    before = {key: rules.Standing(row.status, row.score, row.occurred_at, row.detail) for key, row in rows.items()}
    after = dict(before)
    for telling, standing in taken:
        held = after.get(telling.key)
        after[telling.key] = rules.merge(held, standing) if held else standing
    changed = {
        key: Progress(
            person_id=person.pk, item_type=key[0], item=key[1], status=each.status, score=each.score,
            detail=each.detail, occurred_at=each.occurred_at, updated_at=now,
        )
        for key, each in after.items()
        if each != before.get(key)
    }  # fmt: skip
    Progress.objects.bulk_create(
        changed.values(),
        update_conflicts=True,
        unique_fields=["person", "item_type", "item"],
        update_fields=["status", "score", "detail", "occurred_at", "updated_at"],
    )
    return rows | changed


def _rows(person: Any, keys: set[Key]) -> dict[Key, Progress]:
    asked = Q(pk__in=[])
    for item_type in {kind for kind, _ in keys}:
        asked |= Q(item_type=item_type, item__in=[item for kind, item in keys if kind == item_type])
    return {(row.item_type, row.item): row for row in Progress.objects.filter(asked, person=person.pk)}


def _note_days(person: Any, taken: Sequence[tuple[Telling, rules.Standing]]) -> None:
    zone = people.time_zone_of(person=person)
    days: dict[date, set[Key]] = {}
    for telling, standing in taken:
        days.setdefault(day_of(standing.occurred_at, zone), set()).add(telling.key)
    note_days(person=person, days=days)
