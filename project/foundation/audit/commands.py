from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import models, transaction

from .models import AuditEvent


class OutsideTransaction(RuntimeError):
    """record() was called where the change it tells of could be lost without it."""


def record(
    *,
    type: str,
    object: models.Model,
    actor: UUID | None,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    object_id: str = "",
) -> AuditEvent:
    """Write one event in the transaction of the change it tells of.

    `type` is noun.verb in the past tense ("edition.published"). `actor` is User.actor_id, or None for
    the system. `object_id` names the object when its primary key says too little (a slug). The request
    id is taken from the log context. Raises OutsideTransaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(type)
    return AuditEvent.objects.create(
        at=now,
        actor_id=actor,
        type=type,
        object_type=object._meta.label_lower,
        object_id=object_id or str(object.pk),
        payload=dict(payload or {}),
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )
