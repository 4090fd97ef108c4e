"""How far somebody is with techniques, tuls, exercises, plans and quizzes, and what their log says in numbers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import AwareDatetime

from accounts import access
from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.models import Progress, Status
from learning.practice.rules.curves import Recalled
from project.foundation.http import cursors
from project.foundation.http.conditional import conditional_on_body
from project.foundation.http.problems import ProblemOut
from project.foundation.http.throttling import throttled

from .reviews import Instant

router = Router()

AT_ONCE = 100
"""Updates that one request may carry."""
REVIEWS_BACK = 30
"""Days whose reviews are told one by one."""
MONTHS_BACK = 12
REFUSALS = dict.fromkeys((401, 403, 422, 429), ProblemOut)
CLIENT = "3d1f7c64-3f1c-4c39-9d6b-6a1f0f3f1c33"

ItemType = Literal["technique", "tul", "exercise", "plan", "quiz"]
Standing = Literal["seen", "in_progress", "done"]
Score = Annotated[int, Field(ge=0, le=100, description="A percentage.", examples=[80])]
Item = Annotated[str, Field(max_length=120, description="The slug; of a quiz its mode.", examples=["ap-cha-busigi"])]
Detail = Annotated[
    dict[str, Any],
    Field(
        description="What the app wants to find again: at most 1 KB of JSON, 8 levels deep.", examples=[{"second": 12}]
    ),
]
ORDERINGS = {"item": ["item_type", "item"], "updated_at": ["updated_at", "pk"], "-updated_at": ["-updated_at", "-pk"]}


class ProgressOut(Schema):
    """How far somebody is with one thing. Status and score never go down."""

    item_type: ItemType
    item: Item
    status: Standing
    score: Score
    streak: int = Field(description="Practice days in a row on which it was practised, up to today.", examples=[3])
    detail: Detail
    occurred_at: datetime
    updated_at: datetime = Field(description="When it was told here; ask for what changed since with `updated_since`.")


class ProgressPage(Schema):
    items: list[ProgressOut]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


def _left_out(schema: dict[str, Any]) -> None:
    """A filter that is left out is not sent; null is no value of its parameter."""
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    schema |= kinds[0] if kinds else {}
    schema.pop("default", None)


class ProgressQuery(Schema):
    limit: Annotated[int, Field(ge=1, le=200, description="How many items a page has at most.")] = 50
    cursor: Annotated[
        str,
        Field(max_length=2000, description="`next` of the page before; only good for the same list and ordering."),
    ] = ""
    item_type: ItemType | None = Field(None, json_schema_extra=_left_out)
    updated_since: Instant | None = Field(
        None, description="Told at this instant or after.", json_schema_extra=_left_out
    )
    ordering: Annotated[Literal["item", "updated_at", "-updated_at"], Field(description="item: by type and name.")] = (
        "item"
    )


class Update(Schema):
    client_id: UUID | None = Field(None, description="Given back with the answer.", examples=[CLIENT])
    item_type: ItemType
    item: Item
    status: Standing
    score: Score = 0
    detail: Detail = {}
    occurred_at: AwareDatetime = Field(description="With its offset. What is in the future occurred now.")


class UpdatesIn(Schema):
    updates: list[Update] = Field(max_length=AT_ONCE)
    sent_at: AwareDatetime | None = Field(
        None, description="What the app's clock says while it sends, so that a clock that is wrong does no harm."
    )


class ResultOut(Schema):
    """What became of one update."""

    client_id: UUID | None
    result: Literal["applied", "rejected"] = Field(
        description="applied: merged, also when nothing changed by it. rejected: never send it again."
    )
    reason: Literal["", "no_such_item", "detail_refused"]
    progress: ProgressOut | None = Field(description="As it is after all updates of this request; null when rejected.")


class ResultsOut(Schema):
    updates: list[ResultOut] = Field(description="What became of each, in their order.")


class StreakOut(Schema):
    current: int = Field(description="Practice days in a row; today does not break it before it is over.")
    longest: int
    practised_today: bool


class RecalledOut(Schema):
    """Of cards that had rested a day or longer, asked for the first time on a day."""

    asked: int
    known: int
    share: float | None = Field(description="known ÷ asked; null when nothing was asked.", examples=[0.91])


class RetentionOut(Schema):
    month: date = Field(description="Its first day.")
    young: RecalledOut = Field(description="Had rested less than three weeks.")
    mature: RecalledOut
    all: RecalledOut


class DayOut(Schema):
    day: date
    reviews: int
    seconds: int


class TotalsOut(Schema):
    cards: int
    new: int
    learning: int
    known: int = Field(description="Come back after days, not minutes.")
    reviews: int
    seconds: int


class StatsOut(Schema):
    """Reviews that were taken back do not count; days begin at 04:00 in the learner's time zone."""

    day: date = Field(description="Today.")
    due: int = Field(description="How many cards wait today, new ones included.")
    streak: StreakOut
    totals: TotalsOut
    retention: list[RetentionOut] = Field(description="True retention of the last twelve months that have any.")
    reviews: list[DayOut] = Field(description="The last 30 days, today last.")
    ahead: list[int] = Field(description="How many cards each of the next 30 days asks, today first: today's is `due`.")


