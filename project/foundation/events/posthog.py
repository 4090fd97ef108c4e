"""The protocol of PostHog, and nothing else of the house: a batch of events in."""

from collections.abc import Iterable
from datetime import UTC
from functools import cache
from typing import Any

from django.conf import settings

from project.foundation.outbound import Service

from .models import Event


def is_configured() -> bool:
    return bool(settings.POSTHOG_HOST and settings.POSTHOG_API_KEY)


def send(events: Iterable[Event]) -> None:
    """Hand events over. PostHog takes one that it gets twice for the same, by its uuid. Raises
    ServiceError."""
    batch = [_row(event) for event in events]
    body = {"api_key": settings.POSTHOG_API_KEY, "batch": batch}
    _service(settings.POSTHOG_HOST).call("POST", "/batch/", json=body, repeatable=True)


def _row(event: Event) -> dict[str, Any]:
    return {
        "uuid": str(event.id),
        "event": event.kind,
        # It is asked for. Of an event that belongs to no visit it is the event's own, the same at every try.
        "distinct_id": str(event.visitor or event.id),
        "timestamp": event.at.astimezone(UTC).isoformat(),
        # No profile of a person, and nothing read from the address of the machine that sends.
        "properties": event.payload | {"$process_person_profile": False, "$geoip_disable": True},
    }


@cache
def _service(url: str) -> Service:
    return Service("PostHog", url=url, headers={}, deadline=20)
