from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Club, ClubLogo, Invitation, Membership, Seat
from accounts.rules import Action, plans
from accounts.rules import clubs as rules

from .belts import belts_of
from .clubs import TEACHERS, MayNot, membership
from .invitations import open_invitations
from .plans import members_by_standing, seats_paid


@dataclass(frozen=True)
class Place:
    """Somebody in a club as its page shows them."""

    membership: Membership
    belt: int | None
    is_covered: bool
    """False for the latest of a club with more members than paid seats: they go without what its plan allows."""
    may_be_removed: bool


@dataclass(frozen=True)
class ClubAtAGlance:
    club: Club
    mine: Membership
    seats: int
    members: Sequence[Place]
    paid: int
    invitations: Sequence[Invitation]

    @property
    def free(self) -> int:
        return self.seats - len(self.members)

    @property
    def without(self) -> int:
        """How many members go without what the plan allows."""
        return max(len(self.members) - self.paid, 0)

    @property
    def is_over(self) -> bool:
        return self.seats > self.paid

    def may(self, action: Action) -> bool:
        return rules.may(self.mine.role, action)


def club_at_a_glance(*, viewer: Any, club_id: UUID, now: datetime) -> ClubAtAGlance:
    """All that an owner or a coach wants to know of their club. Raises Club.DoesNotExist, MayNot."""
    mine = membership(viewer=viewer, club_id=club_id, action=Action.SEE_MEMBERS)
    members = members_by_standing(club=mine.club)
    paid = seats_paid(club=mine.club, now=now)
    with_plan = {each.pk for each in plans.covered(members, paid=paid)}
    belts = belts_of(people=[each.person_id for each in members])
    places = [
        Place(
            each,
            belts.get(each.person_id),
            each.pk in with_plan,
            rules.may(mine.role, Action.REMOVE, towards=each.role) and each.pk != mine.pk,
        )
        for each in members
    ]
    return ClubAtAGlance(
        club=mine.club,
        mine=mine,
        seats=Seat.objects.filter(club=mine.club).count(),
        members=places,
        paid=paid,
        invitations=open_invitations(viewer=viewer, club_id=club_id, now=now),
    )


def member(*, viewer: Any, club_id: UUID, membership_id: UUID, action: Action) -> Membership:
    """Somebody in a club towards whom the viewer may do this. Raises Club.DoesNotExist, MayNot,
    Membership.DoesNotExist."""
    mine = membership(viewer=viewer, club_id=club_id, action=action)
    theirs = Membership.objects.select_related("person", "club").get(pk=membership_id, club=club_id)
    if not rules.may(mine.role, action, towards=theirs.role):
        raise MayNot(action.value)
    return theirs


def club_card(*, viewer: Any, club_id: UUID) -> tuple[Membership, Sequence[Membership]]:
    """What a member sees: their place, and who owns and coaches the club. Raises Club.DoesNotExist."""
    mine = membership(viewer=viewer, club_id=club_id)
    teachers = Membership.objects.filter(club=club_id, role__in=TEACHERS).select_related("person")
    return mine, list(teachers.order_by("role", "joined_at", "id"))[::-1]


def logo(*, club_id: UUID) -> ClubLogo:
    """Anybody who has its address may see it: it is on invitations. Raises ClubLogo.DoesNotExist."""
    return ClubLogo.objects.get(pk=club_id)
