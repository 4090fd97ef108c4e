"""Gradings of a club: planned, filled, judged on the day, closed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import commands, queries
from accounts.access import person_of
from accounts.forms.belts import EnrolForm, GradingForm, ResultForm
from accounts.models import Candidate, Club, Grading, Part
from accounts.rules import Action
from project.foundation.http import page, see_other

from .belts import REFUSALS, sentence

View = Callable[..., HttpResponse]


def of_a_grading(view: View) -> View:
    """What is not there, or is somebody else's, is not found. Who may not do it is refused (403)."""

    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Club.DoesNotExist, Grading.DoesNotExist, Candidate.DoesNotExist):
            raise Http404 from None

    return found


@require_safe
@of_a_grading
def gradings(request: HttpRequest, club_id: UUID) -> HttpResponse:
    days = queries.gradings_of_club(viewer=request.user, club_id=club_id, now=timezone.now())
    return page(request, "accounts/belts/gradings.html", {"days": days, "club": days.club, "place": "club"})


@require_http_methods(["GET", "POST"])
@of_a_grading
def planning(request: HttpRequest, club_id: UUID) -> HttpResponse:
    by = person_of(request)
    club = queries.membership(viewer=by, club_id=club_id, action=Action.TEACH).club
    form = GradingForm(request.POST or None, examiners=queries.examiners_for(club=club))
    if form.is_valid():
        grading = commands.plan_grading(club=club, by=by, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("The day is set. Enrol the first candidates."))
        return see_other("grading", grading.pk)
    context = {"form": form, "club": club, "place": "club"}
    return page(request, "accounts/belts/grading_form.html", context, status=422 if form.errors else 200)


@require_safe
@of_a_grading
def grading(request: HttpRequest, grading_id: UUID) -> HttpResponse:
    sheet = queries.grading(viewer=request.user, grading_id=grading_id)
    if not sheet.holds:
        return page(request, "accounts/belts/grading_card.html", {"sheet": sheet, "place": "club"})
    return _sheet(request, sheet)


