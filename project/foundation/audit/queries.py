from collections.abc import Collection

from django.db import models
from django.db.models import QuerySet

from .models import AuditEvent


def events_of(object: models.Model, *, object_id: str = "") -> QuerySet[AuditEvent]:
    """What happened to an object, newest first."""
    return AuditEvent.objects.filter(object_type=object._meta.label_lower, object_id=object_id or str(object.pk))


def events(*, types: Collection[str], by_people: bool = False) -> QuerySet[AuditEvent]:
    """What happened of these types, newest first; `by_people` leaves out what the system did by itself."""
    found = AuditEvent.objects.filter(type__in=types)
    return found.exclude(actor_id=None) if by_people else found
