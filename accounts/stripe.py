"""Stripe: what it tells us about subscriptions, and what it is asked for: pages to pay on, and ends.

The subscription's own events carry all of its state, so they alone change anything; invoices only tell people.
`created` has whole seconds: of two updates within one second chance decides, until the next event says more.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, override
from urllib.parse import urlsplit
from uuid import UUID

import stripe
from django.conf import settings

from accounts.rules import webhooks as rules
from project.foundation.outbound import Refused, Service

NAME = "stripe"
DEADLINE = 10.0
"""Seconds that somebody waits for Stripe's page at most, repetitions included."""

_STATES = {"trialing": "trialing", "active": "active", "past_due": "past_due"}
"""Every other status of theirs (incomplete, unpaid, paused …) allows nothing."""
_RANKS = {"customer.subscription.created": 0, "customer.subscription.deleted": 2}
_KEPT = (
    "id", "object", "customer", "subscription", "status", "created", "current_period_start", "current_period_end",
    "cancel_at", "cancel_at_period_end", "canceled_at", "ended_at", "trial_start", "trial_end", "client_reference_id",
    "mode", "payment_status", "billing_reason", "attempt_count", "next_payment_attempt", "currency", "amount_due",
    "amount_paid",
)  # fmt: skip


class NotConfigured(Exception):
    """There is no STRIPE_SECRET_KEY."""


# --- What it tells --------------------------------------------------------------------------------


def is_heard() -> bool:
    return bool(settings.STRIPE_WEBHOOK_SECRET)


def believed(*, body: bytes, headers: Mapping[str, str], now: datetime) -> rules.Delivery:
    """Raises rules.Forged or rules.Unreadable. The library lets signatures of the future pass; we do not."""
    signature = headers.get("Stripe-Signature", "")
    tolerance = int(rules.TOLERANCE.total_seconds())
    try:
        stripe.WebhookSignature.verify_header(body, signature, settings.STRIPE_WEBHOOK_SECRET, tolerance)
        signed = next(int(piece.split("=", 1)[1]) for piece in signature.split(",") if piece.startswith("t="))
    except (stripe.SignatureVerificationError, ValueError, TypeError, StopIteration):
        raise rules.Forged("the signature does not hold") from None
    if signed > now.timestamp() + tolerance:
        raise rules.Forged("signed in the future")
    delivery = _read(body)
    rules.refuse_future(delivery.occurred_at, now=now)
    return delivery


def _read(body: bytes) -> rules.Delivery:
    try:
        said = json.loads(body)
        about = said["data"]["object"]
        occurred_at = rules.instant(said["created"])
        event_id, kind = rules.plain(said["id"]), rules.plain(said["type"])
        payload = rules.picked(said, ("api_version", "livemode")) | {"object": _scrubbed(about)}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise rules.Unreadable from None
    if not (isinstance(event_id, str) and event_id and isinstance(kind, str) and kind and occurred_at):
        raise rules.Unreadable
    return rules.Delivery(NAME, event_id, kind[:80], occurred_at, payload)


def _scrubbed(about: Mapping[str, Any]) -> dict[str, Any]:
    """Ids, instants and states. What may be an object in place of its id is brought down to that."""
    flat = {name: value.get("id") if isinstance(value, dict) else value for name, value in about.items()}
    parent = (about.get("parent") or {}).get("subscription_details") or {}  # where invoices name it since 2025
    kept = rules.picked(flat | ({"subscription": parent["subscription"]} if parent.get("subscription") else {}), _KEPT)
    kept["metadata"] = rules.picked(about.get("metadata") or {}, ("person", "seats"))
    if rules.person(kept.get("client_reference_id")) is None:
        kept.pop("client_reference_id", None)
    items = about.get("items")
    lines = items.get("data", []) if isinstance(items, dict) else []
    kept["items"] = [_line(each) for each in lines[:20]]
    return kept


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    price = (line.get("price") or {}).get("id")
    return rules.picked(line, ("quantity", "current_period_end")) | {"price": rules.plain(price)}


def outcome(*, event_id: str, type: str, occurred_at: datetime, payload: Mapping[str, Any]) -> rules.Outcome:
    """What an event comes to. Raises ValueError or LookupError when it lacks what it should have."""
    about = payload["object"]
    match type:
        case "customer.subscription.created" | "customer.subscription.updated" | "customer.subscription.deleted":
            by = rules.by(event_id=event_id, rank=_RANKS.get(type, 1))
            return _change(about, at=occurred_at, by=by, is_over=type.endswith("deleted"))
        case "customer.subscription.trial_will_end":
            until = rules.instant(about.get("trial_end"))
            return rules.Reminder("subscription_ends", about["id"], f"{about['id']} {until}", until)
        case "checkout.session.completed":
            person = rules.person(about.get("client_reference_id"))
            if person is None or not about.get("customer"):
                return rules.Ignored("it names nobody of this hall")
            return rules.Link(about["customer"], person)
        case "invoice.payment_failed" if about.get("subscription"):
            return rules.Reminder("payment_failed", about["subscription"], about["id"])
        case "invoice.paid":
            return rules.Ignored("the subscription says so itself")
        case _:
            return rules.Ignored("nothing here depends on it")


