from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation


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


def _zone(name: str) -> ZoneInfo | None:
    """None, which means the zone of the hall, for a name that this machine does not know (any more) or that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
