"""What somebody's log tells about their memory, drawn on the server."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import person_of
from learning.practice import picture, queries
from learning.practice.rules.fitting import AT_LEAST
from project.foundation.http import page


@require_safe
def stats(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    found = queries.stats(person=person, now=now)
    context = {
        "place": "practise",
        "stats": found,
        "fitted_from": AT_LEAST,
        "streak": queries.streak_of(person=person, now=now),
        "year": picture.year(found),
        "retention": picture.retention(found),
        "load": picture.load(found),
        "stabilities": picture.stabilities(found),
        "forgetting": picture.forgetting(found),
        "minutes": picture.minutes(found),
    }
    return page(request, "practice/stats.html", context)
