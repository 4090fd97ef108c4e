from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page needs."""
    theme = request.COOKIES.get("theme", "")
    return {"debug": settings.DEBUG, "theme": theme if theme in {"light", "dark"} else ""}
