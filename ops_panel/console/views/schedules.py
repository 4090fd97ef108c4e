from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import console_only
from ops_panel.console import queries
from project.foundation.jobs import queries as jobs

from .frame import asks_again, fragments, show


@console_only
@require_safe
def schedules(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "here": "schedules",
        "scheduled": jobs.scheduled(now=now),
        "scheduler": queries.scheduler(now=now),
        "now": now,
    }
    if asks_again(request):
        return fragments(request, "schedules", context)
    return show(request, "schedules", context)
