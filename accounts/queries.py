from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Lower

from . import rules
from .models import StaffRole, User

Role = StaffRole.Role


class RoleMissing(PermissionDenied):
    """The person may not do this; the text names the role that may. A page that lets it through answers 403."""


def language_of(*, email: str) -> str:
    """The language of whoever signs in with this address; empty when nobody does or they never chose one."""
    people = User.objects.alias(address=Lower("email")).filter(address=email.lower())
    return people.values_list("locale", flat=True).first() or ""


def staff_roles(*, person: Any) -> frozenset[str]:
    """The roles that a person of the staff has; a superuser has all of them, everybody else none."""
    if not person.is_authenticated or not person.is_active or not person.is_staff:
        return frozenset()
    if person.is_superuser:
        return frozenset(Role.values)
    return frozenset(StaffRole.objects.filter(person=person.pk).values_list("role", flat=True))


def require_role(role: Role, *, person: Any) -> None:
    """Let only people with this role go on; None is the system itself. Raises RoleMissing."""
    if person is not None and role not in staff_roles(person=person):
        raise RoleMissing(role.value)


def names_of(*, actors: set[Any]) -> dict[Any, str]:
    """The names behind the pseudonyms of an audit trail; those of people who are gone are missing."""
    return {person.actor_id: str(person) for person in User.objects.filter(actor_id__in=actors)}


def entitlements(*, person: Any) -> frozenset[str]:
    """What somebody may do beyond reading (rules.ENTITLEMENTS). Strangers have none, the staff has all.

    Everybody else has those that come with an account (FREE_ENTITLEMENTS).
    """
    if not person.is_authenticated or not person.is_active:
        return frozenset()
    return rules.ENTITLEMENTS if person.is_staff else frozenset(settings.FREE_ENTITLEMENTS)
