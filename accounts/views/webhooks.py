import json
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST, require_safe

from accounts import commands, queries
from accounts.access import console_only, person_of
from accounts.forms.plans import WebhookFilter
from accounts.models import WebhookEvent
from accounts.rules import webhooks as rules
from project.foundation.http import Problem, cursors, page, see_other

PER_PAGE = 50
WHY = {
    "bought in a sandbox": later("It was bought in a sandbox."),
    "it names nobody of this hall": later("It names nobody of this hall."),
    "none of its prices is a plan of this hall": later("None of its prices is a plan of this hall."),
    "none of its products is a plan of this hall": later("None of its products is a plan of this hall."),
    "nothing here depends on it": later("Nothing here depends on it."),
    "the renewal says when it takes effect": later("The renewal says when it takes effect."),
    "the subscription says so itself": later("The subscription says so itself."),
}
FRAME = {"here": "webhooks", "place": "more"}


@console_only
@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    chosen = WebhookFilter(request.GET, types=queries.webhook_types())
    context = FRAME | {"filter": chosen, "failed": queries.webhooks_failed()}
    if not chosen.is_valid():
        return page(request, "accounts/webhooks/list.html", context, status=422)
    kept = chosen.kept()
    try:
        found = cursors.page(
            queries.webhooks(queries.WebhooksWanted(**kept)), of="webhooks", orderings=queries.WEBHOOK_ORDERINGS,
            ordering="newest", cursor=request.GET.get("after", ""), limit=PER_PAGE,
        )  # fmt: skip
    except Problem:
        context["refused"] = _("This address is not one of the list's own. Begin again with the newest.")
        return page(request, "accounts/webhooks/list.html", context, status=422)
    context |= {"found": found, "kept": kept, "is_first": not request.GET.get("after")}
    context |= {"newest_url": f"?{urlencode(kept)}"}
    context |= {"older_url": f"?{urlencode(kept | {'after': found.next})}" if found.next else ""}
    return page(request, "accounts/webhooks/list.html", context)


@console_only
@require_safe
def webhook(request: HttpRequest, event_id: UUID) -> HttpResponse:
    try:
        event = queries.webhook(event_id=event_id)
    except WebhookEvent.DoesNotExist:
        raise Http404 from None
    context = FRAME | {"event": event, "why": _why(event)}
    context["payload"] = json.dumps(event.payload, indent=2, ensure_ascii=False, sort_keys=True)
    context["may_act"] = queries.Role.OPERATOR in queries.staff_roles(person=request.user)
    return page(request, "accounts/webhooks/detail.html", context)


@console_only
@require_POST
def replay(request: HttpRequest, event_id: UUID) -> HttpResponse:
    try:
        answer = commands.replay_webhook(event_id=event_id, by=person_of(request), now=timezone.now())
    except WebhookEvent.DoesNotExist:
        raise Http404 from None
    except commands.DidNotFail:
        messages.warning(request, _("Nothing was done: this event has been applied meanwhile."))
    else:
        if answer is commands.Answer.FAILED:
            messages.warning(request, _("It has failed again. The error is below."))
        else:
            messages.success(request, _("Done."))
    return see_other("webhook", event_id)


def _why(event: WebhookEvent) -> str:
    """Why an event has no effect, as it would be said today."""
    if event.state != WebhookEvent.State.IGNORED:
        return ""
    try:
        outcome = queries.outcome_of(event=event)
    except (ValueError, LookupError, TypeError):
        return ""
    if isinstance(outcome, rules.Ignored):
        return str(WHY.get(outcome.why, outcome.why))
    return _("Something newer was known, or nobody here has it.")