@router.get(
    "/progress", response={200: ProgressPage, 304: None} | REFUSALS, operation_id="list_progress",
    summary="My progress", auth=access.app_or_page,
)  # fmt: skip
@conditional_on_body()
def progress(request: HttpRequest, asked: Query[ProgressQuery]) -> dict[str, Any]:
    """How far the asker is with everything that they have told of."""
    person = person_of(request)
    found = cursors.page(
        queries.progress(person=person, item_type=asked.item_type or "", updated_since=asked.updated_since),
        of="progress",
        orderings=ORDERINGS, ordering=asked.ordering, cursor=asked.cursor, limit=asked.limit,
    )  # fmt: skip
    return {"items": _with_streaks(person, found.items), "next": found.next}


@router.post(
    "/progress", response={200: ResultsOut} | REFUSALS, operation_id="tell_progress", summary="Tell of progress",
    auth=access.app_or_page,
)  # fmt: skip
@decorate_view(throttled("progress"))
def tell(request: HttpRequest, told: UpdatesIn) -> dict[str, Any]:
    """Merged with what is known, in any order and any number of times: status and score by maximum, the rest of the
    later one. One that is rejected keeps no other one out."""
    person = person_of(request)
    tellings = [
        commands.Telling(
            each.item_type, each.item, Status[each.status.upper()], each.score, each.occurred_at, each.detail
        )
        for each in told.updates
    ]
    outcomes = commands.merge_tellings(person=person, tellings=tellings, now=timezone.now(), sent_at=told.sent_at)
    merged = {row.pk: row for row in outcomes if isinstance(row, Progress)}
    shown = dict(zip(merged, _with_streaks(person, list(merged.values())), strict=True))
    return {
        "updates": [
            {"client_id": each.client_id, "result": "applied", "reason": "", "progress": shown[outcome.pk]}
            if isinstance(outcome, Progress)
            else {"client_id": each.client_id, "result": "rejected", "reason": _reason(outcome), "progress": None}
            for each, outcome in zip(told.updates, outcomes, strict=True)
        ]
    }


@router.get(
    "/stats", response={200: StatsOut, 304: None} | REFUSALS, operation_id="get_stats", summary="My statistics",
    auth=access.app_or_page,
)  # fmt: skip
@conditional_on_body()
def stats(request: HttpRequest) -> dict[str, Any]:
    """What the asker's log says in numbers."""
    person, now = person_of(request), timezone.now()
    found = queries.stats(person=person, now=now)
    return {
        "day": found.today,
        "due": queries.due_count(person=person, now=now),
        "streak": queries.streak_of(person=person, now=now),
        "totals": _totals(found),
        "retention": [
            {"month": each.first, "young": _recalled(each.young), "mature": _recalled(each.mature),
             "all": _recalled(each.both)}
            for each in found.log.months[-MONTHS_BACK:]
        ],
        "reviews": [
            {"day": day, "reviews": found.log.reviews.get(day, 0), "seconds": round(found.log.seconds.get(day, 0))}
            for day in queries.days_back(found.today, REVIEWS_BACK)
        ],
        "ahead": found.ahead,
    }  # fmt: skip


def _with_streaks(person: Any, rows: Sequence[Progress]) -> list[dict[str, Any]]:
    now = timezone.now()
    streaks = queries.streaks_of(person=person, items=[(row.item_type, row.item) for row in rows], now=now)
    return [
        {
            "item_type": row.item_type,
            "item": row.item,
            "status": Status(row.status).name.lower(),
            "score": row.score,
            "streak": streaks[row.item_type, row.item].current,
            "detail": row.detail,
            "occurred_at": row.occurred_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


def _reason(refusal: Exception) -> str:
    return "no_such_item" if isinstance(refusal, commands.NoSuchItem) else "detail_refused"


def _totals(found: queries.Stats) -> dict[str, Any]:
    return {
        "cards": found.cards.total,
        "new": found.cards.new,
        "learning": found.cards.learning,
        "known": found.cards.review,
        "reviews": found.log.total,
        "seconds": round(sum(found.log.seconds.values())),
    }


def _recalled(found: Recalled) -> dict[str, Any]:
    return {"asked": found.asked, "known": found.known, "share": found.share}
