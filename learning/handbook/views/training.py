"""Training plans: those there are, one of them, and writing, copying, changing and deleting one's own."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries as people
from accounts.access import person_of
from learning.handbook import commands, queries
from learning.handbook.forms import Catalogue, PlanForm
from learning.handbook.forms.plans import MINE
from learning.handbook.models import TrainingPlan
from learning.handbook.rules import plans as rules
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http import page, see_other

View = Callable[..., HttpResponse]


def of_a_plan(view: View) -> View:
    """A plan that is not there, or is somebody else's, is not found."""

    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TrainingPlan.DoesNotExist:
            raise Http404 from None

    return found


@login_not_required
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    context = {"shelf": queries.plan_shelf(viewer=request.user), "place": "handbook"}
    return page(request, "handbook/plans.html", context)


@login_not_required
@require_safe
@of_a_plan
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    sheet = queries.plan(slug=slug, viewer=request.user, now=timezone.now())
    may_change = queries.may_change(plan=sheet.plan, viewer=request.user)
    return page(request, "handbook/plan.html", {"sheet": sheet, "may_change": may_change, "place": "handbook"})


@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    club, worn = request.GET.get("club") or MINE, people.belt_of(person=person_of(request))
    belt = LOWEST if worn is None or club != MINE else max(worn, FIRST_DAN)
    form = _form(request, belt=belt, club=club)
    if form.draft is not None:
        saved = _created(request, form, commands.create_plan)
        if saved:
            return saved
    return _page(request, form, {})


@require_http_methods(["GET", "HEAD", "POST"])
@of_a_plan
def plan_copy(request: HttpRequest, slug: str) -> HttpResponse:
    original = queries.plans(viewer=request.user).get(slug=slug)
    form = _form(request, plan=original)
    if form.draft is not None:
        saved = _created(request, form, commands.copy_plan, slug=slug)
        if saved:
            return saved
    return _page(request, form, {"original": original})


@require_http_methods(["GET", "HEAD", "POST"])
@of_a_plan
def plan_change(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.plan_to_change(slug=slug, viewer=request.user)
    form, stands = _form(request, plan=found, new=False), _stands(found)
    began_with = request.POST.get("began_with", stands)
    if form.draft is not None:
        try:
            changed = commands.change_plan(
                person=person_of(request), slug=slug, draft=form.draft, began_with=began_with, language=_language(),
                now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("Saved.") if changed else _("Nothing was different."))
            return see_other("handbook:plan", slug)
        except commands.PlanOvertaken:
            form.errors.append(
                _("Somebody changed this plan while you were writing. Save once more to put yours over theirs.")
            )
            began_with = stands
    return _page(request, form, {"plan": found, "began_with": began_with})


@require_http_methods(["GET", "HEAD", "POST"])
@of_a_plan
def plan_removal(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.plan_to_change(slug=slug, viewer=request.user)
    if request.method == "POST":
        commands.delete_plan(person=person_of(request), slug=slug, now=timezone.now())
        messages.success(request, _("The plan is deleted."))
        return see_other("handbook:plans")
    return page(request, "handbook/plan_removal.html", {"plan": found, "place": "handbook"})


def _form(
    request: HttpRequest, *, plan: TrainingPlan | None = None, belt: int = LOWEST, club: str = MINE, new: bool = True
) -> PlanForm:
    return PlanForm(
        request.POST if request.method == "POST" else None,
        catalogue=Catalogue(queries.things(now=timezone.now(), plan=plan), language=_language()),
        clubs=queries.clubs_to_write_for(viewer=request.user) if new else (),
        begins=queries.draft_of(plan=plan, language=_language()) if plan else None,
        belt=belt,
        club=club,
    )


def _created(request: HttpRequest, form: PlanForm, create: Callable[..., Any], **facts: Any) -> HttpResponse | None:
    """Keep a new plan; None when it was refused, and then the form says why."""
    club = UUID(form.club) if form.club else None
    facts |= {"person": person_of(request), "draft": form.draft, "language": _language(), "now": timezone.now()}
    try:
        made = create(club=club, **facts)
    except commands.TooManyPlans:
        form.errors.append(_too_many(is_clubs=club is not None))
        return None
    messages.success(request, _("The plan is saved. You can start it at once."))
    return see_other("handbook:plan", made.slug)


def _too_many(*, is_clubs: bool) -> str:
    said = (
        ngettext(
            "The club has %(most)s plan already. Delete one that it does not need.",
            "The club has %(most)s plans already. Delete one that it does not need.",
            rules.MOST_PLANS,
        )
        if is_clubs
        else ngettext(
            "You have %(most)s plan already. Delete one that you do not need.",
            "You have %(most)s plans already. Delete one that you do not need.",
            rules.MOST_PLANS,
        )
    )
    return said % {"most": rules.MOST_PLANS}


def _stands(plan: TrainingPlan) -> str:
    return rules.mark(queries.draft_of(plan=plan, language=_language()))


def _language() -> str:
    return get_language() or "en"


def _page(request: HttpRequest, form: PlanForm, context: dict[str, Any]) -> HttpResponse:
    wrong = form.is_sent and not form.is_valid
    context |= {"form": form, "place": "handbook"}
    return page(request, "handbook/plan_form.html", context, fragment="plan-form", status=422 if wrong else 200)
