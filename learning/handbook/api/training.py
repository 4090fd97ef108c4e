import functools
from collections.abc import Callable
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

from django.forms import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view

from learning.handbook import queries
from learning.handbook.models import Collection, TrainingPlan
from project.foundation.http import cursors
from project.foundation.http.conditional import instant
from project.foundation.http.openapi import answers

from .shapes import Belt, BeltAsked, ListQuery, Next, SlugPath, Text, changes_with, optional

router = Router()

ORDERINGS = {"belt": ["-belt", "slug"], "-belt": ["belt", "slug"], "slug": ["slug"]}


class PlanText(TypedDict):
    """A text in the languages that it has. What people write themselves is in one of them, and may be missing."""

    pl: NotRequired[str]
    en: NotRequired[str]
    ko: NotRequired[str]


class _Plan(Schema):
    slug: str = Field(examples=["warm-up-before-class"])
    belt: Belt = Field(description="For learners from this belt on.")
    names: PlanText
    goal: PlanText
    is_own: bool = Field(description="The viewer's own, neither the school's nor a club's.")
    club: UUID | None = Field(description="The club of the viewer whose plan it is.")


class PlanLine(_Plan):
    """A training plan in a list."""

    @staticmethod
    def resolve_names(plan: TrainingPlan) -> Any:
        return plan.name

    @staticmethod
    def resolve_is_own(plan: TrainingPlan) -> bool:
        return plan.owner_id is not None

    @staticmethod
    def resolve_club(plan: TrainingPlan) -> UUID | None:
        return plan.club_id


class ExerciseOut(Schema):
    """Something to train that is no technique."""

    purpose: Text
    how: list[Text]
    dose: Text
    equipment: Text | None
    safety: Text | None
    tags: list[str]


class ItemOut(Schema):
    """What is done in one go."""

    kind: Literal["exercise", "technique", "tul"]
    slug: str | None = Field(description="Null when the technique or tul is not valid any more.", examples=["push-ups"])
    names: Text | None = Field(description="Null likewise.")
    exercise: ExerciseOut | None = Field(description="What to do, when it is an exercise.")
    work: int = Field(description="Seconds.", examples=[40])
    rest: int = Field(description="Seconds of rest after it.", examples=[15])


class BlockOut(Schema):
    names: PlanText
    rounds: int = Field(description="How often the items are gone through.")
    items: list[ItemOut]


class PlanOut(_Plan):
    """A training plan with everything to do."""

    seconds: int = Field(description="How long all of it takes, without the very last rest.", examples=[1140])
    blocks: list[BlockOut]


class PlanPage(Schema):
    items: list[PlanLine]
    next: Next


class PlanQuery(ListQuery):
    belt: BeltAsked | None = optional(description="For exactly this belt.")
    ordering: Annotated[Literal["belt", "-belt", "slug"], Field(description="belt: those for beginners first.")] = (
        "belt"
    )


def stands_with_clubs(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a member sees depends on their clubs too: these join the state of the collections in the entity tag."""

    @functools.wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            clubs = " ".join(sorted(map(str, queries.clubs_seen_by(request.user))))
            request.stood = (now, f"{queries.state(*_CHANGES_WITH, now=now)} {clubs}")  # type: ignore[attr-defined]
        return run(request, *args, **kwargs)

    return answer


_CHANGES_WITH = (Collection.PLANS, Collection.TECHNIQUES, Collection.TULS)


@router.get("/plans", response=answers(PlanPage), operation_id="list_plans", summary="Training plans", auth=None)
@decorate_view(stands_with_clubs)
@changes_with(Collection.PLANS, personal=True)
def plans(request: HttpRequest, asked: Query[PlanQuery]) -> cursors.Page[TrainingPlan]:
    """The school's training plans; to whoever is signed in also their own and those of their clubs."""
    found = queries.plans(viewer=request.user, exact_belt=asked.belt)
    return cursors.page(
        found, of="plans", orderings=ORDERINGS, ordering=asked.ordering, cursor=asked.cursor, limit=asked.limit
    )


@router.get(
    "/plans/{slug}",
    response=answers(PlanOut, may_be_missing=True),
    operation_id="get_plan",
    summary="One training plan",
    auth=None,
)
@decorate_view(stands_with_clubs)
@changes_with(*_CHANGES_WITH, personal=True)
def plan(request: HttpRequest, slug: SlugPath) -> dict[str, Any]:
    """One plan with everything to do. Somebody else's plan is not found."""
    try:
        sheet = queries.plan(slug=slug, viewer=request.user, now=instant(request))
    except TrainingPlan.DoesNotExist:
        raise Http404 from None
    return model_to_dict(sheet.plan, ["slug", "belt", "goal"]) | {
        "names": sheet.plan.name,
        "is_own": sheet.plan.owner_id is not None,
        "club": sheet.plan.club_id,
        "seconds": sheet.seconds,
        "blocks": [
            {"names": block.name, "rounds": block.rounds, "items": [_item(item) for item in items]}
            for block, items in sheet.blocks
        ],
    }


def _item(item: queries.NamedItem) -> dict[str, Any]:
    row = item.row
    times = {"work": row.work, "rest": row.rest, "exercise": item.exercise}
    if item.exercise:
        return times | {"kind": "exercise", "slug": item.exercise.slug, "names": item.exercise.name}
    if row.technique_id:
        found = item.technique
        return times | {"kind": "technique", "slug": found and found.slug, "names": found and found.name}
    tul = item.tul
    names = tul and {"pl": tul.name, "en": tul.name, "ko": tul.hangul}
    return times | {"kind": "tul", "slug": tul and tul.slug, "names": names}
