"""What all editions share: drafting, publishing, taking back, and the trail that this leaves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Max

from accounts import queries as accounts
from learning.handbook.rules import entries
from project.foundation.audit import commands as audit

from . import indexing


class NoSuchReference(Exception):
    """The entry names techniques or tuls that are not in the handbook; the text lists them."""


class NothingToPublish(Exception):
    """The edition is not a draft any more."""


class TooEarly(Exception):
    """An edition cannot become valid before the one that it replaces, or in the past of a later one."""


class NotScheduled(Exception):
    """Only an edition that is not valid yet can be taken back."""


def require_editor(editor: Any | None) -> None:
    """Every command of the handbook begins so. None is the system: the shipped content. Raises RoleMissing."""
    accounts.require_role(accounts.Role.EDITOR, person=editor)


@transaction.atomic
def publish_edition(*, edition: Any, valid_from: datetime, editor: Any | None, now: datetime) -> Any:
    """Make a draft valid from an instant on; the edition valid then ends at that instant.

    Locks the identity, so two editors cannot publish side by side. Raises RoleMissing, NothingToPublish or TooEarly.
    """
    require_editor(editor)
    locked(edition.identity)
    edition = type(edition).objects.select_related("identity").filter(pk=edition.pk, is_draft=True).first()
    if edition is None:
        raise NothingToPublish
    published = edition.identity.editions.filter(is_draft=False)
    if valid_from < now or published.filter(valid_from__gte=valid_from).exists():
        raise TooEarly
    for earlier in published.filter(valid_to__isnull=True):
        _end(earlier, valid_from, now)
    edition.is_draft, edition.valid_from = False, valid_from
    edition.save(update_fields=["is_draft", "valid_from"])
    indexing.index_edition(edition, now=now)
    record("edition.published", edition, editor, now, valid_from=valid_from.isoformat())
    return edition


@transaction.atomic
def withdraw_edition(*, edition: Any, editor: Any | None, now: datetime) -> Any:
    """Take a scheduled edition back before its time: it is a draft again, and the one before it goes on.

    An earlier draft gives way. Raises RoleMissing or NotScheduled.
    """
    require_editor(editor)
    identity = locked(edition.identity)
    edition = type(edition).objects.select_related("identity").filter(pk=edition.pk, valid_from__gt=now).first()
    if edition is None:
        raise NotScheduled
    identity.editions.filter(is_draft=True).delete()
    indexing.withdraw_document(edition, now=now)
    valid_from, edition.valid_from, edition.is_draft = edition.valid_from, None, True
    edition.save(update_fields=["is_draft", "valid_from"])
    for earlier in identity.editions.filter(valid_to=valid_from):
        _end(earlier, None, now)
    record("edition.withdrawn", edition, editor, now, valid_from=valid_from.isoformat())
    return edition


@transaction.atomic
def discard_draft(*, edition: Any, editor: Any | None, now: datetime) -> None:
    """Throw a draft away. Raises RoleMissing or NothingToPublish."""
    require_editor(editor)
    locked(edition.identity)
    found = type(edition).objects.select_related("identity").filter(pk=edition.pk, is_draft=True).first()
    if found is None:
        raise NothingToPublish
    record("edition.discarded", found, editor, now)
    found.delete()


def _end(edition: Any, valid_to: datetime | None, now: datetime) -> None:
    edition.valid_to = valid_to
    edition.save(update_fields=["valid_to"])
    indexing.end_document(edition, valid_to, now=now)


def lock(model: type[models.Model], **key: Any) -> Any:
    """The identity, made if it is new, locked until the transaction ends: editors of one thing queue up here."""
    identity, _ = model._default_manager.get_or_create(**key)
    return locked(identity)


def draft(identity: Any, now: datetime, **content: Any) -> Any:
    """A new draft; an earlier draft gives way, its number is used again."""
    identity.editions.filter(is_draft=True).delete()
    version = (identity.editions.aggregate(newest=Max("version"))["newest"] or 0) + 1
    return identity.editions.create(version=version, created_at=now, **content)


def identities(model: type[models.Model], key: str, wanted: set[str]) -> dict[str, Any]:
    """What the slugs (or other keys) name, by key. Raises NoSuchReference."""
    found = {getattr(each, key): each for each in model._default_manager.filter(**{f"{key}__in": wanted})}
    if missing := sorted(wanted - set(found)):
        raise NoSuchReference(", ".join(missing))
    return found


def text(written: entries.Text | None) -> dict[str, str] | None:
    return written.as_dict() if written else None


def texts(written: Sequence[entries.Text]) -> list[dict[str, str]]:
    return [each.as_dict() for each in written]


def record(type: str, edition: Any, editor: Any | None, now: datetime, **payload: Any) -> None:
    audit.record(
        type=type, object=edition.identity, object_id=str(edition.identity), actor=actor(editor), now=now,
        payload={"version": edition.version, **payload},
    )  # fmt: skip


def actor(editor: Any | None) -> UUID | None:
    """The pseudonym under which the trail remembers an editor; None for the system."""
    return editor.actor_id if editor else None


def locked(identity: Any) -> Any:
    """The identity, locked until the transaction ends."""
    return type(identity)._default_manager.select_for_update().get(pk=identity.pk)
