"""RevenueCat: what it tells us about subscriptions bought in the stores.

A subscription is called by `original_transaction_id`, which stays the same through renewals, changes of product and
moves to somebody else. Where a store gives none (a grant of the operator's), it is whose and what, for there is only
one of each then. Access ends when EXPIRATION says so or the time is over: CANCELLATION and SUBSCRIPTION_PAUSED only
say that nothing will follow.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings

from accounts.rules import webhooks as rules

NAME = "revenuecat"

_LIVE = {"INITIAL_PURCHASE", "RENEWAL", "UNCANCELLATION", "SUBSCRIPTION_EXTENDED"}
_LAST = {"NON_RENEWING_PURCHASE", "CANCELLATION", "SUBSCRIPTION_PAUSED", "TEMPORARY_ENTITLEMENT_GRANT"}
_CHANGES = _LIVE | _LAST | {"BILLING_ISSUE", "EXPIRATION"}
_RANKS = {"INITIAL_PURCHASE": 0, "EXPIRATION": 2}
_KEPT = (
    "app_user_id", "original_app_user_id", "aliases", "transferred_from", "transferred_to", "product_id",
    "new_product_id", "entitlement_ids", "original_transaction_id", "transaction_id", "event_timestamp_ms",
    "purchased_at_ms", "expiration_at_ms", "grace_period_expiration_at_ms", "period_type", "store", "environment",
    "cancel_reason", "expiration_reason", "is_trial_conversion", "currency",
)  # fmt: skip


def is_heard() -> bool:
    return bool(settings.REVENUECAT_WEBHOOK_AUTHORIZATION or settings.REVENUECAT_SIGNING_SECRET)


def believed(*, body: bytes, headers: Mapping[str, str], now: datetime) -> rules.Delivery:
    """All that is configured has to hold: the value of Authorization, the signature. Raises rules.Forged or
    rules.Unreadable."""
    if wanted := settings.REVENUECAT_WEBHOOK_AUTHORIZATION:
        said = headers.get("Authorization", "")
        if not hmac.compare_digest(said.encode(), wanted.encode()):
            raise rules.Forged("Authorization has another value")
    if secret := settings.REVENUECAT_SIGNING_SECRET:
        _hold(headers.get(settings.REVENUECAT_SIGNATURE_HEADER, ""), secret, body, now)
    delivery = _read(body)
    rules.refuse_future(delivery.occurred_at, now=now)
    return delivery


def _hold(signature: str, secret: str, body: bytes, now: datetime) -> None:
    """`t=seconds,v1=hex` over "seconds.body", or hex over the body alone. Raises Forged."""
    pieces = dict(piece.strip().partition("=")[::2] for piece in signature.split(","))
    seconds = pieces.get("t", "")
    signed = f"{seconds}.".encode() + body if seconds else body
    expected = hmac.new(secret.encode(), signed, sha256).hexdigest()
    if not hmac.compare_digest((pieces.get("v1") or signature).strip().encode(), expected.encode()):
        raise rules.Forged("the signature does not hold")
    if seconds and not (seconds.isascii() and seconds.isdigit()):
        raise rules.Forged("the signature has no instant")
    if seconds and abs(int(seconds) - now.timestamp()) > rules.TOLERANCE.total_seconds():
        raise rules.Forged("signed at another time")


def _read(body: bytes) -> rules.Delivery:
    try:
        said = json.loads(body)["event"]
        occurred_at = rules.instant(said["event_timestamp_ms"] / 1000)
        event_id, kind = rules.plain(said["id"]), rules.plain(said["type"])
        payload = rules.picked(said, _KEPT)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise rules.Unreadable from None
    if not (isinstance(event_id, str) and event_id and isinstance(kind, str) and kind and occurred_at):
        raise rules.Unreadable
    return rules.Delivery(NAME, event_id, kind[:80], occurred_at, payload)


def outcome(*, event_id: str, type: str, occurred_at: datetime, payload: Mapping[str, Any]) -> rules.Outcome:
    """What an event comes to. Raises ValueError or LookupError when it lacks what it should have."""
    by = rules.by(event_id=event_id, rank=_RANKS.get(type, 1))
    if payload.get("environment") == "SANDBOX" and not settings.REVENUECAT_SANDBOX:
        return rules.Ignored("bought in a sandbox")
    if type == "TRANSFER":
        return move(payload=payload, at=occurred_at, by=by)
    if type == "PRODUCT_CHANGE":
        return rules.Ignored("the renewal says when it takes effect")
    if type not in _CHANGES:
        return rules.Ignored("nothing here depends on it")
    plan = _plan(payload)
    if plan is None:
        return rules.Ignored("none of its products is a plan of this hall")
    person = _person(payload)
    if not person:
        return rules.Ignored("it names nobody of this hall")
    status = "trialing" if payload.get("period_type") == "TRIAL" else "active"
    ends = payload.get("expiration_at_ms")
    if type == "BILLING_ISSUE":
        status, ends = "past_due", payload.get("grace_period_expiration_at_ms") or ends
    if type == "EXPIRATION":
        status = "canceled"
    return rules.Change(
        reference=payload.get("original_transaction_id") or f"{person}:{payload.get('product_id', plan)}",
        person=rules.person(person),
        customer=person,
        plan=plan,
        status=status,
        ends_at=rules.instant(ends / 1000) if ends is not None else None,
        renews=type in _LIVE or type == "BILLING_ISSUE",
        seats=rules.seats(plan=plan),
        at=occurred_at,
        by=by,
    )


def move(*, payload: Mapping[str, Any], at: datetime, by: str) -> rules.Move:
    sources = frozenset(_ours(payload.get("transferred_from", [])))
    return rules.Move(sources, next(iter(_ours(payload.get("transferred_to", []))), ""), at, by)


def _plan(payload: Mapping[str, Any]) -> str | None:
    names = {payload.get("product_id"), *payload.get("entitlement_ids", [])}
    known = {"club": settings.REVENUECAT_CLUB, "pro": settings.REVENUECAT_PRO}
    return next((plan for plan, ours in known.items() if names & set(ours)), None)


def _person(payload: Mapping[str, Any]) -> str:
    """Who of this hall it is about: the app signs people in there as User.actor_id."""
    names = [payload.get("app_user_id"), payload.get("original_app_user_id"), *payload.get("aliases", [])]
    return next(iter(_ours(names)), "")


def _ours(names: Any) -> list[str]:
    return [str(person) for each in names if (person := rules.person(each))]
