"""A training plan on the timer, and what is noted when it was done."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.forms.running import FinishForm
from learning.practice.rules import timer
from project.foundation.http import page, see_other


@login_not_required
@require_safe
def plan_run(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _run(request, slug), FinishForm())


@require_POST
def plan_finish(request: HttpRequest, slug: str) -> HttpResponse:
    run, now, form = _run(request, slug), timezone.now(), FinishForm(request.POST)
    if not form.is_valid():
        return _page(request, run, form)
    seconds, occurred_at = form.told(of=run.seconds, now=now)
    status, score = timer.standing(seconds=seconds, of=run.seconds)
    commands.merge_progress(
        person=person_of(request), item_type="plan", item=slug, status=status, score=score, occurred_at=occurred_at,
        now=now,
    )  # fmt: skip
    messages.success(request, _("It is noted: you have trained this plan."))
    return see_other("handbook:plan", slug)


def start(*, viewer: Any, object: Any) -> dict[str, Any]:
    """For the slot "plan.actions" of a plan's page."""
    return {"slug": object.slug}


def _run(request: HttpRequest, slug: str) -> queries.Run:
    try:
        return queries.plan_run(slug=slug, viewer=request.user, now=timezone.now())
    except ObjectDoesNotExist:
        raise Http404 from None


def _page(request: HttpRequest, run: queries.Run, form: FinishForm) -> HttpResponse:
    context = {
        "run": run,
        "told": run.as_told() | {"words": _words(), "enough": timer.ENOUGH},
        "client_id": uuid4(),
        "form": form,
        "place": "handbook",
    }
    return page(request, "practice/plan_run.html", context, status=422 if form.errors else 200)


def _words() -> dict[str, str]:
    """What the script says, and the tempi of a tul. It puts numbers and names in."""
    return {
        "ready": _("Get ready"),
        "work": _("Work"),
        "rest": _("Rest"),
        "paused": _("Paused"),
        "done": _("Done"),
        "round": _("Round {round} of {rounds}"),
        "next": _("Next: {name}"),
        "last": _("This is the last one."),
        "movement": _("Movement {number} of {all}"),
        "say_ready": _("Get ready: {name}"),
        "say_work": _("Work, {seconds} seconds: {name}"),
        "say_rest": _("Rest, {seconds} seconds. Next: {name}"),
        "noted": _("It is noted."),
        "kept": _("It is noted on this device and will be sent."),
        "normal": _("normal"),
        "slow": _("slow"),
        "fast": _("fast"),
        "connecting": _("connecting"),
        "continuous": _("continuous"),
        "natural": _("natural"),
    }
