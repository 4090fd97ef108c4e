from collections.abc import Iterator, Mapping
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest

from accounts import rules
from accounts.models import StaffRole, User

Role = StaffRole.Role
Entry = rules.Entry


class RoleMissing(PermissionDenied):
    """The person may not do this; the text names the role that may. A page that lets it through answers 403."""


def language_of(*, email: str) -> str:
    """The language of whoever signs in with this address; empty when nobody does or they never chose one."""
    people = User.objects.alias(address=Lower("email")).filter(address=email.lower())
    return people.values_list("locale", flat=True).first() or ""


def person_reached_at(*, email: str) -> User | None:
    """Whoever signs in with this address, be it their main one or another that they have confirmed."""
    addresses = EmailAddress.objects.filter(email=email.lower(), verified=True)
    mine = Q(address=email.lower()) | Q(pk__in=addresses.values("user"))
    return User.objects.alias(address=Lower("email")).filter(mine).first()


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


def console_entry(*, person: Any, session: Any) -> Entry:
    """What stands between somebody and the operators' console, in this session.

    Pages ask through access.console_only; a consumer gives its scope["user"] and scope["session"].
    """
    roles = staff_roles(person=person)
    if not roles:
        return Entry.CLOSED
    steps = frozenset(Authenticator.objects.filter(user=person.pk).values_list("pk", flat=True))
    return rules.console_entry(roles=roles, steps=steps, shown=_steps_shown(person, session))


def _steps_shown(person: Any, session: Any) -> frozenset[int]:
    """Ids of the authenticators that were used in a session, as allauth wrote them down."""
    request = HttpRequest()
    request.session = session
    used = get_authentication_records(request, person)
    return frozenset(each["id"] for each in used if each["method"] == "mfa" and "id" in each)


def names_of(*, actors: set[Any]) -> dict[Any, str]:
    """The names behind the pseudonyms of an audit trail; those of people who are gone are missing."""
    return {person.actor_id: str(person) for person in User.objects.filter(actor_id__in=actors)}


# --- What is held about a person (foundation.privacy) ---------------------------------------------


def profile_of(*, person: User) -> list[dict[str, Any]]:
    """No password: not even its hash belongs on a memory stick."""
    said = ("email", "display_name", "locale", "time_zone", "actor_id", "is_staff", "is_active")
    dates = {"date_joined": person.date_joined, "last_login": person.last_login}
    groups = {"groups": list(person.groups.values_list("name", flat=True))}
    rights = {"permissions": list(person.user_permissions.values_list("codename", flat=True))}
    return [{name: getattr(person, name) for name in said} | dates | groups | rights]


def roles_of(*, person: User) -> list[Mapping[str, Any]]:
    return list(StaffRole.objects.filter(person=person).order_by("pk").values("role", "granted_at", "granted_by"))


def addresses_of(*, person: User) -> list[Mapping[str, Any]]:
    return list(EmailAddress.objects.filter(user=person).order_by("pk").values("email", "verified", "primary"))


def second_steps_of(*, person: User) -> list[dict[str, Any]]:
    """Without their secrets, which would open the door to whoever finds the copy."""
    steps = Authenticator.objects.filter(user=person).order_by("pk")
    return list(steps.values("type", "created_at", "last_used_at"))


def admin_log_of(*, person: User) -> list[dict[str, Any]]:
    columns = ("action_time", "content_type__model", "object_id", "object_repr", "change_message")
    return list(admin_log_about(person=person).order_by("pk").values(*columns))


def admin_log_about(*, person: User) -> QuerySet[LogEntry]:
    """What somebody did in the operators' room, and what was done there to them: both name them."""
    about = Q(content_type__app_label="accounts", content_type__model="user", object_id=str(person.pk))
    for address in _addresses(person):
        about |= Q(object_repr__icontains=address) | Q(change_message__icontains=address)
    return LogEntry.objects.filter(Q(user=person) | about)


def sessions_of(*, person: User) -> list[dict[str, Any]]:
    return [{"ends_at": session.expire_date} for session in sessions_with(person=person)]


def sessions_with(*, person: User) -> Iterator[Session]:
    """The sessions in which somebody is signed in, or was about to be. No column says so: all are looked through."""
    addresses = _addresses(person)
    for session in Session.objects.order_by("pk").iterator():
        held = session.get_decoded()
        text = str(held).lower()
        if held.get(SESSION_KEY) == str(person.pk) or any(address in text for address in addresses):
            yield session


def _addresses(person: User) -> set[str]:
    """All in small letters."""
    others = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    return {address.lower() for address in (person.email, *others) if address}
