"""Training plans: the school's, those of one's clubs, and one's own. A plan of anybody else is not found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from accounts import queries as people
from learning.handbook.models import (
    Exercise,
    PlanBlock,
    PlanItem,
    TechniqueEdition,
    TrainingPlan,
    TulEdition,
    TulStep,
)
from learning.handbook.rules import plans as rules
from project.foundation.texts import in_language


def plans(*, viewer: Any, exact_belt: int | None = None) -> QuerySet[TrainingPlan]:
    """The plans that the viewer may see, for beginners first. Asks for the viewer's clubs at once."""
    found = TrainingPlan.objects.filter(_seen_by(viewer)).select_related("club").order_by("-belt", "slug")
    return found if exact_belt is None else found.filter(belt=exact_belt)


def _seen_by(viewer: Any) -> Q:
    schools = Q(owner=None, club=None)
    if not viewer.is_authenticated:
        return schools
    return schools | Q(owner=viewer.pk) | Q(club__in=clubs_seen_by(viewer))


def clubs_seen_by(viewer: Any) -> list[Any]:
    """The ids of the clubs whose plans somebody sees, in one query."""
    return [place.club_id for place in people.clubs_of(person=viewer)]


@dataclass(frozen=True)
class PlanLine:
    """A plan in a list. `kept` is one for the whole list: what a panel asks for all of its lines at once."""

    plan: TrainingPlan
    minutes: int
    kept: dict[str, Any]


@dataclass(frozen=True)
class PlanShelf:
    """The plans of a page of plans, by whose they are; the clubs are those that have any."""

    own: Sequence[PlanLine]
    clubs: Sequence[tuple[Any, Sequence[PlanLine]]]
    school: Sequence[PlanLine]


def plan_shelf(*, viewer: Any) -> PlanShelf:
    """Everything that the viewer may see, in three queries."""
    found, kept = list(plans(viewer=viewer)), dict[str, Any]()
    long = _seconds_of(found)
    lines = [PlanLine(plan, _minutes(long.get(plan.pk, 0)), kept) for plan in found]
    clubs = {plan.club_id: plan.club for plan in found if plan.club}
    return PlanShelf(
        own=[line for line in lines if line.plan.owner_id],
        clubs=[
            (club, [line for line in lines if line.plan.club_id == pk])
            for pk, club in sorted(clubs.items(), key=lambda each: (each[1].name, each[0]))
        ],
        school=[line for line in lines if not line.plan.owner_id and not line.plan.club_id],
    )


def _seconds_of(found: Collection[TrainingPlan]) -> dict[int, int]:
    """How long each plan takes, by its key, in one query; the last rest of each is not waited for."""
    seconds: dict[int, int] = {}
    rests: dict[int, int] = {}
    rows = PlanItem.objects.filter(block__plan__in=[plan.pk for plan in found])
    columns = ("block__plan", "block__rounds", "work", "rest")
    for plan, rounds, work, rest in rows.order_by("block__place", "place").values_list(*columns):
        seconds[plan] = seconds.get(plan, 0) + rounds * (work + rest)
        rests[plan] = rest
    return {plan: long - rests[plan] for plan, long in seconds.items()}


def _minutes(seconds: int) -> int:
    return max(1, round(seconds / 60))


@dataclass(frozen=True)
class NamedItem:
    """One thing to do in a plan: exactly one of the three is there, unless it is not valid any more."""

    row: PlanItem
    exercise: Exercise | None
    technique: TechniqueEdition | None
    tul: TulEdition | None


@dataclass(frozen=True)
class PlanSheet:
    """A plan with its blocks; `seconds` is how long all of it takes, rests included but the last."""

    plan: TrainingPlan
    blocks: Sequence[tuple[PlanBlock, Sequence[NamedItem]]]
    seconds: int

    @property
    def minutes(self) -> int:
        return _minutes(self.seconds)


def plan(*, slug: str, viewer: Any, now: datetime) -> PlanSheet:
    """A plan that the viewer may see, in six queries. Raises TrainingPlan.DoesNotExist."""
    found = plans(viewer=viewer).get(slug=slug)
    blocks = list(found.blocks.prefetch_related(Prefetch("items", PlanItem.objects.select_related("exercise"))))
    items = [item for block in blocks for item in block.items.all()]
    techniques = _by_identity(TechniqueEdition.objects.valid_at(now), {item.technique_id for item in items})
    tuls = _by_identity(TulEdition.objects.valid_at(now), {item.tul_id for item in items})

    def named(item: PlanItem) -> NamedItem:
        return NamedItem(item, item.exercise, techniques.get(item.technique_id or 0), tuls.get(item.tul_id or 0))

    every = [item for block in blocks for item in list(block.items.all()) * block.rounds]
    seconds = sum(item.work + item.rest for item in every) - (every[-1].rest if every else 0)
    return PlanSheet(found, [(block, [named(item) for item in block.items.all()]) for block in blocks], seconds)


