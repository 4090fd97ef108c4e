from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accounts.models import Club, Membership, Seat, User
from accounts.rules import Action
from accounts.rules import clubs as rules

ClubRole = Membership.Role
TEACHERS = (ClubRole.OWNER, ClubRole.COACH)


class MayNot(PermissionDenied):
    """Somebody of the club may not do this in their role; the text names what (rules.Action)."""


def membership(*, viewer: Any, club_id: UUID, action: Action = Action.SEE_CLUB) -> Membership:
    """The viewer's own place in a club. Raises Club.DoesNotExist for strangers and for a club that is not there,
    MayNot when their role does not allow this."""
    found = Membership.objects.select_related("club", "person").filter(club=club_id, person=viewer.pk).first()
    if found is None:
        raise Club.DoesNotExist
    if not rules.may(found.role, action):
        raise MayNot(action.value)
    return found


def clubs_of(*, person: Any) -> list[Membership]:
    """Somebody's places in clubs with the clubs, those first where they are more than a member."""
    places = Membership.objects.filter(person=person.pk).select_related("club").order_by("club__name", "club_id")
    return sorted(places, key=lambda place: place.role not in TEACHERS)


def is_instructor_of(*, viewer: Any, person: User) -> bool:
    """Owner or coach of a club that the person belongs to; nobody is their own."""
    if viewer.pk == person.pk:
        return False
    taught = Membership.objects.filter(person=viewer.pk, role__in=TEACHERS).values("club")
    return Membership.objects.filter(person=person, club__in=taught).exists()


def number_of_seats(*, club: Club) -> int:
    return Seat.objects.filter(club=club).count()


def possible_heirs(*, club: Club) -> QuerySet[Membership]:
    """Everybody in a club but its owner; pupils own nothing."""
    others = Membership.objects.filter(club=club, person__pupil=None).exclude(role=Membership.Role.OWNER)
    return others.select_related("person").order_by("role", "joined_at", "id")
