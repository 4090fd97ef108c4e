"""What operators press. Every deed asks once, on a page of its own that works without a script."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries as accounts
from accounts.access import console_only
from ops_panel.console import commands, queries
from ops_panel.console.forms import BulkForm, JobFilter, RerunForm
from ops_panel.console.queries import Deed
from project.foundation.http import see_other
from project.foundation.jobs import registry
from project.foundation.jobs import schedules as declared
from project.foundation.jobs.commands import StateMovedOn
from project.foundation.jobs.models import ENDED, OPEN
from project.foundation.jobs.queries import Filter

from .frame import show
from .jobs import found_or_404
from .sentences import moved_on, told

_MANY = {Deed.CANCEL: commands.cancel_many, Deed.RERUN: commands.rerun_many, Deed.CLEAN_UP: commands.clean_up_many}


@console_only
@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: HttpRequest, job_id: UUID) -> HttpResponse:
    accounts.require_role(accounts.Role.OPERATOR, person=request.user)
    job = found_or_404(job_id)
    if request.method == "POST":
        try:
            commands.cancel_job(by=request.user, job_id=job_id, now=timezone.now())
        except StateMovedOn as moved:
            messages.warning(request, moved_on(moved.state))
        else:
            messages.success(request, _("Canceled."))
    elif job.state in ENDED:
        messages.warning(request, moved_on(job.state))
    else:
        return show(request, "cancellation", {"here": "jobs", "job": job})
    return see_other("console:job", job_id)


@console_only
@require_http_methods(["GET", "HEAD", "POST"])
def rerun(request: HttpRequest, job_id: UUID) -> HttpResponse:
    accounts.require_role(accounts.Role.OPERATOR, person=request.user)
    job, form = found_or_404(job_id), RerunForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _run_again(request, job_id, form.cleaned_data["why"])
    if job.state in OPEN:
        messages.warning(request, moved_on(job.state))
        return see_other("console:job", job_id)
    return show(request, "rerun", {"here": "jobs", "job": job, "form": form}, status=422 if form.errors else 200)


def _run_again(request: HttpRequest, job_id: UUID, why: str) -> HttpResponse:
    try:
        job_id = commands.rerun_job(by=request.user, job_id=job_id, why=why, now=timezone.now()).pk
    except StateMovedOn as moved:
        messages.warning(request, moved_on(moved.state))
    except registry.UnknownKind:
        messages.warning(request, _("Nothing was done: nobody in the hall does this kind of work any more."))
    else:
        messages.success(request, _("Asked for again. This is the new job."))
    return see_other("console:job", job_id)


@console_only
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_job(request: HttpRequest, name: str) -> HttpResponse:
    accounts.require_role(accounts.Role.OPERATOR, person=request.user)
    try:
        schedule = declared.named(name)
    except declared.UnknownSchedule:
        raise Http404 from None
    if request.method != "POST":
        return show(request, "schedule_job", {"here": "schedules", "schedule": schedule})
    job = commands.run_schedule(by=request.user, name=name, now=timezone.now())
    messages.success(request, _("Asked for. This is its job."))
    return see_other("console:job", job.pk)


@console_only
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    accounts.require_role(accounts.Role.OPERATOR, person=request.user)
    now, form = timezone.now(), BulkForm(request.POST)
    chosen = JobFilter(request.POST, kinds=queries.kinds())
    if not form.is_valid() or not chosen.is_valid():
        context = {"here": "jobs", "filter": chosen, "refused": _("That cannot be done. Begin again from the list.")}
        return show(request, "jobs", context, status=422)
    asked, back = form.cleaned_data, reverse("console:jobs", query=chosen.kept())
    wanted = replace(chosen.wanted(now=now), until=asked["until"] or now)
    if not asked["all"] and not asked["job"]:
        messages.info(request, _("No job is selected yet."))
    elif asked["confirmed"]:
        jobs: commands.Chosen = wanted if asked["all"] else asked["job"]
        report = _MANY[Deed(asked["action"])](by=request.user, jobs=jobs, now=now)
        for level, sentence in told(report, Deed(asked["action"])):
            messages.add_message(request, level, sentence)
    else:
        return _ask_once(request, asked, chosen, wanted, back)
    return see_other(back)


def _ask_once(
    request: HttpRequest, asked: dict[str, Any], chosen: JobFilter, wanted: Filter, back: str
) -> HttpResponse:
    """The question, with how many jobs the answer concerns. Jobs asked for after it are not meant (`until`)."""
    deed = Deed(asked["action"])
    number, is_all = queries.counted(queries.candidates(deed, wanted)) if asked["all"] else (len(asked["job"]), True)
    context = {"here": "jobs", "deed": deed, "asked": asked, "kept": chosen.kept(), "until": wanted.until, "back": back}
    return show(request, "bulk", context | {"number": number, "is_all": is_all, "most": commands.AT_ONCE})
