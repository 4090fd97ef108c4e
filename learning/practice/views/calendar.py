"""The calendar: its page, and the feed that programs read without signing in."""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.models import Learner
from project.foundation.http import page, see_other
from project.foundation.http.conditional import is_held


@never_cache
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """My calendar's address. A POST makes one, or a new one in the place of the old."""
    person, now = person_of(request), timezone.now()
    if request.method == "POST":
        commands.open_calendar(person=person, now=now)
        messages.success(request, _("Your calendar has a new address. Only it leads there."))
        return see_other("practice:calendar")
    url = queries.calendar_url(person=person)
    context = {
        "place": "practise",
        "crumbs": [{"label": _("Practise"), "url": reverse("practice:practise")}],
        "url": url,
        "subscription": f"webcal:{url.partition(':')[2]}" if url else "",
        "days": queries.reviews_ahead(person=person, now=now).items(),
    }
    return page(request, "practice/calendar.html", context)


@require_POST
def calendar_closure(request: HttpRequest) -> HttpResponse:
    commands.close_calendar(person=person_of(request), now=timezone.now())
    messages.success(request, _("The address leads nowhere any more."))
    return see_other("practice:calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever gave this address away. One that was taken back is not there."""
    try:
        learner = queries.calendar_behind(token=token)
    except Learner.DoesNotExist:
        raise Http404 from None
    content = queries.calendar_file(learner=learner, now=timezone.now())
    tag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    response: HttpResponse = HttpResponseNotModified()
    if not is_held(request, tag):
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="dojang.ics"'
    response["ETag"], response["Cache-Control"] = tag, "private, max-age=3600"
    response["X-Robots-Tag"], response["Referrer-Policy"] = "noindex, nofollow, noarchive", "no-referrer"
    return response
