"""Clubs on a telephone: the same commands as on the pages, the same refusals."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from accounts import access, commands, queries
from accounts.access import person_of
from accounts.models import Club, Invitation, Membership
from accounts.rules import SEATS_AT_MOST, Action, may
from accounts.rules.invitations import is_address
from project.foundation.http.problems import Problem, invalid

from .shapes import told

router = Router(tags=["clubs"])

Role = Literal["owner", "coach", "member"]
Given = Literal["coach", "member"]


class ClubOut(Schema):
    """A club as whoever belongs to it sees it."""

    id: UUID
    name: str = Field(examples=["Hwarang Kraków"])
    role: Role = Field(description="The asker's own.")


class ClubMore(ClubOut):
    """With what its owner and its coaches know; members are told null."""

    seats: int | None = Field(examples=[20])
    members: int | None = Field(examples=[12])
    seats_paid: int | None = Field(description="Fewer than `seats` means that the club is over its limit.")


class ClubIn(Schema):
    name: str = Field(min_length=1, max_length=80, examples=["Hwarang Kraków"])
    seats: int = Field(SEATS_AT_MOST, ge=1, le=SEATS_AT_MOST)


class ClubChange(Schema):
    name: str | None = Field(None, min_length=1, max_length=80)
    seats: int | None = Field(None, ge=1, le=SEATS_AT_MOST)


class MemberOut(Schema):
    id: UUID = Field(description="Of the membership, not of the person.")
    name: str = Field(examples=["Ben"])
    role: Role
    belt: int | None = Field(examples=[7])
    joined_at: datetime
    is_covered: bool = Field(description="False for the latest of a club over its limit.")


class LetterIn(Schema):
    email: str = Field(max_length=254, examples=["ben@dojang.example"])
    role: Given = "member"


class InvitationOut(Schema):
    id: UUID
    email: str
    role: Given
    expires_at: datetime


class RoleIn(Schema):
    role: Given


class HeirIn(Schema):
    member: UUID = Field(description="The membership of the new owner.")


class TokenIn(Schema):
    token: str = Field(max_length=200, description="The last part of the address of an invitation.")


def refusing[F: Callable[..., Any]](operation: F) -> F:
    """What is not there or is somebody else's is 404; the refusals of commands in the shape of problems."""

    @wraps(operation)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return operation(request, *args, **kwargs)
        except (Club.DoesNotExist, Membership.DoesNotExist, Invitation.DoesNotExist):
            raise Http404 from None
        except queries.MayNot as refused:
            raise Problem(403, "role_missing", f"Your role in this club does not allow this ({refused}).") from None
        except commands.SeatsRefused as refused:
            why = f"{refused.members} members, {refused.paid} seats paid for."
            raise Problem(409, f"seats_{refused.why.value}", why) from None
        except tuple(REFUSALS) as refused:
            raise Problem(*REFUSALS[type(refused)]) from None

    return answer  # type: ignore[return-value]


REFUSALS: dict[type[Exception], tuple[int, str, str]] = {
    commands.PlanMissing: (403, "plan_missing", "A club needs a plan for clubs that covers no other one."),
    commands.ClubFull: (409, "club_full", "Every seat of the club is taken."),
    commands.AlreadyMember: (409, "already_member", "They are in this club already."),
    commands.AlreadyInvited: (409, "already_invited", "This address has an open invitation."),
    commands.InvitationOver: (410, "invitation_over", "This invitation opens nothing any more."),
    commands.OwnerStays: (409, "owner_stays", "The owner hands the club over first, or closes it."),
    commands.NotAlone: (409, "not_alone", "There are other people in the club."),
}


@router.get(
    "/billing/clubs", response=told(list[ClubOut]), operation_id="list_clubs", summary="My clubs", auth=access.app_auth
)
def clubs(request: HttpRequest) -> list[dict[str, Any]]:
    """Every club that the asker belongs to; nobody belongs to so many that they would need pages."""
    return [_club(place) for place in queries.clubs_of(person=request.user)]


@router.post(
    "/billing/clubs",
    response=told(ClubMore, 403, 409, status=201),
    operation_id="create_club",
    summary="Found a club",
    auth=access.app_auth,
)
@refusing
def create_club(request: HttpRequest, asked: ClubIn) -> Status[dict[str, Any]]:
    """The asker is its owner and takes a seat."""
    club = commands.create_club(person=person_of(request), now=timezone.now(), name=asked.name, seats=asked.seats)
    return Status(201, _more(request, club.pk))


@router.get(
    "/billing/clubs/{club_id}",
    response=told(ClubMore, 404),
    operation_id="get_club",
    summary="One club",
    auth=access.app_auth,
)
@refusing
def club(request: HttpRequest, club_id: UUID) -> dict[str, Any]:
    """A club that the asker belongs to."""
    return _more(request, club_id)


@router.patch(
    "/billing/clubs/{club_id}",
    response=told(ClubMore, 403, 404, 409),
    operation_id="change_club",
    summary="Change name or seats",
    auth=access.app_auth,
)
@refusing
def change_club(request: HttpRequest, club_id: UUID, asked: ClubChange) -> dict[str, Any]:
    """What is left out stays."""
    mine = queries.membership(viewer=request.user, club_id=club_id, action=Action.BILLING)
    commands.change_club(
        viewer=person_of(request),
        club_id=club_id,
        name=asked.name or mine.club.name,
        seats=asked.seats or queries.number_of_seats(club=mine.club),
        now=timezone.now(),
    )
    return _more(request, club_id)


