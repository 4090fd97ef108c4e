from django.db import models
from django.db.models import QuerySet

from .models import AuditEvent


def events_of(object: models.Model, *, object_id: str = "") -> QuerySet[AuditEvent]:
    """What happened to an object, newest first."""
    return AuditEvent.objects.filter(object_type=object._meta.label_lower, object_id=object_id or str(object.pk))
