"""Gradings that concern somebody, and their belts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from accounts import access, certificates, queries
from accounts.models import Candidate, Grading
from project.foundation.http import cursors

from .shapes import told

router = Router(tags=["gradings"])

ORDERINGS = {"-held_on": ["-day", "id"], "held_on": ["day", "id"]}

Belt = Annotated[int, Field(examples=[9])]
Part = Literal["basics", "tul", "sparring", "self_defence", "breaking", "theory"]
Outcome = Annotated[
    Literal["passed", "failed", "absent"] | None,
    Field(description="null until it is known; to the candidate, until the day is closed.", examples=["passed"]),
]
DAY: dict[str, Any] = {
    "id": "0b9f5f0e-3f1c-4c39-9d6b-6a1f0f3f1c11",
    "club": "Hwarang Kraków",
    "club_id": "9a3c5f0e-3f1c-4c39-9d6b-6a1f0f3f1c22",
    "held_on": "2026-12-05",
    "place": "Hall 2",
    "examiner": "Sabum Kim",
    "state": "planned",
    "me": {"belt": 9, "result": None},
}


class Own(Schema):
    """The asker on a grading's list."""

    belt: Belt = Field(description="Tried for.")
    result: Outcome


class GradingLine(Schema):
    id: UUID
    club: str = Field(description="As it was called on the day.")
    club_id: UUID | None = Field(description="null when the club is gone.")
    held_on: date
    place: str
    examiner: str = Field(description="Empty while nobody is named.")
    state: Literal["planned", "closed", "canceled"] = Field(description="closed: results are final, belts awarded.")
    me: Own | None = Field(description="null for whoever is not on the list.")

    model_config = {"json_schema_extra": {"examples": [DAY]}}


class GradingPage(Schema):
    items: list[GradingLine]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class CandidateOut(Schema):
    name: str = Field(examples=["Ben"])
    belt: Belt = Field(description="Tried for.")
    result: Outcome
    parts: dict[Part, bool] = Field(description="What was seen, and whether it was passed.")
    note: str


class GradingOut(GradingLine):
    parts: list[Part] = Field(description="What is asked on this day.")
    candidates: list[CandidateOut] | None = Field(description="For those who hold the grading; others are told null.")


class AwardOut(Schema):
    id: UUID
    belt: Belt
    awarded_on: date
    club: str
    is_correction: bool = Field(description="It stands in the place of an award that was wrong.")
    code: str = Field(examples=["0123456789ABCDEF"], description="On the certificate.")
    verification_url: str = Field(description="Where anybody sees that it is true.")


class BeltsOut(Schema):
    belt: int | None = Field(description="That of the last award; null for a beginner without one.", examples=[9])
    history: list[AwardOut] = Field(description="The awards that stand, the last one first.")


class GradingQuery(Schema):
    limit: Annotated[int, Field(ge=1, le=200, description="How many items a page has at most.")] = 50
    cursor: Annotated[
        str,
        Field(max_length=2000, description="`next` of the page before; only good for the same list and ordering."),
    ] = ""
    ordering: Annotated[Literal["-held_on", "held_on"], Field(description="By day.")] = "-held_on"


@router.get(
    "/gradings",
    response=told(GradingPage),
    operation_id="list_gradings",
    summary="Gradings of my clubs, and mine",
    auth=access.app_auth,
)
def gradings(request: HttpRequest, asked: Query[GradingQuery]) -> dict[str, Any]:
    """Days of the clubs that somebody belongs to, and those on whose list they are."""
    found = cursors.page(
        queries.seen_gradings(viewer=request.user), of="gradings", orderings=ORDERINGS, ordering=asked.ordering,
        cursor=asked.cursor, limit=asked.limit,
    )  # fmt: skip
    names = queries.examiner_names(found.items)
    return {"items": [_line(each, names[each.pk], _first(each)) for each in found.items], "next": found.next}


@router.get(
    "/gradings/{grading_id}",
    response=told(GradingOut, 404),
    operation_id="get_grading",
    summary="One grading",
    auth=access.app_auth,
)
def grading(request: HttpRequest, grading_id: UUID) -> dict[str, Any]:
    """A grading as the asker may see it: candidates are only told to those who hold it."""
    try:
        sheet = queries.grading(viewer=request.user, grading_id=grading_id)
    except Grading.DoesNotExist:
        raise Http404 from None
    own = next((each.candidate for each in sheet.entries if each.candidate.person_id == request.user.pk), None)
    shown = [_candidate(each) for each in sheet.entries] if sheet.holds else None
    return _line(sheet.grading, sheet.examiner, own) | {"parts": sheet.grading.parts, "candidates": shown}


@router.get("/belts/me", response=told(BeltsOut), operation_id="get_my_belts", summary="My belts", auth=access.app_auth)
def my_belts(request: HttpRequest) -> dict[str, Any]:
    """The belt that somebody wears, and how they came to it."""
    assert request.user.is_authenticated
    history = queries.belt_history(viewer=request.user, person=request.user)
    return {
        "belt": history.belt,
        "history": [
            {
                "id": line.award.pk,
                "belt": line.award.belt,
                "awarded_on": line.award.awarded_on,
                "club": line.award.club_name,
                "is_correction": line.was is not None,
                "code": line.award.code,
                "verification_url": certificates.certificate_address(line.award),
            }
            for line in history.lines
        ],
    }


def _line(day: Grading, examiner: str, own: Candidate | None) -> dict[str, Any]:
    """Own results are told when they are final: until then the examiner may change their mind."""
    return {
        "id": day.pk,
        "club": day.club_name,
        "club_id": day.club_id,
        "held_on": day.held_on,
        "place": day.place,
        "examiner": examiner,
        "state": "canceled" if day.canceled_at else "closed" if day.closed_at else "planned",
        "me": own and {"belt": own.belt, "result": (day.closed_at and own.result) or None},
    }


def _candidate(entry: queries.GradingEntry) -> Mapping[str, Any]:
    candidate = entry.candidate
    return {
        "name": str(candidate.person),
        "belt": candidate.belt,
        "result": candidate.result or None,
        "parts": entry.parts,
        "note": candidate.note,
    }


def _first(day: Grading) -> Candidate | None:
    own: Sequence[Candidate] = day.own  # type: ignore[attr-defined]  # queries.seen_gradings
    return own[0] if own else None
