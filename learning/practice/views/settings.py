"""How somebody practises, and the grading that it is for."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.forms.practice import SettingsForm
from project.foundation.http import page, see_other

RETENTIONS = (0.70, 0.80, 0.85, 0.90, 0.95, 0.97)
"""For which the page says how many reviews a day they mean."""
SEEN = 0.5
"""Reviews a day from which these numbers say anything: below, all of them are about 0."""
SHOWN = 28
"""Days of a plan that are listed."""


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    learner, today = queries.learner_of(person=person), queries.practice_day(person=person, now=now).on
    form = SettingsForm(request.POST if request.method == "POST" else None, learner=learner, today=today)
    if form.is_valid():
        commands.change_settings(person=person, now=now, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return see_other("practice:settings")
    loads = queries.daily_load(person=person, retentions=sorted({*RETENTIONS, learner.retention}))
    context = {
        "place": "practise",
        "form": form,
        "learner": learner,
        "loads": _rows(loads, learner.retention) if loads and max(loads.values()) >= SEEN else [],
    }
    return page(request, "practice/settings.html", context, status=422 if form.errors else 200)


def _rows(loads: Mapping[float, float], mine: float) -> list[tuple[int, float, bool]]:
    """Percent, reviews a day, and whether it is the learner's own."""
    return [(round(each * 100), load, each == mine) for each, load in loads.items()]


@require_safe
def aim(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    found = queries.aim(person=person, now=now)
    context: dict[str, Any] = {"place": "practise", "aim": found}
    if found is not None:
        context |= {
            "loads": [found.less, found.chosen, found.more],
            "days": found.load[:SHOWN],
            "further": max(0, len(found.load) - SHOWN),
            "most": max((number for _, number in found.load), default=0) or 1,
        }
    return page(request, "practice/grading.html", context)
