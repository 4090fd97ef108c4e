from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import console_only
from ops_panel.console import queries
from ops_panel.console.forms import FailureFilter
from project.foundation.http import Problem, cursors
from project.foundation.outbound import queries as outbound

from .frame import show
from .trail import addresses

PER_PAGE = 50
ORDERINGS = {"newest": ["-last_at", "-id"]}


@console_only
@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    now, chosen = timezone.now(), FailureFilter(request.GET, services=queries.failed_services())
    context = {"here": "errors", "filter": chosen, "now": now, "services": outbound.services(now=now)}
    if not chosen.is_valid():
        return show(request, "errors", context, status=422)
    kept, failures = chosen.kept(), outbound.errors(**chosen.wanted(now=now))
    try:
        found = cursors.page(
            failures, of="console errors", orderings=ORDERINGS, ordering="newest",
            cursor=request.GET.get("after", ""), limit=PER_PAGE,
        )  # fmt: skip
    except Problem:
        context["refused"] = _("This address is not one of the list's own. Begin again with the newest.")
        return show(request, "errors", context, status=422)
    return show(request, "errors", context | {"found": found, "kept": kept} | addresses(request, kept, found))
