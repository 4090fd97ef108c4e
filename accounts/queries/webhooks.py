"""What providers have told, for operators."""

from dataclasses import dataclass
from types import ModuleType
from uuid import UUID

from django.db.models import QuerySet

from accounts import revenuecat, stripe
from accounts.models import WebhookEvent
from accounts.rules import webhooks as rules

PROVIDERS: dict[str, ModuleType] = {each.NAME: each for each in (stripe, revenuecat)}
WEBHOOK_ORDERINGS = {"newest": ["-received_at", "-id"]}
TYPES_AT_MOST = 100


@dataclass(frozen=True)
class WebhooksWanted:
    """Which events; each field that is not empty narrows them down."""

    provider: str = ""
    state: str = ""
    type: str = ""


def webhook_provider(*, name: str) -> ModuleType:
    """The room that knows its protocol. Raises LookupError for a provider that is none."""
    return PROVIDERS[name]


def outcome_of(*, event: WebhookEvent) -> rules.Outcome:
    """What an event comes to. Raises ValueError, LookupError or TypeError when it lacks what it should have."""
    protocol = PROVIDERS[event.provider]
    outcome: rules.Outcome = protocol.outcome(
        event_id=event.event_id, type=event.type, occurred_at=event.occurred_at, payload=event.payload
    )
    return outcome


def webhooks(wanted: WebhooksWanted) -> QuerySet[WebhookEvent]:
    """Without their payloads."""
    chosen = {name: value for name, value in vars(wanted).items() if value}
    return WebhookEvent.objects.filter(**chosen).defer("payload")


def webhook(*, event_id: UUID) -> WebhookEvent:
    """Raises WebhookEvent.DoesNotExist."""
    return WebhookEvent.objects.get(pk=event_id)


def webhook_types() -> list[str]:
    """Every type that has come so far."""
    types = WebhookEvent.objects.order_by("type").values_list("type", flat=True).distinct()
    return list(types[:TYPES_AT_MOST])


def webhooks_failed() -> int:
    return WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED).count()
