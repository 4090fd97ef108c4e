from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from accounts import queries
from accounts.models import StaffRole, User, says_taken
from project.foundation.audit import commands as audit


class EmailTaken(Exception):
    """Somebody already signs in with this address."""


class NotOfTheStaff(Exception):
    """Only people of the staff (is_staff) can have a role."""


@transaction.atomic
def create_person(
    *, email: str, password: str, display_name: str, locale: str, is_operator: bool, now: datetime
) -> User:
    """Let somebody in whose address needs no proof. Raises EmailTaken."""
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                email,
                password,
                display_name=display_name,
                locale=locale,
                is_staff=is_operator,
                is_superuser=is_operator,
                date_joined=now,
            )
    except IntegrityError as refused:
        if not says_taken(refused):
            raise
        raise EmailTaken from None
    EmailAddress.objects.create(user=person, email=email.strip().lower(), verified=True, primary=True)
    audit.record(
        type="person.created",
        object=person,
        object_id=str(person.actor_id),
        actor=None,
        now=now,
        payload={"operator": is_operator},
    )
    return person


@transaction.atomic(durable=True)
def update_profile(*, user: User, display_name: str, locale: str, time_zone: str, now: datetime) -> User:
    """Change what a person says about themselves. The audit event names the fields, not what they hold."""
    person = User.objects.select_for_update().get(pk=user.pk)
    wanted = {"display_name": display_name, "locale": locale, "time_zone": time_zone}
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, wanted[field])
    if changed:
        person.save(update_fields=changed)
        audit.record(
            type="profile.updated", object=person, actor=person.actor_id, object_id=str(person.actor_id),
            now=now, payload={"fields": changed},
        )  # fmt: skip
    return person


@transaction.atomic(durable=True)
def set_language(*, user: User, locale: str) -> None:
    """Remember the language somebody chose, on every device they sign in with."""
    User.objects.filter(pk=user.pk).update(locale=locale)


@transaction.atomic
def grant_role(*, person: User, role: queries.Role, by: User | None, now: datetime) -> bool:
    """Make somebody of the staff editor, examiner, operator or analyst. Says whether it is new.

    Only operators may, or the system (None). Raises RoleMissing, or NotOfTheStaff.
    """
    queries.require_role(queries.Role.OPERATOR, person=by)
    if not person.is_staff:
        raise NotOfTheStaff
    actor = by.actor_id if by else None
    _, is_new = StaffRole.objects.get_or_create(
        person=person, role=role, defaults={"granted_at": now, "granted_by": actor}
    )
    if is_new:
        _record_role("role.granted", person, role, actor, now)
    return is_new


@transaction.atomic
def revoke_role(*, person: User, role: queries.Role, by: User | None, now: datetime) -> bool:
    """Take a role away. Says whether there was one. Raises RoleMissing."""
    queries.require_role(queries.Role.OPERATOR, person=by)
    gone, _ = StaffRole.objects.filter(person=person, role=role).delete()
    if gone:
        _record_role("role.revoked", person, role, by.actor_id if by else None, now)
    return bool(gone)


def _record_role(type: str, person: User, role: queries.Role, actor: UUID | None, now: datetime) -> None:
    audit.record(
        type=type, object=person, object_id=str(person.actor_id), actor=actor, now=now, payload={"role": role.value}
    )


@transaction.atomic
def add_authenticator_app(*, person: User, secret: str, now: datetime) -> bool:
    """Give somebody a second step with a known secret (base32), and recovery codes. Says whether it is new.

    For the demo cast; people set theirs up themselves on allauth's pages.
    """
    User.objects.select_for_update().get(pk=person.pk)
    if Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        return False
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    record_at_the_door(
        type="second_step.added", person=person, by=None, now=now, facts={"kind": Authenticator.Type.TOTP.value}
    )
    return True


@transaction.atomic
def remove_second_steps(*, person: User, by: User | None, now: datetime) -> bool:
    """Take away every second step of somebody who has lost theirs. Says whether there was one.

    Only operators may, or the system (None), and never their own: their pages are for that. Raises RoleMissing.
    """
    queries.require_role(queries.Role.OPERATOR, person=by)
    if by is not None and by.pk == person.pk:
        raise queries.RoleMissing(queries.Role.OPERATOR.value)
    gone, _ = Authenticator.objects.filter(user=person).delete()
    if gone:
        actor = by.actor_id if by else None
        record_at_the_door(type="second_step.removed", person=person, by=actor, now=now, facts={"kind": "all"})
    return bool(gone)


@transaction.atomic
def record_at_the_door(
    *, type: str, person: User | None, by: UUID | None, now: datetime, facts: Mapping[str, Any] | None = None
) -> None:
    """Audit that somebody came in, went out or was refused. None is an address that nobody signs in with.

    `by` is their own pseudonym only where they had shown who they are. The facts hold no address and no code.
    """
    audit.record(
        type=type,
        object=person or User(),
        object_id=str(person.actor_id) if person else "unknown",
        actor=by,
        now=now,
        payload=facts,
    )


# --- Erasing a person (foundation.privacy) --------------------------------------------------------


def erase_admin_log(*, person: User, now: datetime) -> None:
    queries.admin_log_about(person=person).delete()


def erase_sessions(*, person: User, now: datetime) -> None:
    """Wherever they are signed in, they are no more, in the cache too."""
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    for session in list(queries.sessions_with(person=person)):
        store(session.session_key).delete()


def erase_roles(*, person: User, now: datetime) -> None:
    StaffRole.objects.filter(person=person).delete()


def erase_second_steps(*, person: User, now: datetime) -> None:
    Authenticator.objects.filter(user=person).delete()


def erase_addresses(*, person: User, now: datetime) -> None:
    EmailAddress.objects.filter(user=person).delete()


def erase_profile(*, person: User, now: datetime) -> None:
    """The person themselves. The trail keeps their pseudonym, and nothing is left that says whose it was."""
    audit.record(type="person.erased", object=person, object_id=str(person.actor_id), actor=None, now=now)
    person.delete()
