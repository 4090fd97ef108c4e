from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import console_only
from ops_panel.console import commands, queries
from ops_panel.console.forms import ExportForm, TrailFilter
from project.foundation.audit import queries as audited
from project.foundation.http import Problem, cursors, see_other
from project.foundation.http.streaming import streamed

from . import lines
from .frame import show

PER_PAGE = 50


@console_only
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    chosen, after = _asked(request.GET), request.GET.get("after", "")
    if not chosen.is_valid():
        return _refuse(request, chosen)
    kept, wanted = chosen.kept(), chosen.wanted()
    if kept.get("actor", "") != request.GET.get("actor", ""):
        return redirect(_address(request, kept))  # an address of a page is shown around: no e-mail address in it
    try:
        found = cursors.page(
            queries.trail(wanted), of="console trail", orderings=audited.ORDERINGS, ordering="newest",
            cursor=after, limit=PER_PAGE,
        )  # fmt: skip
    except Problem:
        return _refuse(request, chosen, _("This address is not one of the list's own. Begin again with the newest."))
    context = {"found": found, "kept": kept, "names": queries.people_of(found.items, chosen=wanted.actor)}
    return _shown(request, chosen, context | addresses(request, kept, found))


@console_only
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    job = commands.check_trail(by=request.user, now=timezone.now())
    messages.success(request, _("Asked for. This is its job."))
    return see_other("console:job", job.pk)


@console_only
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    now, chosen, form = timezone.now(), _asked(request.POST), ExportForm(request.POST)
    if not chosen.is_valid() or not form.is_valid():
        return _refuse(request, chosen, _("That cannot be done. Begin again from the list.") if form.errors else "")
    kind = form.cleaned_data["form"]
    events = commands.export_trail(by=request.user, wanted=chosen.wanted(), form=kind, now=now)
    content_type, written = lines.WAYS[kind]
    name = f"audit-{timezone.localdate(now)}.{kind}"
    return streamed(request, written(events), content_type=content_type, filename=name)


def _asked(given: QueryDict) -> TrailFilter:
    return TrailFilter(given, types=audited.types(), object_types=audited.object_types())


def _refuse(request: HttpRequest, chosen: TrailFilter, why: str = "") -> HttpResponse:
    return _shown(request, chosen, {"refused": why}, status=422)


def addresses(request: HttpRequest, kept: dict[str, str], found: cursors.Page[Any]) -> dict[str, object]:
    """Where a list leads."""
    return {
        "is_first": not request.GET.get("after"),
        "newest_url": _address(request, kept),
        "older_url": _address(request, kept | {"after": found.next}) if found.next else "",
    }


def _address(request: HttpRequest, query: dict[str, str]) -> str:
    return f"{request.path}?{urlencode(query)}" if query else request.path


def _shown(request: HttpRequest, chosen: TrailFilter, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    frame = {"here": "audit", "filter": chosen, "chain": queries.chain()}
    frame["may_export"] = queries.may_export(request.user)
    return show(request, "trail", frame | context, status=status)
