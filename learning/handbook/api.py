"""The handbook for the mobile app."""

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http import Problem

from . import queries
from .models import TechniqueEdition, TulEdition

router = Router(tags=["handbook"])

Category = Literal["stance", "ready_posture", "hand_attack", "hand_block", "kick", "foot_block", "motion"]
Text = dict[str, str]


class ProblemOut(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[dict[str, Any]]


class TechniqueLine(Schema):
    slug: str
    category: Category
    min_belt: int
    names: Text
    hangul: str
    transliteration: str

    @staticmethod
    def resolve_names(edition: TechniqueEdition) -> Text:
        return edition.name


class TechniqueOut(TechniqueLine):
    version: int
    aliases: list[str]
    section: str
    tool: Text | None
    key_points: list[Text]
    mistakes: list[Text]
    safety: Text | None
    tags: list[str]
    source_note: Text | None


class TulLine(Schema):
    slug: str
    kind: Literal["tul", "exercise"]
    order: int
    belt: int
    name: str
    hangul: str
    movements: int
    has_steps: bool


class StepOut(Schema):
    step_key: str
    position: int
    technique: str
    side: str
    section: str
    stance: str
    stance_side: str
    facing: str
    turn: str
    tempo: str
    is_joined: bool
    note: Text | None
    left: tuple[float, float] = Field(description="Left foot: x toward A, y toward D, in shoulder widths.")
    right: tuple[float, float] = Field(description="Right foot, likewise.")


class TulOut(Schema):
    slug: str
    version: int
    kind: Literal["tul", "exercise"]
    order: int
    belt: int
    name: str
    hangul: str
    movements: int
    meaning: Text
    ready: str
    judges_notes: list[Text]
    source_note: Text | None
    steps: list[StepOut]


class ListQuery(Schema):
    """What a list can be asked; anything else is refused."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[
        str, Field(max_length=100, pattern=r"^[a-z0-9-]*$", description="From `next` of the page before.")
    ] = ""


class TechniqueQuery(ListQuery):
    category: Category | None = None
    min_belt: Annotated[int | None, Field(ge=FIRST_DAN, le=LOWEST, description="Met by a learner of this belt.")] = None
    q: Annotated[str, Field(max_length=100)] = ""


class TulQuery(ListQuery):
    belt: Annotated[int | None, Field(ge=FIRST_DAN, le=LOWEST)] = None


class TechniquePage(Schema):
    items: list[TechniqueLine]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class TulPage(Schema):
    items: list[TulLine]
    next: str | None


@router.get("/techniques", response={200: TechniquePage, 422: ProblemOut}, operation_id="list_techniques", auth=None)
def techniques(request: HttpRequest, asked: Query[TechniqueQuery]) -> dict[str, Any]:
    """Techniques in the order of their slugs."""
    found = queries.techniques(
        now=timezone.now(), category=asked.category or "", belt=asked.min_belt, q=asked.q.replace("\x00", "")
    )
    return _page(request, found, asked)


@router.get(
    "/techniques/{slug}", response={200: TechniqueOut, 404: ProblemOut}, operation_id="get_technique", auth=None
)
def technique(request: HttpRequest, slug: str) -> TechniqueEdition:
    """One technique with everything a learner reads about it."""
    try:
        return queries.technique(slug=slug.replace("\x00", ""), now=timezone.now())
    except TechniqueEdition.DoesNotExist:
        raise Http404 from None


@router.get("/tuls", response={200: TulPage, 422: ProblemOut}, operation_id="list_tuls", auth=None)
def tuls(request: HttpRequest, asked: Query[TulQuery]) -> dict[str, Any]:
    """Tuls in the order of their slugs; `order` gives the official order."""
    return _page(request, queries.tuls(now=timezone.now(), belt=asked.belt), asked)


@router.get("/tuls/{slug}", response={200: TulOut, 404: ProblemOut}, operation_id="get_tul", auth=None)
def tul(request: HttpRequest, slug: str) -> dict[str, Any]:
    """One tul with all its steps."""
    try:
        sheet = queries.tul(slug=slug.replace("\x00", ""), now=timezone.now())
    except TulEdition.DoesNotExist:
        raise Http404 from None
    fields = {name: getattr(sheet.tul, name) for name in TulOut.model_fields if hasattr(sheet.tul, name)}
    return fields | {
        "ready": sheet.tul.ready.slug,
        "steps": [_step(step) for step in sheet.steps],
    }


def _step(step: queries.NamedStep) -> dict[str, Any]:
    row = step.row
    fields = {name: getattr(row, name) for name in StepOut.model_fields if hasattr(row, name)}
    return fields | {
        "technique": row.technique.slug,
        "stance": row.stance.slug,
        "left": (row.left_x, row.left_y),
        "right": (row.right_x, row.right_y),
    }


def _page(request: HttpRequest, found: Any, asked: ListQuery) -> dict[str, Any]:
    """A keyset page: rows after the cursor by slug, so inserts never shift it. One row more tells of a next page."""
    if unknown := sorted(set(request.GET) - set(type(asked).model_fields)):
        errors = [{"where": ["query", name], "what": "There is no such parameter."} for name in unknown]
        raise Problem(422, "invalid", "Some of what was sent cannot be used.", errors)
    rows = list(found.order_by("identity__slug").filter(identity__slug__gt=asked.cursor)[: asked.limit + 1])
    items = rows[: asked.limit]
    return {"items": items, "next": items[-1].slug if len(rows) > asked.limit else None}