def tempi(*, sheet: PlanSheet) -> dict[int, list[tuple[str, bool]]]:
    """For each tul of a plan, by the key of its edition: of every step its tempo, and whether it is on the count of
    the one before. One query, none without a tul."""
    editions = {item.tul.pk for _, items in sheet.blocks for item in items if item.tul}
    found: dict[int, list[tuple[str, bool]]] = {}
    steps = TulStep.objects.filter(edition__in=editions).order_by("edition", "position") if editions else ()
    for step in steps:
        found.setdefault(step.edition_id, []).append((step.tempo, step.is_joined))
    return found


def may_change(*, plan: TrainingPlan, viewer: Any) -> bool:
    """Their own, or one of a club that they teach. The school's plans change with the shipped content only."""
    if not viewer.is_authenticated:
        return False
    return plan.owner_id == viewer.pk or (plan.club_id is not None and plan.club_id in _taught(viewer))


def plan_to_change(*, slug: str, viewer: Any) -> TrainingPlan:
    """Raises TrainingPlan.DoesNotExist, and MayNot (403) for a plan that the viewer may only read."""
    found = plans(viewer=viewer).get(slug=slug)
    if not may_change(plan=found, viewer=viewer):
        raise people.MayNot("change_plan")
    return found


def clubs_to_write_for(*, viewer: Any) -> list[Any]:
    """The clubs that somebody teaches."""
    return [place.club for place in people.clubs_of(person=viewer) if place.role in people.TEACHERS]


def _taught(viewer: Any) -> set[Any]:
    return {club.pk for club in clubs_to_write_for(viewer=viewer)}


@dataclass(frozen=True)
class Thing:
    """What an item of a plan can be. `text` is its name in the languages, `word` how it is said in Korean."""

    kind: str
    slug: str
    text: dict[str, str]
    word: str = ""


def things(*, now: datetime, plan: TrainingPlan | None = None) -> list[Thing]:
    """Everything that can be put into a plan; with a plan also what stands in it and is not valid any more.

    Three queries, four with a plan.
    """
    tuls = TulEdition.objects.valid_at(now).select_related("identity").order_by("order", "pk")
    techniques = TechniqueEdition.objects.valid_at(now).select_related("identity").order_by("transliteration", "pk")
    found = [
        *(Thing("tul", each.slug, {"pl": each.name, "en": each.name, "ko": each.hangul}, each.name) for each in tuls),
        *(Thing("technique", each.slug, each.name, each.transliteration) for each in techniques),
        *(Thing("exercise", each.slug, each.name) for each in Exercise.objects.all()),
    ]
    known = {(each.kind, each.slug) for each in found}
    stale = {what for what in _named_in(plan) if what not in known} if plan else set()
    return [*found, *(Thing(kind, slug, {"en": slug}) for kind, slug in sorted(stale))]


def _named_in(plan: TrainingPlan) -> set[tuple[str, str]]:
    rows = PlanItem.objects.filter(block__plan=plan).select_related("exercise", "technique", "tul")
    return {what_of(row) for row in rows}


def what_of(row: PlanItem) -> tuple[str, str]:
    """The kind and slug of what an item is."""
    for kind, named in (("exercise", row.exercise), ("technique", row.technique), ("tul", row.tul)):
        if named:
            return kind, named.slug
    raise AssertionError("plan_item_is_one_thing")


def draft_of(*, plan: TrainingPlan, language: str) -> rules.Draft:
    """A plan as it is typed into a form, each text in the language or its fallback. Two queries."""
    rows = PlanItem.objects.select_related("exercise", "technique", "tul")
    blocks = plan.blocks.prefetch_related(Prefetch("items", rows))
    return rules.Draft(
        name=_spoken(plan.name, language),
        goal=_spoken(plan.goal, language),
        belt=plan.belt,
        blocks=[
            rules.Block(
                _spoken(block.name, language),
                block.rounds,
                [rules.Item(*what_of(item), item.work, item.rest) for item in block.items.all()],
            )
            for block in blocks
        ],
    )


def _spoken(text: dict[str, str], language: str) -> str:
    found = in_language(text, language)
    return found.text if found else ""


def _by_identity(editions: QuerySet[Any], identities: Collection[Any]) -> dict[int, Any]:
    return {each.identity_id: each for each in editions.filter(identity__in=identities).select_related("identity")}
