"""Plans, and what they allow."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from accounts import entitlement_tokens, queries
from accounts.access import app_auth, person_of
from accounts.rules import PLANS
from project.foundation.http import Problem
from project.foundation.http.problems import ProblemOut
from project.foundation.http.throttling import throttled

__all__ = ["router"]

router = Router(tags=["billing"])

Entitlement = Literal["club_creator", "export_pdf", "no_ads", "offline_video", "quiz_create"]
PlanKey = Literal["free", "pro", "club"]


class MoneyOut(Schema):
    minor: int = Field(description="In the smallest unit of the currency.", examples=[1499])
    currency: str = Field(examples=["PLN"])


class PlanOut(Schema):
    key: PlanKey
    price: MoneyOut = Field(description="For a month.")
    trial_days: int = Field(examples=[7])
    seats_max: int = Field(description="Seats of a club that it pays for at most.", examples=[0])
    entitlements: list[Entitlement] = Field(description="What it allows whoever has it.")
    seat_entitlements: list[Entitlement] = Field(description="What it allows everybody on a seat of the club.")


class PlansOut(Schema):
    items: list[PlanOut]


class SubscriptionOut(Schema):
    plan: Literal["pro", "club"]
    provider: Literal["stripe", "revenuecat", "apple", "google", "manual"] = Field(
        description="Who takes the money, and where it is ended; manual: given by the hall."
    )
    status: Literal["trialing", "active", "past_due", "canceled"]
    current_period_end: datetime | None = Field(description="None: until it is ended.")
    renews: bool
    seats: int
    club: str | None = Field(description="Id of the club that it covers.")


class BillingOut(Schema):
    plan: PlanKey
    subscription: SubscriptionOut | None = Field(description="The plan that somebody has themselves now.")
    entitlements: list[Entitlement] = Field(description="All of them, those by a seat in a club included.")


class TokenOut(Schema):
    token: str = Field(description="A JWT signed with EdDSA; the keys are at /.well-known/jwks.json.")
    expires_in: int = Field(description="Seconds.", examples=[300])


@router.get(
    "/billing/plans",
    response={200: PlansOut, 422: ProblemOut, 429: ProblemOut},
    operation_id="list_subscription_plans",
    summary="The plans",
    auth=None,
)
def plans(request: HttpRequest) -> dict[str, Any]:
    """What each costs and allows. Everybody with an account has `free`, and what the hall gives everybody."""
    return {"items": [_plan(each) for each in PLANS.values()]}


@router.get(
    "/billing/me",
    response={200: BillingOut, 401: ProblemOut, 422: ProblemOut, 429: ProblemOut},
    operation_id="get_my_plan",
    summary="My plan and what I may do",
    auth=app_auth,
)
@decorate_view(throttled("billing"))
def mine(request: HttpRequest) -> dict[str, Any]:
    """Both are derived when they are asked for: what has ended is gone."""
    now = timezone.now()
    held = queries.plan_of(person=request.user, now=now)
    return {
        "plan": held.plan if held else "free",
        "subscription": _subscription(held) if held else None,
        "entitlements": sorted(queries.entitlements(person=request.user, now=now)),
    }


@router.get(
    "/billing/entitlements/token",
    response={200: TokenOut, 401: ProblemOut, 422: ProblemOut, 429: ProblemOut, 503: ProblemOut},
    operation_id="get_entitlement_token",
    summary="What I may do, to be checked without a network",
    auth=app_auth,
)
@decorate_view(throttled("billing"))
def token(request: HttpRequest) -> dict[str, Any]:
    """A signed statement of my entitlements for five minutes. `sub` is a pseudonym that stays the same."""
    try:
        signed = entitlement_tokens.token(person=person_of(request), now=timezone.now())
    except entitlement_tokens.NotConfigured:
        raise Problem(503, "not_configured", "Set ENTITLEMENT_SIGNING_KEY to an Ed25519 key.") from None
    return {"token": signed, "expires_in": int(entitlement_tokens.LIFETIME.total_seconds())}


def _plan(plan: Any) -> dict[str, Any]:
    return {
        "key": plan.key,
        "price": {"minor": plan.price.minor, "currency": plan.price.currency},
        "trial_days": plan.trial_days,
        "seats_max": plan.seats_max,
        "entitlements": sorted(plan.allows),
        "seat_entitlements": sorted(plan.seat_allows),
    }


def _subscription(held: Any) -> dict[str, Any]:
    names = ("plan", "provider", "status", "current_period_end", "renews", "seats")
    return {name: getattr(held, name) for name in names} | {"club": str(held.club_id) if held.club_id else None}
