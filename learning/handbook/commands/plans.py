"""Training plans that people write: their own, or a club's. The school's own are shipped content (loose.py)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import models, transaction

from accounts import queries as people
from accounts.rules import Action
from learning.handbook import queries
from learning.handbook.models import Exercise, PlanBlock, PlanItem, Technique, TrainingPlan, Tul
from learning.handbook.rules import plans as rules
from project.foundation.audit import commands as audit

from . import editions

_MODELS: dict[str, type[models.Model]] = {"exercise": Exercise, "technique": Technique, "tul": Tul}


class PlanRefused(Exception):
    """The plan cannot be kept like this; `refusals` say why (rules.plans.refusals)."""

    def __init__(self, refusals: Sequence[tuple[rules.Refusal, int | None]]) -> None:
        self.refusals = refusals
        super().__init__(", ".join(why.value for why, _ in refusals))


class TooManyPlans(Exception):
    """Whoever shall have the plan has rules.plans.MOST_PLANS already."""


class PlanOvertaken(Exception):
    """Somebody else has changed the plan since the writer began."""


@transaction.atomic
def create_plan(*, person: Any, draft: rules.Draft, language: str, now: datetime, club: UUID | None = None) -> Any:
    """Write a plan: one's own, or for a club that one teaches.

    Raises PlanRefused, TooManyPlans, NoSuchReference; Club.DoesNotExist and MayNot as accounts.queries.membership.
    """
    return _create(person, draft, language, now, club, before=None)


@transaction.atomic
def copy_plan(
    *, person: Any, slug: str, draft: rules.Draft, language: str, now: datetime, club: UUID | None = None
) -> Any:
    """Write a plan that began as another one. Texts that were left as they were keep their other languages.

    Raises as create_plan, and TrainingPlan.DoesNotExist when there is no such plan for the person.
    """
    return _create(person, draft, language, now, club, before=queries.plans(viewer=person).get(slug=slug))


@transaction.atomic
def change_plan(*, person: Any, slug: str, draft: rules.Draft, began_with: str, language: str, now: datetime) -> bool:
    """Write a plan anew; says whether anything is different. `began_with` is the mark of what the writer was shown
    (rules.plans.mark).

    Raises PlanRefused, PlanOvertaken, NoSuchReference, TrainingPlan.DoesNotExist, MayNot.
    """
    plan = _held(person, slug)
    stands = queries.draft_of(plan=plan, language=language)
    if rules.mark(stands) != began_with:
        raise PlanOvertaken
    if rules.mark(stands) == rules.mark(draft):
        return False
    _check(draft)
    _write(plan, draft, language, before=plan)
    audit.record(type="trainingplan.changed", object=plan, object_id=slug, actor=person.actor_id, now=now)
    return True


@transaction.atomic
def delete_plan(*, person: Any, slug: str, now: datetime) -> None:
    """Raises TrainingPlan.DoesNotExist, MayNot."""
    plan = _held(person, slug)
    audit.record(type="trainingplan.deleted", object=plan, object_id=slug, actor=person.actor_id, now=now)
    plan.delete()


def _create(
    person: Any, draft: rules.Draft, language: str, now: datetime, club: UUID | None, *, before: TrainingPlan | None
) -> TrainingPlan:
    """Whoever shall have the plan is held, so that their plans are counted one after the other."""
    holder = {"club_id": _held_club(person, club)} if club else {"owner_id": _held_person(person)}
    if TrainingPlan.objects.filter(**holder).count() >= rules.MOST_PLANS:
        raise TooManyPlans
    _check(draft)
    plan = TrainingPlan(slug=f"p-{uuid4().hex[:12]}", **holder)
    _write(plan, draft, language, before=before)
    facts = {"club": str(club)} if club else {}
    audit.record(
        type="trainingplan.added", object=plan, object_id=plan.slug, actor=person.actor_id, now=now, payload=facts
    )
    return plan


def _check(draft: rules.Draft) -> None:
    if wrong := rules.refusals(draft):
        raise PlanRefused(wrong)


def _write(plan: TrainingPlan, draft: rules.Draft, language: str, *, before: TrainingPlan | None) -> None:
    """The whole plan as it is typed, with the texts of `before` where they are still the same."""
    things = _things(draft)
    said = [block.name for block in before.blocks.all()] if before else []
    plan.belt = draft.belt
    plan.name = rules.in_languages(draft.name, language=language, before=[before.name] if before else ())
    plan.goal = rules.in_languages(draft.goal, language=language, before=[before.goal] if before else ())
    plan.save()
    plan.blocks.all().delete()
    for place, block in enumerate(draft.blocks, start=1):
        name = rules.in_languages(block.name, language=language, before=said)
        row = PlanBlock.objects.create(plan=plan, place=place, name=name, rounds=block.rounds)
        PlanItem.objects.bulk_create(
            PlanItem(
                block=row, place=number, work=item.work, rest=item.rest, **{item.kind: things[item.kind][item.slug]}
            )
            for number, item in enumerate(block.items, start=1)
        )


def _things(draft: rules.Draft) -> dict[str, dict[str, Any]]:
    """What the items name, by kind and slug. Raises NoSuchReference."""
    named = [(item.kind, item.slug) for block in draft.blocks for item in block.items]
    return {
        kind: editions.identities(model, "slug", {slug for each, slug in named if each == kind})
        for kind, model in _MODELS.items()
    }


def _held_person(person: Any) -> int:
    """Raises DoesNotExist for somebody who was erased meanwhile."""
    held: Any = get_user_model()._base_manager.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    return int(held.pk)


def _held_club(person: Any, club: UUID) -> UUID:
    """Hold the club, as whatever moves its seats and roles does; then look who the person is there."""
    place = people.membership(viewer=person, club_id=club, action=Action.TEACH)
    type(place.club)._base_manager.select_for_update(no_key=True).get(pk=club)
    return people.membership(viewer=person, club_id=club, action=Action.TEACH).club_id


def _held(person: Any, slug: str) -> TrainingPlan:
    """The plan, which its holder may change, locked after its holder."""
    plan = queries.plan_to_change(slug=slug, viewer=person)
    if plan.club_id:
        _held_club(person, plan.club_id)
    else:
        _held_person(person)
    return TrainingPlan.objects.select_for_update().get(pk=plan.pk)
