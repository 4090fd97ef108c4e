"""Stripe and RevenueCat, as far as they tell us things: events as they write them, signed as they sign."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe
from django.test import Client

STRIPE_SECRET, REVENUECAT_VALUE = "whsec_of_the_tests", "Bearer of the tests"
PRICES = {"pro": "price_pro", "club": "price_club"}
PRODUCTS = {"pro": "dojang.pro.month", "club": "dojang.club.month"}

CONFIGURED = {
    "STRIPE_WEBHOOK_SECRET": STRIPE_SECRET,
    "STRIPE_PRICE_PRO": PRICES["pro"],
    "STRIPE_PRICE_CLUB": PRICES["club"],
    "REVENUECAT_WEBHOOK_AUTHORIZATION": REVENUECAT_VALUE,
    "REVENUECAT_PRO": [PRODUCTS["pro"]],
    "REVENUECAT_CLUB": [PRODUCTS["club"]],
}


@dataclass(frozen=True)
class Letter:
    """What is posted. `signed_at` is a Unix time, None for the moment of posting."""

    provider: str
    body: Mapping[str, Any]
    secret: str = ""
    signed_at: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def post(self, client: Client, **more: Any) -> Any:
        text = json.dumps(self.body)
        headers = {"Authorization": self.secret or REVENUECAT_VALUE}
        if self.provider == "stripe":
            at = int(time.time() if self.signed_at is None else self.signed_at)
            signature = stripe.WebhookSignature.generate_signature_header(text, self.secret or STRIPE_SECRET, at)
            headers = {"Stripe-Signature": signature}
        return client.post(
            f"/api/v1/billing/webhooks/{self.provider}", text, content_type="application/json",
            headers=headers | dict(self.headers), **more,
        )  # fmt: skip


def stripe_event(event_id: str, type: str, about: Mapping[str, Any], *, at: datetime) -> Letter:
    body = {
        "id": event_id, "object": "event", "api_version": "2026-01-01", "created": int(at.timestamp()),
        "livemode": True, "type": type, "data": {"object": about},
    }  # fmt: skip
    return Letter("stripe", body)


def stripe_subscription(
    reference: str,
    *,
    person: UUID | None,
    ends_at: datetime,
    plan: str = "pro",
    status: str = "active",
    customer: str = "cus_1",
    cancels: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """The object of a subscription, with much that we neither need nor may keep."""
    return {
        "id": reference, "object": "subscription", "customer": customer, "status": status,
        "cancel_at_period_end": cancels, "cancel_at": None, "currency": "pln",
        "metadata": {"person": str(person)} if person else {},
        "default_payment_method": {"card": {"last4": "4242"}, "billing_details": {"name": "Jan Kowalski"}},
        "items": {
            "object": "list",
            "data": [
                {
                    "id": "si_1", "quantity": 1, "current_period_end": int(ends_at.timestamp()),
                    "price": {"id": PRICES[plan], "unit_amount": 1499},
                }
            ],
        },
    } | more  # fmt: skip


def revenuecat_event(
    event_id: str, type: str, *, person: UUID | str | None = None, at: datetime, ends_at: datetime | None = None,
    plan: str = "pro", reference: str = "tx_1", **more: Any,
) -> Letter:  # fmt: skip
    event = {
        "id": event_id, "type": type, "event_timestamp_ms": int(at.timestamp() * 1000), "environment": "PRODUCTION",
        "store": "APP_STORE",
    }  # fmt: skip
    if type != "TRANSFER":
        event |= {
            "app_user_id": str(person), "aliases": [str(person), "jan@kowalski.example"],
            "product_id": PRODUCTS[plan], "entitlement_ids": [plan], "original_transaction_id": reference,
            "transaction_id": f"{reference}.{event_id}", "period_type": "NORMAL",
            "expiration_at_ms": int(ends_at.timestamp() * 1000) if ends_at else None,
            "subscriber_attributes": {"$email": {"value": "jan@kowalski.example"}},
        }  # fmt: skip
    return Letter("revenuecat", {"api_version": "1.0", "event": event | more})
