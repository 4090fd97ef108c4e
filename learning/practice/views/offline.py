"""What is kept on a device for when there is no network, and what the worker of the browser has to know."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import person_of
from learning.practice import queries
from project.foundation.http import page
from project.foundation.http.build import build

MOST = 120
"""Pages that are kept of one person; a page and what is in it is about 15 KB."""
FRESH = ("home", "practice:practise", "practice:review")
"""What changes with every answer."""
ALWAYS = (
    *FRESH, "practice:offline", "practice:decks", "practice:quizzes", "handbook:plans", "handbook:belts", "more",
    "handbook:glossary",
)  # fmt: skip


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    crumbs = [{"label": _("Practise"), "url": reverse("practice:practise")}]
    return page(request, "practice/offline.html", {"place": "practise", "crumbs": crumbs, "most": MOST})


@never_cache
@require_safe
def offline_pages(request: HttpRequest) -> JsonResponse:
    """Whose device this is, what to keep on it, and a token for what was kept there to be sent."""
    person = person_of(request)
    reading = queries.reading_of(person=person, now=timezone.now())
    return JsonResponse({
        "person": str(person.actor_id),
        "token": get_token(request),
        "version": build(),
        "urls": list(islice(dict.fromkeys(_urls(reading)), MOST)),
        "fresh": [reverse(name) for name in FRESH],
        "under": [reverse("practice:quizzes")],
    })  # fmt: skip


def _urls(reading: queries.Reading) -> Iterator[str]:
    yield from (reverse(name) for name in ALWAYS)
    for name, keys in (
        ("practice:quiz", reading.quizzes),
        ("handbook:belt", reading.belts),
        ("handbook:tul", reading.tuls),
        ("practice:plan-run", reading.plans),
        ("handbook:plan", reading.plans),
        ("handbook:technique", reading.techniques),
        ("handbook:term", reading.terms),
        ("handbook:article", reading.articles),
    ):
        yield from (reverse(name, args=[key]) for key in keys)


def worker(*, viewer: Any, object: Any) -> dict[str, Any]:
    """For the slot "worker.scripts" of the browser's one worker."""
    told = {
        "build": build(),
        "pages": reverse("practice:offline-pages"),
        "fallback": reverse("offline"),
        "files": settings.STATIC_URL,
    }
    return {"told": json.dumps(told)}


def link(*, viewer: Any, object: Any) -> dict[str, Any]:
    """For the slot "more.places"."""
    return {"is_known": viewer.is_authenticated}
