from datetime import UTC, datetime

import factory

from project.foundation.outbound.models import IntegrationError


class IntegrationErrorFactory(factory.django.DjangoModelFactory[IntegrationError]):
    """A service that did not answer, once."""

    class Meta:
        model = IntegrationError

    service = "Films"
    kind = "timeout"
    method = "GET"
    path = factory.Sequence(lambda number: f"/{'a' * (number % 100)}/{chr(97 + number // 100)}/")
    message = "Films: no answer in time"
    last_at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    first_at = factory.SelfAttribute("last_at")
    hour = factory.LazyAttribute(lambda error: error.first_at.replace(minute=0, second=0, microsecond=0))
