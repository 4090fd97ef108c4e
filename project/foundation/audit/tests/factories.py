import uuid
from datetime import UTC, datetime

import factory

from project.foundation.audit.models import AuditEvent


class AuditEventFactory(factory.django.DjangoModelFactory[AuditEvent]):
    """Something that somebody did to an edition."""

    class Meta:
        model = AuditEvent

    at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    actor_id = factory.LazyFunction(uuid.uuid4)
    type = "edition.published"
    object_type = "handbook.techniqueedition"
    object_id = factory.Sequence(str)
