"""What all editions share: drafting, publishing, comparing, and the trail that this leaves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Max

from learning.handbook.rules import entries
from project.foundation.audit import commands as audit


class NoSuchReference(Exception):
    """The entry names techniques or tuls that are not in the handbook; the text lists them."""


class NothingToPublish(Exception):
    """The edition is not a draft any more."""


class TooEarly(Exception):
    """An edition cannot become valid before the one that it replaces, or in the past of a later one."""


@transaction.atomic
def publish_edition(*, edition: Any, valid_from: datetime, editor: UUID | None, now: datetime) -> Any:
    """Make a draft valid from an instant on; the edition valid then ends at that instant.

    Locks the identity, so two editors cannot publish side by side. Raises NothingToPublish or TooEarly.
    """
    _lock(edition.identity)
    edition.refresh_from_db()
    if not edition.is_draft:
        raise NothingToPublish
    published = edition.identity.editions.filter(is_draft=False)
    if published.filter(valid_from__gte=valid_from).exists():
        raise TooEarly
    published.filter(valid_to__isnull=True).update(valid_to=valid_from)
    edition.is_draft, edition.valid_from = False, valid_from
    edition.save(update_fields=["is_draft", "valid_from"])
    record("edition.published", edition, editor, now, valid_from=valid_from.isoformat())
    return edition


def lock(model: type[models.Model], **key: Any) -> Any:
    """The identity, made if it is new, locked until the transaction ends: editors of one thing queue up here."""
    identity, _ = model._default_manager.get_or_create(**key)
    return _lock(identity)


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


def content(edition: Any) -> dict[str, Any]:
    """Everything of an edition that a reader sees, for comparing two of them."""
    own = {"id", "version", "is_draft", "valid_from", "valid_to", "created_at", "edition"}
    fields = [field for field in edition._meta.concrete_fields if field.name not in own]
    held: dict[str, Any] = {field.attname: getattr(edition, field.attname) for field in fields}
    for relation in ("steps", "techniques", "tuls"):
        if hasattr(edition, relation):
            held[relation] = [content(row) for row in getattr(edition, relation).all()]
    return held


def text(written: entries.Text | None) -> dict[str, str] | None:
    return written.as_dict() if written else None


def texts(written: Sequence[entries.Text]) -> list[dict[str, str]]:
    return [each.as_dict() for each in written]


def record(type: str, edition: Any, editor: UUID | None, now: datetime, **payload: Any) -> None:
    audit.record(
        type=type, object=edition.identity, object_id=str(edition.identity), actor=editor, now=now,
        payload={"version": edition.version, **payload},
    )  # fmt: skip


def _lock(identity: Any) -> Any:
    return type(identity)._default_manager.select_for_update().get(pk=identity.pk)
