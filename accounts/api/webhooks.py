from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Path, Router, Schema

from accounts import commands, queries
from accounts.rules import webhooks as rules
from project.foundation.http import Problem, throttling
from project.foundation.http.problems import ProblemOut

router = Router(tags=["billing"])

LARGEST = 256 * 1024
"""Bytes. The largest events of either provider are a tenth of it."""
HOW = {
    "stripe": "Set STRIPE_WEBHOOK_SECRET to the signing secret of this endpoint.",
    "revenuecat": "Set REVENUECAT_WEBHOOK_AUTHORIZATION to the value that is sent as Authorization.",
}


class ReceivedOut(Schema):
    outcome: Literal["processed", "ignored", "duplicate"] = Field(
        description="Ignored: nothing here depends on it, or something newer is known. Duplicate: it had come before."
    )


@router.post(
    "/billing/webhooks/{provider}",
    response={200: ReceivedOut} | dict.fromkeys((400, 404, 413, 429, 500, 503), ProblemOut),
    operation_id="receive_webhook",
    summary="An event of Stripe or RevenueCat",
    auth=None,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
def receive(
    request: HttpRequest, provider: Annotated[str, Path(description="stripe or revenuecat.", example="stripe")]
) -> HttpResponse | dict[str, str]:
    """For the providers only: what is not signed as agreed, or from another time, is refused. After any other status
    than 200 the event is to be sent again; it never has an effect twice."""
    try:
        protocol = queries.webhook_provider(name=provider)
    except LookupError:
        raise Problem(404, "not_found", "No such provider tells us anything.") from None
    if not protocol.is_heard():
        raise Problem(503, "not_configured", f"Webhooks of this provider are not configured. {HOW[provider]}")
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise Problem(413, "too_large", f"An event has at most {LARGEST} bytes.")
    now = timezone.now()
    try:
        delivery = protocol.believed(body=request.body, headers=request.headers, now=now)
    except rules.Forged as forged:
        return _refuse(request, provider, str(forged))
    except rules.Unreadable:
        raise Problem(400, "unreadable", "This is not what an event looks like.") from None
    answer = commands.receive_webhook(delivery=delivery, now=now)
    _uncount(request)
    if answer is commands.Answer.FAILED:
        raise Problem(500, "failed", "It is kept, and could not be applied. Send it again.")
    return {"outcome": answer.value}


def _refuse(request: HttpRequest, provider: str, why: str) -> HttpResponse:
    """400 or 429. The trail hears of it once a minute for each provider, whichever process it was."""
    if refused := throttling.refusal(request, scope="billing"):
        return refused
    heard = throttling.taken(scope="refused webhooks", who=provider, limit=1, seconds=throttling.MINUTE)
    if heard and not heard.is_over:
        commands.record_refused_webhook(provider=provider, why=why, now=timezone.now())
    raise Problem(400, "refused", "The signature does not hold, or is of another time.")


def _uncount(request: HttpRequest) -> None:
    """A provider may come as often as it has something to say; only what is refused counts."""
    counted = throttling.standings(request)
    for standing in counted:
        throttling.give_back(standing)
    counted.clear()
