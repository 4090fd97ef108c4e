from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from project.foundation.audit import commands as audit

from .models import User, says_taken


class EmailTaken(Exception):
    """Somebody already signs in with this address."""


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
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
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