def _change(about: Mapping[str, Any], *, at: datetime, by: str, is_over: bool) -> rules.Change | rules.Ignored:
    plans = {settings.STRIPE_PRICE_PRO: "pro", settings.STRIPE_PRICE_CLUB: "club"}
    plans.pop("", None)
    line = next((each for each in about["items"] if each["price"] in plans), None)
    if line is None:
        return rules.Ignored("none of its prices is a plan of this hall")
    status = "canceled" if is_over else _STATES.get(about["status"], "canceled")
    ends = about.get("current_period_end") or line.get("current_period_end")
    if about.get("cancel_at"):
        ends = min(ends or about["cancel_at"], about["cancel_at"])
    if status == "canceled":
        ends = about.get("ended_at") or about.get("canceled_at") or ends
    # A flat price is bought once, so a quantity of one says nothing about seats.
    quantity = line.get("quantity") if line.get("quantity", 1) > 1 else None
    plan = plans[line["price"]]
    return rules.Change(
        reference=about["id"],
        person=rules.person(about["metadata"].get("person")),
        customer=about.get("customer") or "",
        plan=plan,
        status=status,
        ends_at=rules.instant(ends),
        renews=not (about.get("cancel_at_period_end") or about.get("cancel_at") or status == "canceled"),
        seats=rules.seats(plan=plan, asked=about["metadata"].get("seats") or quantity),
        at=at,
        by=by,
    )


# --- What it is asked -----------------------------------------------------------------------------


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def checkout(*, person: UUID, email: str, customer: str, plan: str, trial_days: int, locale: str, key: str) -> str:
    """The address of a page on which somebody pays for a plan. Asked twice with one `key` it is the same page.

    `customer` is who they are there, where that is known. Raises NotConfigured or ServiceError.
    """
    price = {"pro": settings.STRIPE_PRICE_PRO, "club": settings.STRIPE_PRICE_CLUB}[plan]
    subscription: dict[str, Any] = {"metadata": {"person": str(person)}}
    if trial_days:
        subscription["trial_period_days"] = trial_days
    params: Any = {
        "mode": "subscription",
        "line_items": [{"price": price, "quantity": 1}],
        "client_reference_id": str(person),
        "subscription_data": subscription,
        "success_url": f"{settings.PUBLIC_URL}/subscriptions/?paid={plan}",
        "cancel_url": f"{settings.PUBLIC_URL}/subscriptions/",
        "locale": locale if locale in {"en", "pl", "ko"} else "auto",
    }
    params |= {"customer": customer} if customer else {"customer_email": email} if email else {}
    session = _client().v1.checkout.sessions.create(params, {"idempotency_key": key})
    return str(session.url)


def portal(*, customer: str) -> str:
    """The address of the page on which somebody changes or ends what they pay for. Raises NotConfigured or
    ServiceError."""
    params: Any = {"customer": customer, "return_url": f"{settings.PUBLIC_URL}/subscriptions/"}
    return _client().v1.billing_portal.sessions.create(params).url


def cancel(*, reference: str) -> None:
    """End a subscription now. One that is not there (any more) is no mistake. Raises NotConfigured or ServiceError."""
    try:
        _client().v1.subscriptions.cancel(reference)
    except Refused as refused:
        if refused.status != 404:
            raise


class _Outbound(stripe.HTTPClient):
    """The library on the one way out of the house. Whatever goes wrong is a ServiceError, noted for operators."""

    name = "dojang"

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    @override
    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, *, _usage: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        found = self._service.call(
            method.upper(),
            parts.path,
            content=post_data.encode() if post_data else None,
            headers=headers,
            repeatable=True if "Idempotency-Key" in (headers or {}) else None,
            shape=_object,
        )
        return json.dumps(found), 200, {}

    @override
    def close(self) -> None:
        self._service.close()


def _object(found: Any) -> Any:
    """One of their objects; a page to be sent to is one of theirs too. Raises ValueError."""
    if not isinstance(found["id"], str) or not isinstance(found["object"], str):
        raise ValueError
    if found["object"].endswith(".session"):
        page = urlsplit(found["url"])
        if f"{page.scheme}://{page.netloc}" not in settings.STRIPE_PAGES:
            raise ValueError
    return found


def _client() -> stripe.StripeClient:
    if not is_configured():
        raise NotConfigured
    return _client_at(settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY, DEADLINE)


@cache
def _client_at(url: str, key: str, deadline: float) -> stripe.StripeClient:
    service = Service("Stripe", url=url, deadline=deadline)
    return stripe.StripeClient(key, base_addresses={"api": url}, http_client=_Outbound(service), max_network_retries=0)