@require_http_methods(["GET", "POST"])
@of_a_grading
def grading_settings(request: HttpRequest, grading_id: UUID) -> HttpResponse:
    by, sheet = person_of(request), queries.grading_held(viewer=request.user, grading_id=grading_id)
    day = sheet.grading
    initial = {name: getattr(day, name) for name in ("held_on", "place", "examiner", "guest_examiner", "parts")}
    examiners = queries.examiners_for(club=day.club) if day.club else [by]
    form = GradingForm(request.POST or None, initial=initial, examiners=examiners)
    if form.is_valid():
        try:
            commands.change_grading(grading=day, by=by, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return see_other("grading", grading_id)
        except REFUSALS as refused:
            form.add_error(None, sentence(refused))
    context = {"form": form, "grading": day, "club": day.club, "place": "club"}
    return page(request, "accounts/belts/grading_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@of_a_grading
def cancellation(request: HttpRequest, grading_id: UUID) -> HttpResponse:
    sheet, refusal = queries.grading_held(viewer=request.user, grading_id=grading_id), ""
    if request.method == "POST":
        try:
            commands.cancel_grading(grading=sheet.grading, by=person_of(request), now=timezone.now())
            messages.success(request, _("The grading is called off."))
            return see_other("grading", grading_id)
        except REFUSALS as refused:
            refusal = sentence(refused)
    context = {"sheet": sheet, "refusal": refusal, "place": "club"}
    return page(request, "accounts/belts/cancellation.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@of_a_grading
def closure(request: HttpRequest, grading_id: UUID) -> HttpResponse:
    """Asks before it makes the results final."""
    sheet, refusal = queries.grading_held(viewer=request.user, grading_id=grading_id), ""
    if request.method == "POST":
        try:
            awards = commands.close_grading(grading=sheet.grading, by=person_of(request), now=timezone.now())
            said = ngettext("Closed. {count} belt was awarded.", "Closed. {count} belts were awarded.", len(awards))
            messages.success(request, said.format(count=len(awards)))
            return see_other("grading", grading_id)
        except REFUSALS as refused:
            refusal = sentence(refused)
    context = {"sheet": sheet, "refusal": refusal, "place": "club"}
    return page(request, "accounts/belts/closure.html", context, status=422 if refusal else 200)


@require_safe
@of_a_grading
def candidate_list(request: HttpRequest, grading_id: UUID) -> HttpResponse:
    """For the examiner's board: names, belts, and empty boxes for a pencil."""
    sheet = queries.grading_held(viewer=request.user, grading_id=grading_id)
    parts = [Part(each).label for each in sheet.grading.parts]
    return page(request, "accounts/belts/candidate_list.html", {"sheet": sheet, "parts": parts, "place": "club"})


@require_POST
@of_a_grading
def enrolment(request: HttpRequest, grading_id: UUID) -> HttpResponse:
    sheet = queries.grading_held(viewer=request.user, grading_id=grading_id)
    form, refusal = EnrolForm(request.POST), _("Choose a member and a belt.")
    if form.is_valid():
        person = queries.member_of(grading=sheet.grading, actor=form.cleaned_data["person"])
        try:
            commands.enrol(
                grading=sheet.grading, person=person, belt=form.cleaned_data["belt"], by=person_of(request),
                now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("{name} is on the list.").format(name=person))
            return see_other("grading", grading_id)
        except REFUSALS as refused:
            refusal = sentence(refused)
    return _sheet(request, sheet, refusal=refusal)


@require_http_methods(["GET", "POST"])
@of_a_grading
def candidate(request: HttpRequest, candidate_id: UUID) -> HttpResponse:
    """How it went with one candidate; the grading's page swaps this piece in as it is saved."""
    by = person_of(request)
    entry = queries.entry(viewer=by, candidate_id=candidate_id)
    form, refusal = ResultForm(request.POST if request.method == "POST" else None, entry=entry), ""
    if form.is_valid():
        try:
            commands.record_result(candidate=entry.candidate, by=by, now=timezone.now(), **form.said())
            return _saved(request, candidate_id)
        except REFUSALS as refused:
            refusal = sentence(refused)
    return _card(request, entry, form, refusal=refusal)


@require_POST
@of_a_grading
def withdrawal(request: HttpRequest, candidate_id: UUID) -> HttpResponse:
    by = person_of(request)
    entry = queries.entry(viewer=by, candidate_id=candidate_id)
    try:
        commands.withdraw(candidate=entry.candidate, by=by, now=timezone.now())
        messages.success(request, _("{name} is off the list.").format(name=entry.candidate.person))
    except REFUSALS as refused:
        messages.error(request, sentence(refused))
    return see_other("grading", entry.candidate.grading_id)


def _sheet(request: HttpRequest, sheet: queries.Sheet, *, refusal: str = "") -> HttpResponse:
    day = sheet.grading
    can_be_enrolled = [] if day.is_over else queries.enrollable(grading=day)
    context = {
        "sheet": sheet,
        "refusal": refusal,
        "place": "club",
        "is_today_or_past": day.held_on <= timezone.localdate(),
        "judged": [(entry, None if day.is_over else ResultForm(entry=entry)) for entry in sheet.entries],
        "enrollable": [(each, _enrol_form(each)) for each in can_be_enrolled],
    }
    return page(request, "accounts/belts/grading.html", context, status=422 if refusal else 200)


def _saved(request: HttpRequest, candidate_id: UUID) -> HttpResponse:
    """To the grading's page, or to htmx the piece as it stands now."""
    entry = queries.entry(viewer=request.user, candidate_id=candidate_id)
    if request.htmx:  # type: ignore[attr-defined]
        return _card(request, entry, ResultForm(entry=entry), saved=True)
    messages.success(request, _("Saved: {name}.").format(name=entry.candidate.person))
    return see_other(f"{reverse('grading', args=[entry.candidate.grading_id])}#candidate-{candidate_id}")


def _card(
    request: HttpRequest, entry: queries.GradingEntry, form: ResultForm, *, refusal: str = "", saved: bool = False
) -> HttpResponse:
    context = {
        "entry": entry,
        "form": form,
        "refusal": refusal,
        "saved": saved,
        "grading": entry.candidate.grading,
        "place": "club",
    }
    status = 422 if form.errors or refusal else 200
    return page(request, "accounts/belts/candidate.html", context, fragment="candidate", status=status)


def _enrol_form(each: queries.Enrollable) -> EnrolForm:
    actor = each.person.actor_id
    return EnrolForm(initial={"person": actor, "belt": each.next}, auto_id=f"e{actor.hex[:12]}_%s")
