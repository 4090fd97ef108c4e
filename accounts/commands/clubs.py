"""Clubs and who sits in them. Whatever changes seats or roles of a club holds the row of that club."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import queries
from accounts.models import Club, ClubLogo, Invitation, Membership, Pupil, Seat, User
from accounts.rules import Action
from accounts.rules import clubs as rules
from project.foundation.audit import commands as audit

from .plans import attach_plan
from .telling import tell


class PlanMissing(Exception):
    """A club needs a plan for clubs that covers no other one."""


class ClubFull(Exception):
    """Nobody can join: every seat is taken."""


class AlreadyMember(Exception):
    """They sit in this club."""


class SeatsRefused(Exception):
    """`why` is a rules.clubs.Seats; `members` and `paid` say how many there are."""

    def __init__(self, why: rules.Seats, *, members: int, paid: int) -> None:
        self.why, self.members, self.paid = why, members, paid
        super().__init__(why.value)


class OwnerStays(Exception):
    """The owner leaves only after somebody else has taken the club over."""


class NotAlone(Exception):
    """A club is closed when its owner is the last one in it."""


@transaction.atomic
def create_club(*, person: User, name: str, seats: int, now: datetime) -> Club:
    """Found a club whose owner is on seat 1. Raises PlanMissing, SeatsRefused."""
    club = Club.objects.create(name=name, created_at=now)
    plan = attach_plan(club=club, person=person, now=now)
    if plan is None:
        raise PlanMissing
    if refused := rules.seats_refusal(wanted=seats, now=0, members=1, paid=plan.seats):
        raise SeatsRefused(refused, members=1, paid=plan.seats)
    _add_seats(club, seats)
    take_seat(club=club, person=person, role=Membership.Role.OWNER, now=now)
    _record("club.founded", club, person, now, seats=seats)
    return club


@transaction.atomic
def change_club(*, viewer: User, club_id: UUID, name: str, seats: int, now: datetime) -> None:
    """Another name, another number of seats, or both. Raises SeatsRefused, Club.DoesNotExist, queries.MayNot."""
    club = _locked(viewer, club_id, Action.BILLING).club
    set_seats(viewer=viewer, club_id=club_id, seats=seats, now=now)
    if club.name != name:
        club.name = name
        club.save(update_fields=["name"])
        _record("club.renamed", club, viewer, now)


@transaction.atomic
def set_logo(*, viewer: User, club_id: UUID, png: bytes | None, now: datetime) -> None:
    """A small PNG, or None to take it away."""
    club = _locked(viewer, club_id, Action.BILLING).club
    if png is None:
        ClubLogo.objects.filter(club=club).delete()
    else:
        facts = {"png": png, "digest": sha256(png).hexdigest()}
        ClubLogo.objects.update_or_create(club=club, defaults=facts)
    _record("club.logo_set", club, viewer, now, removed=png is None)


@transaction.atomic
def set_seats(*, viewer: User, club_id: UUID, seats: int, now: datetime) -> None:
    """Have so many seats. Nobody is moved: the free ones with the highest numbers go. Raises SeatsRefused."""
    club = _locked(viewer, club_id, Action.BILLING).club
    held = list(Seat.objects.filter(club=club).order_by("-number").values_list("pk", "membership"))
    members = len([sitting for _, sitting in held if sitting])
    paid = queries.seats_paid(club=club, now=now)
    if refused := rules.seats_refusal(wanted=seats, now=len(held), members=members, paid=paid):
        raise SeatsRefused(refused, members=members, paid=paid)
    free = [seat for seat, sitting in held if not sitting]
    Seat.objects.filter(pk__in=free[: max(len(held) - seats, 0)]).delete()
    _add_seats(club, seats)
    if len(held) != seats:
        _record("club.seats_set", club, viewer, now, before=len(held), seats=seats)


@transaction.atomic
def take_seat(
    *, club: Club, person: User, role: Membership.Role, now: datetime, invitation: Invitation | None = None
) -> Membership:
    """Put somebody on the first free seat. Raises ClubFull, AlreadyMember, or Club.DoesNotExist when it closed."""
    Club.objects.select_for_update(no_key=True).get(pk=club.pk)
    if Membership.objects.filter(club=club, person=person).exists():
        raise AlreadyMember
    seat = Seat.objects.filter(club=club, membership=None).order_by("number").first()
    if seat is None:
        raise ClubFull
    place = Membership.objects.create(
        club=club, person=person, seat=seat, role=role, joined_at=now, invitation=invitation
    )
    _record("club.joined", club, person, now, member=str(person.actor_id), role=role.value)
    return place


@transaction.atomic
def remove_member(*, viewer: User, club_id: UUID, membership_id: UUID, now: datetime) -> None:
    """Free somebody's seat. Raises Membership.DoesNotExist when they have none there (any more)."""
    mine = _locked(viewer, club_id, Action.REMOVE)
    theirs = _member(mine, membership_id)
    if not rules.may(mine.role, Action.REMOVE, towards=theirs.role):
        raise queries.MayNot(Action.REMOVE.value)
    _free(theirs, by=viewer, now=now)
    tell(person=theirs.person, kind="club_removed", facts={"club": str(club_id)}, now=now)


