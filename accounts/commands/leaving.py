"""Leaving for good."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Club, Membership, Subscription, User
from project.foundation import privacy


class OwnsClubs(Exception):
    """They hand their clubs over, or close them, before they go."""


class PupilStays(Exception):
    """A pupil's account is deleted by their guardian."""


def delete_account(*, person: User, now: datetime) -> None:
    """Erase everything that names somebody, at once and for good. What has to stay, stays under a pseudonym that leads
    nowhere. Raises OwnsClubs, PupilStays, or User.DoesNotExist when they are gone already.

    A provider that collects money is told to stop before anything is erased: with the rows gone nobody could any more.
    """
    if person.is_pupil:
        raise PupilStays
    if _owns_a_club(person):
        raise OwnsClubs
    _cancel_what_is_paid(person, now=now)
    try:
        with transaction.atomic(durable=True):
            erase_person(person=person, now=now)
    except IntegrityError as refused:
        if "has no owner" not in str(refused):
            raise
        raise OwnsClubs from None


@transaction.atomic
def erase_person(*, person: User, now: datetime) -> None:
    """Their clubs are locked first, then they: whoever hands a club over to them meanwhile waits. Raises OwnsClubs,
    User.DoesNotExist."""
    clubs = Membership.objects.filter(person=person).values("club")
    list(Club.objects.select_for_update(no_key=True).filter(pk__in=clubs).order_by("pk"))
    locked = User.objects.select_for_update().get(pk=person.pk)
    if _owns_a_club(person):
        raise OwnsClubs
    privacy.erase(locked, now=now)


def _owns_a_club(person: User) -> bool:
    return Membership.objects.filter(person=person, role=Membership.Role.OWNER).exists()


def _cancel_what_is_paid(person: User, *, now: datetime) -> None:
    """The one place where leaving meets the providers: each subscription that they still collect for."""
    for subscription in Subscription.objects.filter(person=person).exclude(provider="manual"):
        if subscription.status != Subscription.Status.CANCELED:
            cancel_at_provider(subscription=subscription, now=now)


def cancel_at_provider(*, subscription: Subscription, now: datetime) -> None:
    """Until providers are spoken to there is nobody to tell."""
