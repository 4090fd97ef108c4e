"""Leaving for good."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Club, Membership, Subscription, User
from project.foundation import privacy

from .plans import cancel_at_provider


class OwnsClubs(Exception):
    """They hand their clubs over, or close them, before they go."""


class PupilStays(Exception):
    """A pupil's account is deleted by their guardian."""


def delete_account(*, person: User, now: datetime) -> None:
    """Erase everything that names somebody, at once and for good. What has to stay, stays under a pseudonym that leads
    nowhere. Raises OwnsClubs, PupilStays, or User.DoesNotExist when they are gone already.

    What a provider still collects for is ended there: by a job that is asked for in the same transaction.
    """
    if person.is_pupil:
        raise PupilStays
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
    if Membership.objects.filter(person=person, role=Membership.Role.OWNER).exists():
        raise OwnsClubs
    for subscription in Subscription.objects.filter(person=person).exclude(provider="manual"):
        cancel_at_provider(subscription=subscription, now=now)
    privacy.erase(locked, now=now)
