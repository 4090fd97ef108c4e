"""Me: who I am, what I am told, what is held about me, and leaving."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AfterValidator, StringConstraints

from accounts import access, commands, queries, webpush
from accounts.access import person_of
from accounts.forms import DeviceForm
from accounts.models import DataExport, User
from accounts.queries.notices import Told
from project.foundation.http import Problem, cursors
from project.foundation.http.problems import invalid
from project.foundation.http.streaming import streamed

from .billing import Entitlement
from .shapes import told

router = Router(tags=["me"])

PIECE = 64 * 1024


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("There is no such time zone.")
    return zone


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("No text has a NUL.")
    return text


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), AfterValidator(_storable)]
Locale = Literal["pl", "en", "ko"]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]


class MyClub(Schema):
    id: UUID
    name: str = Field(examples=["Hwarang Kraków"])
    role: Literal["owner", "coach", "member"]


class MeOut(Schema):
    id: UUID = Field(description="A pseudonym; the trail knows people by it.")
    email: str | None = Field(
        description="Null for a pupil, who comes in with a code.", examples=["ben@dojang.example"]
    )
    display_name: str = Field(examples=["Ben"])
    locale: Literal["", "pl", "en", "ko"] = Field(description="Empty: never chosen.", examples=["pl"])
    time_zone: str = Field(examples=["Europe/Warsaw"])
    belt: int | None = Field(description="That of the last award.", examples=[7])
    clubs: list[MyClub]
    entitlements: list[Entitlement]


class MeChange(Schema):
    """What is left out stays as it is. The address is changed in the hall, since the new one has to be confirmed."""

    display_name: Name | None = Field(None, examples=["Ben"])
    locale: Locale | None = None
    time_zone: Zone | None = Field(None, examples=["Europe/Warsaw"])


class LeavingIn(Schema):
    confirmation: str = Field(
        max_length=254, description="My address, typed once more.", examples=["ben@dojang.example"]
    )


class DataExportOut(Schema):
    id: UUID
    state: Literal["making", "ready"]
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size: int = Field(description="Bytes of the ZIP; 0 while it is being made.")


class NoticeOut(Schema):
    id: UUID
    kind: str = Field(examples=["club_joined"])
    topic: str | None = Field(examples=["club"])
    text: str = Field(description="In my language; empty when what it was about is gone.")
    path: str = Field(description="Where it leads on the pages of the hall; may be empty.", examples=["/clubs/"])
    created_at: datetime
    read_at: datetime | None


class NoticesOut(Schema):
    items: list[NoticeOut]
    next: str | None = Field(description="`cursor` of the page that follows.")


class NoticesQuery(Schema):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=2000)] = ""


class PreferenceOut(Schema):
    topic: str = Field(examples=["club"])
    mail: bool
    push: bool
    mail_is_fixed: bool = Field(description="Nothing of this topic may be left out of the mail.")


class PreferencesOut(Schema):
    items: list[PreferenceOut]


class PreferenceIn(Schema):
    topic: str = Field(max_length=40, examples=["club"])
    channel: Literal["mail", "push"]
    is_on: bool


class PreferencesIn(Schema):
    items: list[PreferenceIn] = Field(max_length=100)


class DeviceIn(Schema):
    """PushSubscription of the Push API."""

    endpoint: str = Field(max_length=1000, examples=["https://push.example/a1"])
    p256dh: str = Field(max_length=100)
    auth: str = Field(max_length=30)


class DeviceGone(Schema):
    endpoint: Annotated[str, Field(max_length=1000, examples=["https://push.example/a1"]), AfterValidator(_storable)]


@router.get("/me", response=told(MeOut), operation_id="get_me", summary="Who I am", auth=access.app_auth)
def me(request: HttpRequest) -> dict[str, Any]:
    return _me(person_of(request))


@router.patch("/me", response=told(MeOut), operation_id="change_me", summary="Change my profile", auth=access.app_auth)
def change_me(request: HttpRequest, said: MeChange) -> dict[str, Any]:
    person = person_of(request)
    wanted = {name: getattr(person, name) for name in ("display_name", "locale", "time_zone")}
    wanted |= {name: value for name, value in said.dict(exclude_unset=True).items() if value is not None}
    return _me(commands.update_profile(user=person, now=timezone.now(), **wanted))


@router.delete(
    "/me", response=told(None, 409, status=204), operation_id="delete_me", summary="Delete my account",
    auth=access.app_auth,
)  # fmt: skip
def delete_me(request: HttpRequest, said: LeavingIn) -> Status[None]:
    """Everything that names me is erased at once and for good. Who owns a club hands it over or closes it first."""
    person = person_of(request)
    if person.email and said.confirmation.strip().casefold() != person.email.casefold():
        raise invalid([{"where": ["body", "confirmation"], "what": "This is not my address."}])
    try:
        commands.delete_account(person=person, now=timezone.now())
    except commands.OwnsClubs:
        raise Problem(409, "owns_clubs", "Hand your clubs over or close them first.") from None
    except commands.PupilStays:
        raise Problem(409, "is_pupil", "A pupil's account is deleted by the guardian.") from None
    return Status(204, None)


@router.post(
    "/me/data-export", response=told(DataExportOut, status=202), operation_id="ask_for_my_data",
    summary="Have a copy of my data made", auth=access.app_auth,
)  # fmt: skip
def ask_for_my_data(request: HttpRequest) -> Status[dict[str, Any]]:
    """A job makes it. Asking again gives the one under way."""
    return Status(202, _export(commands.ask_for_data(person=person_of(request), now=timezone.now())))


@router.get(
    "/me/data-export/{export}", response=told(DataExportOut, 404), operation_id="get_my_data_export",
    summary="Whether my copy is ready", auth=access.app_auth,
)  # fmt: skip
def my_data_export(request: HttpRequest, export: UUID) -> dict[str, Any]:
    return _export(_my_export(request, export))


@router.get(
    "/me/data-export/{export}/file", response=told(None, 404), operation_id="get_my_data_file",
    summary="My copy, as a ZIP", auth=access.app_auth,
    openapi_extra={
        "responses": {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}
    },
)  # fmt: skip
def my_data_file(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """JSON, tables and a README; it is not found while it is being made."""
    found = _my_export(request, export)
    if not found.ready_at or not default_storage.exists(found.file):
        raise Http404
    commands.record_data_fetched(person=person_of(request), export=found, now=timezone.now())
    answer = streamed(request, _pieces(found.file), content_type="application/zip", filename="dojang.zip")
    answer["Cache-Control"] = "private, no-store"
    return answer


@router.get(
    "/me/notices", response=told(NoticesOut), operation_id="list_my_notices", summary="What I was told, newest first",
    auth=access.app_auth,
)  # fmt: skip
def my_notices(request: HttpRequest, asked: Query[NoticesQuery]) -> dict[str, Any]:
    person = person_of(request)
    found = cursors.page(
        queries.notices_of(viewer=person), of="notices", orderings=queries.NOTICE_ORDERINGS, ordering="newest",
        cursor=asked.cursor, limit=asked.limit,
    )  # fmt: skip
    lines = queries.told(person=person, notices=found.items)
    return {"items": [_notice(each) for each in lines], "next": found.next}


@router.get(
    "/me/preferences", response=told(PreferencesOut), operation_id="get_my_preferences",
    summary="How I want to be told", auth=access.app_auth,
)  # fmt: skip
def my_preferences(request: HttpRequest) -> dict[str, Any]:
    return _preferences(person_of(request))


@router.patch(
    "/me/preferences", response=told(PreferencesOut), operation_id="change_my_preferences",
    summary="Say how I want to be told", auth=access.app_auth,
)  # fmt: skip
def change_my_preferences(request: HttpRequest, said: PreferencesIn) -> dict[str, Any]:
    """What is not named stays as it is."""
    person = person_of(request)
    wanted: dict[tuple[str, str], bool] = {(each.topic, each.channel): each.is_on for each in said.items}
    try:
        commands.set_preferences(person=person, wanted=wanted, now=timezone.now(), by=person.actor_id)
    except LookupError:
        raise invalid([{"where": ["body", "items"], "what": "There is no such topic."}]) from None
    return _preferences(person)


@router.post(
    "/me/push", response=told(None, 409, status=204), operation_id="add_my_device", summary="Push to this device",
    auth=access.app_auth,
)  # fmt: skip
def add_my_device(request: HttpRequest, said: DeviceIn) -> Status[None]:
    if not webpush.is_configured():
        raise Problem(409, "not_configured", "This hall has no key for pushes (VAPID_PRIVATE_KEY).")
    form = DeviceForm(said.dict())
    if not form.is_valid():
        where = {"__all__": ["body"]}
        raise invalid([
            {"where": where.get(name, ["body", name]), "what": str(what)}
            for name, errors in form.errors.items()
            for what in errors
        ])  # fmt: skip
    commands.add_device(person=person_of(request), now=timezone.now(), **form.cleaned_data)
    return Status(204, None)


@router.delete(
    "/me/push", response=told(None, 404, status=204), operation_id="remove_my_device",
    summary="Push no more to this device", auth=access.app_auth,
)  # fmt: skip
def remove_my_device(request: HttpRequest, said: DeviceGone) -> Status[None]:
    if not commands.remove_devices(person=person_of(request), endpoint=said.endpoint, now=timezone.now()):
        raise Http404
    return Status(204, None)


def _me(person: User) -> dict[str, Any]:
    places = queries.clubs_of(person=person)
    said = {name: getattr(person, name) for name in ("email", "display_name", "locale", "time_zone")}
    return said | {
        "id": person.actor_id,
        "belt": queries.belt_of(person=person),
        "clubs": [{"id": each.club_id, "name": each.club.name, "role": each.role} for each in places],
        "entitlements": sorted(queries.entitlements(person=person)),
    }


def _my_export(request: HttpRequest, export: UUID) -> DataExport:
    try:
        return queries.data_export(viewer=person_of(request), export_id=export, now=timezone.now())
    except DataExport.DoesNotExist:
        raise Http404 from None


def _export(export: DataExport) -> dict[str, Any]:
    said = {name: getattr(export, name) for name in ("id", "asked_at", "ready_at", "expires_at", "size")}
    return said | {"state": "ready" if export.ready_at else "making"}


def _pieces(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        yield from file.chunks(PIECE)


def _notice(line: Told) -> dict[str, Any]:
    text = ""
    if line.kind and line.about is not None:
        said = get_template(f"{line.kind.template}/push.txt").template  # type: ignore[attr-defined]
        text = " ".join(said.render(Context({"about": line.about}, autoescape=False)).split())
    return {
        "id": line.notice.pk,
        "kind": line.notice.kind,
        "topic": line.kind.topic if line.kind else None,
        "text": text,
        "path": line.path,
        "created_at": line.notice.created_at,
        "read_at": line.notice.read_at,
    }


def _preferences(person: User) -> dict[str, Any]:
    names = ("mail", "push", "mail_is_fixed")
    return {
        "items": [
            {"topic": each.topic.name} | {name: getattr(each, name) for name in names}
            for each in queries.switches_of(person=person)
        ]
    }
