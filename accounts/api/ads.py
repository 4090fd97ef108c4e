"""Advertisements of the app: whether one may be shown, and that one was."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import AwareDatetime

from accounts import commands, queries
from accounts.access import app_auth, person_of
from project.foundation.http import Problem
from project.foundation.http.problems import ProblemOut, invalid
from project.foundation.http.throttling import throttled

router = Router(tags=["ads"])

SESSION = "3f0c7f5e-6a52-4d5e-9d4b-0f5a3c1f2b11"


class ShouldShowOut(Schema):
    should_show: bool
    reason: Literal["no_ads", "cap", "cooldown"] | None = Field(
        description="Why not: the plan has none, as many were shown today or in this session as may be, or one was"
        " shown less than two minutes ago."
    )


class ImpressionIn(Schema):
    id: UUID = Field(description="Made by the app; told again it counts once.")
    session: UUID = Field(description="One opening of the app.", examples=[SESSION])
    shown_at: AwareDatetime = Field(description="At most a day ago, so that it can be told after being offline.")


class ImpressionOut(Schema):
    id: UUID
    session: UUID
    shown_at: datetime


@router.get(
    "/ads/should-show",
    response={200: ShouldShowOut, 401: ProblemOut, 422: ProblemOut, 429: ProblemOut},
    operation_id="should_show_ad",
    summary="May an advertisement be shown now?",
    auth=app_auth,
)
@decorate_view(throttled("ads"))
def should_show(
    request: HttpRequest, session: Annotated[UUID, Query(description="One opening of the app.", example=SESSION)]
) -> dict[str, Any]:
    """At most six a day (in my own time zone), three in a session, two minutes apart; none where the plan says so."""
    reason = queries.ad_refusal(person=request.user, session=session, now=timezone.now())
    return {"should_show": reason is None, "reason": reason.value if reason else None}


@router.post(
    "/ads/impressions",
    response={200: ImpressionOut, 401: ProblemOut, 409: ProblemOut, 422: ProblemOut, 429: ProblemOut},
    operation_id="record_ad_impression",
    summary="An advertisement was shown",
    auth=app_auth,
)
@decorate_view(throttled("ads"))
def record(request: HttpRequest, shown: ImpressionIn) -> Any:
    """Told twice under one id it counts once, and the first telling stays."""
    try:
        return commands.record_impression(
            impression_id=shown.id, person=person_of(request), session=shown.session, shown_at=shown.shown_at,
            now=timezone.now(),
        )  # fmt: skip
    except commands.TooLongAgo:
        why = "Must be at most a day ago, and not in the future."
        raise invalid([{"where": ["body", "shown", "shown_at"], "what": why}]) from None
    except commands.TakenByAnother:
        raise Problem(409, "taken", "Another advertisement has this id.") from None
