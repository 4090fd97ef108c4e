"""What there is to remember: the deck of a belt, and the words that a card about something is made of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from learning.handbook.models import (
    ExamSyllabusEdition,
    GlossaryTerm,
    Question,
    QuestionOrigin,
    SyllabusTul,
    TechniqueEdition,
    TulEdition,
    TulStep,
)
from project.foundation.belts import FIRST_DAN, LOWEST

from .reading import NamedStep

DECKS = range(LOWEST, FIRST_DAN - 1, -1)
"""The belts that have a deck, the lowest grade first."""
DIRECTIONS = ("meaning", "korean")
"""A word is asked both ways: what it means, and how it is called."""


class Entry(NamedTuple):
    """One card of a deck. `key` is the slug and `id` the row of the word, technique, tul or question."""

    kind: str
    key: str
    direction: str
    step_key: str
    id: int


def deck_of(*, belt: int, now: datetime) -> list[Entry]:
    """Everything to remember for a belt: its words, its techniques, every movement of the tuls that its grading
    asks, and the questions that begin with it. In six queries at most."""
    return decks(now=now, belts=[belt])[belt]


def decks(*, now: datetime, belts: Collection[int] = DECKS) -> Mapping[int, list[Entry]]:
    """The deck of each of these belts, in six queries at most. Without a grading it has the tuls of the belt."""
    terms = GlossaryTerm.objects.filter(min_belt__in=belts).order_by("topic", "place", "slug")
    techniques = TechniqueEdition.objects.valid_at(now).filter(min_belt__in=belts).order_by("category", "pk")
    questions = Question.objects.filter(origin=QuestionOrigin.AUTHORED, is_retired=False, from_belt__in=belts)
    found: dict[int, list[Entry]] = {belt: [] for belt in belts}
    for belt, pk, slug in terms.values_list("min_belt", "pk", "slug"):
        found[belt] += [Entry("term", slug, way, "", pk) for way in DIRECTIONS]
    for belt, pk, slug in techniques.values_list("min_belt", "identity", "identity__slug"):
        found[belt] += [Entry("technique", slug, way, "", pk) for way in DIRECTIONS]
    danced = _tuls(belts, now)
    steps = _step_keys({pk for tuls in danced.values() for pk, _ in tuls}, now)
    for belt, tuls in danced.items():
        found[belt] += [Entry("step", slug, "", key, pk) for pk, slug in tuls for key in steps[pk]]
    for belt, pk, slug in questions.order_by("slug").values_list("from_belt", "pk", "slug"):
        found[belt].append(Entry("question", slug, "", "", pk))
    return found


def _tuls(belts: Collection[int], now: datetime) -> dict[int, list[tuple[int, str]]]:
    """(id, slug) of the tuls of each belt, in the order of its syllabus."""
    editions = ExamSyllabusEdition.objects.valid_at(now).filter(identity__belt__in=belts)
    asked = SyllabusTul.objects.filter(edition__in=editions).order_by("edition", "place")
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for belt, pk, slug in asked.values_list("edition__identity__belt", "tul", "tul__slug"):
        found[belt].append((pk, slug))
    own = TulEdition.objects.valid_at(now).filter(belt__in=set(belts) - set(found)).order_by("order", "pk")
    for belt, pk, slug in own.values_list("belt", "identity", "identity__slug"):
        found[belt].append((pk, slug))
    return found


def _step_keys(tuls: Iterable[int], now: datetime) -> Mapping[int, list[str]]:
    editions = TulEdition.objects.valid_at(now).filter(identity__in=tuls)
    found: dict[int, list[str]] = defaultdict(list)
    rows = TulStep.objects.filter(edition__in=editions).order_by("edition", "position")
    for tul, key in rows.values_list("edition__identity", "step_key"):
        found[tul].append(key)
    return found


@dataclass(frozen=True)
class Movement:
    """A movement of a tul and the one that it follows; none before the first, which begins in `ready`."""

    tul: TulEdition
    step: NamedStep
    before: NamedStep | None
    ready: TechniqueEdition | None

    @property
    def number(self) -> int:
        return self.step.row.position


@dataclass(frozen=True)
class Remembered:
    """What cards are about, by the ids of identities; a movement by its tul and its step key.

    Of something that is not valid any more it is the last edition; a movement that this one does not have is
    missing.
    """

    terms: Mapping[int, GlossaryTerm]
    techniques: Mapping[int, TechniqueEdition]
    movements: Mapping[tuple[int, str], Movement]
    questions: Mapping[int, Question]


def remembered(
    *,
    terms: Collection[int],
    techniques: Collection[int],
    steps: Collection[tuple[int, str]],
    questions: Collection[int],
    now: datetime,
) -> Remembered:
    """The words of many cards, in six queries at most however many there are."""
    tuls = _last_tuls({tul for tul, _ in steps}, now)
    rows = _steps(tuls.values())
    wanted = {*techniques, *(tul.ready_id for tul in tuls.values())}
    wanted |= {pk for row in rows for pk in (row.technique_id, row.stance_id)}
    named = {each.identity_id: each for each in _last(TechniqueEdition.objects.filter(identity__in=wanted), now)}
    return Remembered(
        GlossaryTerm.objects.select_related("technique").in_bulk(terms) if terms else {},
        named,
        _movements(rows, {tul.pk: tul for tul in tuls.values()}, named, frozenset(steps)),
        Question.objects.prefetch_related("options").in_bulk(questions) if questions else {},
    )


def _last_tuls(ids: Collection[int], now: datetime) -> dict[int, TulEdition]:
    editions = _last(TulEdition.objects.filter(identity__in=ids), now) if ids else ()
    return {edition.identity_id: edition for edition in editions}


def _steps(tuls: Collection[TulEdition]) -> list[TulStep]:
    """All steps of these editions, in order."""
    if not tuls:
        return []
    rows = TulStep.objects.filter(edition__in=tuls).order_by("edition", "position")
    return list(rows.select_related("technique"))


def _movements(
    rows: Iterable[TulStep],
    editions: Mapping[int, TulEdition],
    named: Mapping[int, TechniqueEdition],
    wanted: frozenset[tuple[int, str]],
) -> dict[tuple[int, str], Movement]:
    found: dict[tuple[int, str], Movement] = {}
    before: dict[int, NamedStep] = {}
    for row in rows:
        tul = editions[row.edition_id]
        step = NamedStep(row, named.get(row.technique_id), named.get(row.stance_id))
        key = (tul.identity_id, row.step_key)
        if key in wanted:
            found[key] = Movement(tul, step, before.get(tul.pk), named.get(tul.ready_id))
        before[tul.pk] = step
    return found


def _last(editions: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Of each identity the edition that began last: the valid one, or the last that was."""
    begun = editions.filter(is_draft=False, valid_from__lte=now)
    return begun.order_by("identity", "-valid_from").distinct("identity").select_related("identity")


def questions_about(*, about: str) -> list[str]:
    """The slugs of the questions that were written about something, which is named as kind:slug."""
    asked = Question.objects.filter(origin=QuestionOrigin.AUTHORED, is_retired=False, about=about)
    return list(asked.order_by("slug").values_list("slug", flat=True))
