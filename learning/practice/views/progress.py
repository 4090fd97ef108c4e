"""How far somebody is, as they say themselves: nothing is written by looking at a page."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.forms.progress import ProgressForm
from learning.practice.models import ItemType, Status
from project.foundation.http import see_other
from project.foundation.http.pages import safe_next


@require_POST
def progress(request: HttpRequest) -> HttpResponse:
    form, now = ProgressForm(request.POST), timezone.now()
    if not form.is_valid():
        raise Http404
    told = form.cleaned_data
    try:
        commands.merge_progress(person=person_of(request), **told, score=0, occurred_at=now, now=now)
    except commands.NoSuchItem:
        raise Http404 from None
    is_known = told["status"] == Status.DONE
    messages.success(request, _("Noted: you know it.") if is_known else _("Noted: you are learning it."))
    return see_other(safe_next(request))


def of_technique(*, viewer: Any, object: Any) -> Mapping[str, Any] | None:
    return _panel(viewer, ItemType.TECHNIQUE, object.slug, reverse("handbook:technique", args=[object.slug]))


def of_tul(*, viewer: Any, object: Any) -> Mapping[str, Any] | None:
    return _panel(viewer, ItemType.TUL, object.slug, reverse("handbook:tul", args=[object.slug]))


def _panel(viewer: Any, item_type: ItemType, item: str, url: str) -> Mapping[str, Any] | None:
    if not viewer.is_authenticated:
        return None
    row = queries.progress_with(person=viewer, item_type=item_type, item=item)
    now = timezone.now()
    streak = queries.streaks_of(person=viewer, items=[(item_type.value, item)], now=now)[item_type.value, item]
    return {
        "item_type": item_type.value,
        "item": item,
        "status": row.status if row else 0,
        "streak": streak.current,
        "in_progress": Status.IN_PROGRESS,
        "done": Status.DONE,
        "next": url,
    }
