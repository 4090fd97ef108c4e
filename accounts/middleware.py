from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from . import commands, queries


class ProfileSettings:
    """A signed-in person reads in their own language and time zone, whatever the browser says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The health check has to answer when the database, which knows who is signed in, does not.
        if request.path.startswith("/health/") or not request.user.is_authenticated:
            return self.get_response(request)
        if request.user.locale:
            translation.activate(request.user.locale)
            request.LANGUAGE_CODE = request.user.locale
        with timezone.override(_zone(request.user.time_zone)):
            return self.get_response(request)


class Refusals:
    """Whoever is refused a page (403) leaves a trace in the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """The route is kept, not the address: that may hold what somebody typed."""
        if isinstance(exception, PermissionDenied) and request.user.is_authenticated and request.resolver_match:
            facts = {"route": request.resolver_match.route}
            if isinstance(exception, queries.RoleMissing):
                facts["role"] = str(exception)
            person = request.user
            commands.record_at_the_door(
                type="page.refused", person=person, by=person.actor_id, now=timezone.now(), facts=facts
            )


def _zone(name: str) -> ZoneInfo | None:
    """None, which means the zone of the hall, for a name that this machine does not know (any more) or that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
