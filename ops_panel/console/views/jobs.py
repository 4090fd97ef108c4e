import json
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import console_only
from ops_panel.console import queries
from ops_panel.console.forms import JobFilter, ListShown
from project.foundation.http import Problem, cursors
from project.foundation.jobs import queries as rows
from project.foundation.jobs.models import Job
from project.foundation.jobs.queries import Filter

from .facts import facts
from .frame import asks_again, fragments, show

PER_PAGE = 50
ORDERINGS = {"newest": ["-queued_at", "-id"]}


@console_only
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    now, chosen = timezone.now(), JobFilter(request.GET, kinds=queries.kinds())
    context = {"here": "jobs", "filter": chosen, "now": now}
    if not chosen.is_valid():
        return show(request, "jobs", context, status=422)
    wanted, after = chosen.wanted(now=now), request.GET.get("after", "")
    if asks_again(request):
        return fragments(request, "jobs", context | _still_shown(request, wanted))
    try:
        found = cursors.page(
            rows.jobs(wanted), of="console jobs", orderings=ORDERINGS, ordering="newest", cursor=after, limit=PER_PAGE
        )
    except Problem:
        context["refused"] = _("This address is not one of the list's own. Begin again with the newest.")
        return show(request, "jobs", context, status=422)
    context |= {"found": found, "names": queries.names_of(found.items), "number": rows.number_of(wanted)}
    context |= _addresses(request, chosen, found)
    return show(request, "jobs", context)


def _addresses(request: HttpRequest, chosen: JobFilter, found: cursors.Page[Job]) -> dict[str, object]:
    """Where the list leads, and what an open page asks for again: the jobs that stand on it."""
    kept = chosen.kept()
    is_first = not request.GET.get("after")
    shown = {"shown": ",".join(each.pk.hex for each in found.items)} | ({"first": "1"} if is_first else {})
    return {
        "kept": kept,
        "is_first": is_first,
        "newest_url": f"{request.path}?{urlencode(kept)}" if kept else request.path,
        "older_url": f"{request.path}?{urlencode(kept | {'after': found.next})}" if found.next else "",
        "live_url": f"{request.path}?{urlencode(kept | shown)}",
    }


def _still_shown(request: HttpRequest, wanted: Filter) -> dict[str, object]:
    form = ListShown(request.GET)
    if not form.is_valid():
        return {}
    shown = form.cleaned_data["shown"]
    context: dict[str, object] = {"rows": queries.rows_of(shown), "number": rows.number_of(wanted)}
    if form.cleaned_data["first"]:
        context["newer"] = queries.newer_than(shown[0] if shown else None, wanted)
    return context


@console_only
@require_safe
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    found, now = found_or_404(job_id), timezone.now()
    context = {
        "here": "jobs",
        "job": found,
        "facts": facts(found),
        "now": now,
        "result": _written(found.result) if found.result is not None else "",
    }
    if asks_again(request):
        return fragments(request, "job", context)
    context |= {"relatives": queries.relatives(found), "arguments": _written(found.arguments)}
    context["names"] = queries.names_of([found])
    return show(request, "job", context)


def found_or_404(job_id: UUID) -> Job:
    try:
        return rows.job(job_id)
    except Job.DoesNotExist:
        raise Http404 from None


def _written(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