@transaction.atomic
def set_role(*, viewer: User, club_id: UUID, membership_id: UUID, role: Membership.Role, now: datetime) -> None:
    """Make somebody coach or member. The owner changes by transfer only. Raises Membership.DoesNotExist."""
    mine = _locked(viewer, club_id, Action.SET_ROLE)
    theirs = _member(mine, membership_id)
    if Membership.Role.OWNER in {role, theirs.role}:
        raise queries.MayNot(Action.TRANSFER.value)
    if theirs.role == role:
        return
    theirs.role = role
    theirs.save(update_fields=["role"])
    _record("club.role_set", mine.club, viewer, now, member=str(theirs.person.actor_id), role=role.value)
    tell(person=theirs.person, kind="club_role_changed", facts={"club": str(club_id), "role": role.value}, now=now)


@transaction.atomic
def transfer_club(*, viewer: User, club_id: UUID, membership_id: UUID, now: datetime) -> None:
    """Hand the club over to one of its members; its owner until now stays as a coach.

    What is paid for stays with whoever pays and goes on covering the club. Pupils own nothing (queries.MayNot).
    Raises Membership.DoesNotExist.
    """
    mine = _locked(viewer, club_id, Action.TRANSFER)
    heir = _member(mine, membership_id)
    if heir.person.is_pupil:
        raise queries.MayNot(Action.TRANSFER.value)
    if heir.pk == mine.pk:
        return
    mine.role = Membership.Role.COACH
    mine.save(update_fields=["role"])
    heir.role = Membership.Role.OWNER
    heir.save(update_fields=["role"])
    _record("club.transferred", mine.club, viewer, now, owner=str(heir.person.actor_id))
    tell(person=heir.person, kind="club_transferred", facts={"club": str(club_id)}, now=now)


@transaction.atomic
def leave_club(*, viewer: User, club_id: UUID, now: datetime) -> None:
    """Raises OwnerStays, and Club.DoesNotExist for whoever is not in it."""
    mine = _locked(viewer, club_id, Action.SEE_CLUB)
    if not rules.may(mine.role, Action.LEAVE):
        raise OwnerStays
    _free(mine, by=viewer, now=now)


@transaction.atomic
def close_club(*, viewer: User, club_id: UUID, now: datetime) -> None:
    """Delete a club in which nobody sits but its owner. Its gradings stay with its name. Raises NotAlone."""
    club = _locked(viewer, club_id, Action.DELETE).club
    if Membership.objects.filter(club=club).count() > 1:
        raise NotAlone
    _record("club.closed", club, viewer, now)
    club.delete()


def _locked(viewer: User, club_id: UUID, action: Action) -> Membership:
    """Hold the club; then look who the viewer is there. Raises Club.DoesNotExist, queries.MayNot."""
    Club.objects.select_for_update(no_key=True).get(pk=club_id)
    return queries.membership(viewer=viewer, club_id=club_id, action=action)


def _member(mine: Membership, membership_id: UUID) -> Membership:
    return Membership.objects.select_related("person").get(pk=membership_id, club=mine.club_id)


def _free(place: Membership, *, by: User, now: datetime) -> None:
    """A pupil who is gone is nobody's pupil: only their guardian looks after the account from then on."""
    place.delete()
    Pupil.objects.filter(person=place.person, club=place.club_id).update(club=None)
    _record("club.left", place.club, by, now, member=str(place.person.actor_id))


def _add_seats(club: Club, wanted: int) -> None:
    taken = set(Seat.objects.filter(club=club).values_list("number", flat=True))
    Seat.objects.bulk_create(
        [Seat(club=club, number=number) for number in rules.numbers_to_add(taken=taken, wanted=wanted)]
    )


def _record(type: str, club: Club, by: User, now: datetime, **payload: Any) -> None:
    audit.record(type=type, object=club, actor=by.actor_id, now=now, payload=payload)