@router.delete(
    "/billing/clubs/{club_id}",
    response=told(None, 403, 404, 409, status=204),
    operation_id="close_club",
    summary="Close a club",
    auth=access.app_auth,
)
@refusing
def close_club(request: HttpRequest, club_id: UUID) -> Status[None]:
    """Only when its owner is alone in it."""
    commands.close_club(viewer=person_of(request), club_id=club_id, now=timezone.now())
    return Status(204, None)


@router.get(
    "/billing/clubs/{club_id}/members",
    response=told(list[MemberOut], 403, 404),
    operation_id="list_members",
    summary="Members",
    auth=access.app_auth,
)
@refusing
def members(request: HttpRequest, club_id: UUID) -> list[dict[str, Any]]:
    """For owners and coaches. A club has 20 seats at most, so one page is enough."""
    seen = queries.club_at_a_glance(viewer=request.user, club_id=club_id, now=timezone.now())
    return [_member(place) for place in seen.members]


@router.post(
    "/billing/clubs/{club_id}/invitations",
    response=told(InvitationOut, 403, 404, 409, status=201),
    operation_id="invite_member",
    summary="Invite somebody by mail",
    auth=access.app_auth,
)
@refusing
def invite(request: HttpRequest, club_id: UUID, asked: LetterIn) -> Status[Invitation]:
    """They take a seat when they accept."""
    if not is_address(asked.email.strip()):
        raise invalid([{"where": ["body", "email"], "what": "This is no e-mail address."}])
    role = Membership.Role(asked.role)
    made = commands.invite_by_mail(
        viewer=person_of(request), club_id=club_id, email=asked.email, role=role, now=timezone.now()
    )
    return Status(201, made)


@router.post(
    "/billing/invitations",
    response=told(ClubOut, 404, 409, 410, status=201),
    operation_id="accept_invitation",
    summary="Join a club",
    auth=access.app_auth,
)
@refusing
def accept(request: HttpRequest, asked: TokenIn) -> Status[dict[str, Any]]:
    """With the token of a link that was scanned or came by mail."""
    found = queries.invitation_behind(token=asked.token)
    place = commands.accept_invitation(person=person_of(request), invitation_id=found.pk, now=timezone.now())
    return Status(201, _club(place))


@router.delete(
    "/billing/clubs/{club_id}/members/me",
    response=told(None, 404, 409, status=204),
    operation_id="leave_club",
    summary="Leave a club",
    auth=access.app_auth,
)
@refusing
def leave(request: HttpRequest, club_id: UUID) -> Status[None]:
    """The seat becomes free. The owner hands the club over first."""
    commands.leave_club(viewer=person_of(request), club_id=club_id, now=timezone.now())
    return Status(204, None)


@router.patch(
    "/billing/clubs/{club_id}/members/{member_id}",
    response=told(None, 403, 404, status=204),
    operation_id="set_member_role",
    summary="Make somebody coach or member",
    auth=access.app_auth,
)
@refusing
def set_role(request: HttpRequest, club_id: UUID, member_id: UUID, asked: RoleIn) -> Status[None]:
    """Only the owner may."""
    role = Membership.Role(asked.role)
    commands.set_role(
        viewer=person_of(request), club_id=club_id, membership_id=member_id, role=role, now=timezone.now()
    )
    return Status(204, None)


@router.delete(
    "/billing/clubs/{club_id}/members/{member_id}",
    response=told(None, 403, 404, status=204),
    operation_id="remove_member",
    summary="Remove somebody",
    auth=access.app_auth,
)
@refusing
def remove(request: HttpRequest, club_id: UUID, member_id: UUID) -> Status[None]:
    """Owners remove coaches and members, coaches only members."""
    commands.remove_member(viewer=person_of(request), club_id=club_id, membership_id=member_id, now=timezone.now())
    return Status(204, None)


@router.post(
    "/billing/clubs/{club_id}/owner",
    response=told(ClubOut, 403, 404),
    operation_id="transfer_club",
    summary="Hand the club over",
    auth=access.app_auth,
)
@refusing
def transfer(request: HttpRequest, club_id: UUID, asked: HeirIn) -> dict[str, Any]:
    """The asker stays as a coach."""
    commands.transfer_club(viewer=person_of(request), club_id=club_id, membership_id=asked.member, now=timezone.now())
    return _club(queries.membership(viewer=request.user, club_id=club_id))


def _club(place: Membership) -> dict[str, Any]:
    return {"id": place.club_id, "name": place.club.name, "role": place.role}


def _more(request: HttpRequest, club_id: UUID) -> dict[str, Any]:
    mine = queries.membership(viewer=request.user, club_id=club_id)
    if not may(mine.role, Action.SEE_MEMBERS):
        return _club(mine) | {"seats": None, "members": None, "seats_paid": None}
    seen = queries.club_at_a_glance(viewer=request.user, club_id=club_id, now=timezone.now())
    return _club(mine) | {"seats": seen.seats, "members": len(seen.members), "seats_paid": seen.paid}


def _member(place: queries.Place) -> dict[str, Any]:
    their = place.membership
    return {
        "id": their.pk,
        "name": str(their.person),
        "role": their.role,
        "belt": place.belt,
        "joined_at": their.joined_at,
        "is_covered": place.is_covered,
    }
