"""The first page: for strangers what there is, for learners what this day has for them."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import person_of
from learning.handbook import queries as handbook
from learning.practice import queries
from project.foundation.belts import LOWEST
from project.foundation.http import page, see_other


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return page(request, "practice/welcome.html", _welcome())
    day = queries.today(person=person_of(request), now=timezone.now())
    return page(request, "practice/home.html", {"place": "today", "day": day})


@require_safe
def expected(request: HttpRequest) -> HttpResponse:
    """A piece of that page, asked for when it stands: to foresee the grading day may take longer than all the rest."""
    if not request.htmx:  # type: ignore[attr-defined]
        return see_other("practice:aim")
    aim = queries.aim(person=person_of(request), now=timezone.now())
    return page(request, "practice/_expected.html", {"aim": aim})


def _welcome() -> dict[str, Any]:
    now = timezone.now()
    return {
        "place": "today",
        "tuls": handbook.tuls(now=now, kind="tul")[:9],
        "syllabi": handbook.syllabi(now=now),
        "newest": handbook.techniques(now=now, belt=LOWEST)[:6],
    }
