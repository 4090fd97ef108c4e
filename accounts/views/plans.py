from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import commands, entitlement_tokens, queries, stripe
from accounts.access import console_only, person_of
from accounts.forms.plans import GivenPlanForm, PersonForm
from accounts.models import Subscription
from accounts.rules import PLANS, Plan
from project.foundation.http import Problem, cursors, page, see_other
from project.foundation.outbound import ServiceError

PER_PAGE = 50
ORDERINGS = {"newest": ["-created_at", "-id"]}
TAKEN = {
    commands.HasPlan: later("You have this plan already."),
    commands.HadTrial: later("You have tried this plan before. A trial is once for each plan."),
    commands.NotSoldHere: later("This cannot be done here. Look at what each plan offers."),
}


@login_not_required
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    return _shown(request)


@require_POST
def checkout(request: HttpRequest, plan: str) -> HttpResponse:
    _known(plan)
    return _leave_for(
        request, lambda: commands.begin_checkout(person=person_of(request), plan=plan, now=timezone.now())
    )


@require_POST
def portal(request: HttpRequest) -> HttpResponse:
    return _leave_for(request, lambda: commands.open_portal(person=person_of(request)))


@require_POST
def trial(request: HttpRequest, plan: str) -> HttpResponse:
    _known(plan)
    try:
        commands.start_trial(person=person_of(request), plan=plan, now=timezone.now())
    except tuple(TAKEN) as refused:
        return _shown(request, refused=_refusal(refused), status=422)
    messages.success(request, _("Your trial has begun."))
    return see_other("plans")


@login_not_required
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(entitlement_tokens.key_set())
    response["Cache-Control"] = "public, max-age=300"
    return response


# --- For operators --------------------------------------------------------------------------------


@console_only
@require_http_methods(["GET", "HEAD", "POST"])
def given(request: HttpRequest) -> HttpResponse:
    form = GivenPlanForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _given(request, form=form, status=422 if form.errors else 200)
    asked = form.cleaned_data
    try:
        commands.give_plan(
            person=asked["email"], plan=asked["plan"], until=asked["until"], seats=asked["seats"],
            by=person_of(request), now=timezone.now(),
        )  # fmt: skip
    except commands.HasPlan:
        form.add_error("plan", _("They have this plan already."))
        return _given(request, form=form, status=422)
    messages.success(request, _("Given."))
    return see_other("plans-given")


@console_only
@require_POST
def given_to(request: HttpRequest) -> HttpResponse:
    """An address of a page is shown around, so it names people by their pseudonym."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _given(request, finder=form, status=422)
    return see_other(reverse("plans-given", query={"person": str(form.cleaned_data["email"].actor_id)}))


@console_only
@require_http_methods(["GET", "HEAD", "POST"])
def given_end(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    queries.require_role(queries.Role.OPERATOR, person=request.user)
    found = queries.plans_given().filter(pk=subscription_id).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        context = {"here": "plans", "place": "more", "given": found}
        return page(request, "accounts/plans/given_end.html", context)
    try:
        commands.end_plan(subscription_id=subscription_id, by=person_of(request), now=timezone.now())
        messages.success(request, _("Ended."))
    except commands.NothingToEnd:
        messages.warning(request, _("Nothing was done: this plan has ended already."))
    return see_other("plans-given")


def _given(
    request: HttpRequest, *, form: GivenPlanForm | None = None, finder: PersonForm | None = None, status: int = 200
) -> HttpResponse:
    person = queries.person_called(request.GET.get("person", ""))
    context: dict[str, Any] = {"here": "plans", "place": "more", "now": timezone.now(), "person": person}
    context["form"] = form or GivenPlanForm(initial={"email": person.email} if person else None, auto_id="give_%s")
    context["finder"] = finder or PersonForm(auto_id="find_%s")
    context["may_act"] = queries.Role.OPERATOR in queries.staff_roles(person=request.user)
    try:
        context["found"] = cursors.page(
            queries.plans_given(person=person), of="plans given", orderings=ORDERINGS, ordering="newest",
            cursor=request.GET.get("after", ""), limit=PER_PAGE,
        )  # fmt: skip
    except Problem:
        context["refused"] = _("This address is not one of the list's own. Begin again with the newest.")
        status = 422
    return page(request, "accounts/plans/given.html", context, status=status)


# --- Both -----------------------------------------------------------------------------------------


def _shown(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    held = queries.subscriptions_of(person=request.user) if request.user.is_authenticated else []
    live = {each.plan: each for each in reversed(held) if each.standing.is_live(now)}
    offers = [_Offer(plan, live.get(plan.key), _can_try(plan, held)) for plan in PLANS.values()]
    context = {
        "place": "more", "refused": refused, "offers": offers,
        "current": queries.plan_of(person=request.user, now=now) if held else None, "sells": stripe.is_configured(),
        "pays": any(each.provider == Subscription.Provider.STRIPE and each.customer for each in held),
        "paid": request.GET.get("paid") in PLANS,
    }  # fmt: skip
    return page(request, "accounts/plans/plans.html", context, status=status)


@dataclass(frozen=True)
class _Offer:
    """A plan as somebody sees it; `held` is theirs while it lives."""

    plan: Plan
    held: Subscription | None
    can_try: bool

    @property
    def price(self) -> str:
        return f"{formats.number_format(Decimal(self.plan.price.minor) / 100, 2)} {self.plan.price.currency}"


def _can_try(plan: Plan, held: Sequence[Subscription]) -> bool:
    return plan.trial_days > 0 and all(each.plan != plan.key for each in held)


def _leave_for(request: HttpRequest, address: Callable[[], str]) -> HttpResponse:
    """To a page of Stripe's, or back to ours with a sentence."""
    try:
        return see_other(address())
    except tuple(TAKEN) as refused:
        return _shown(request, refused=_refusal(refused), status=422)
    except ServiceError:
        why = _("The payment service does not answer as it should. Nothing was paid. Try again in a few minutes.")
        return _shown(request, refused=why, status=503)


def _known(plan: str) -> None:
    if plan not in PLANS:
        raise Http404


def _refusal(refused: Exception) -> str:
    return str(TAKEN[type(refused)])
