"""What every page of the console has in common."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from ops_panel.console import queries
from project.foundation.http import page


def show(request: HttpRequest, name: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A whole page. `place` marks the rail, `may_act` shows the buttons of operators."""
    frame = {"place": "more", "may_act": queries.may_act(request.user)}
    return page(request, f"console/{name}.html", frame | dict(context), status=status)


def asks_again(request: HttpRequest) -> bool:
    """Whether it is an open page that asks how things are now (static/js/live.js); the answer is fragments only."""
    return request.htmx.trigger == "live"  # type: ignore[attr-defined, no-any-return]


def fragments(request: HttpRequest, name: str, context: Mapping[str, Any]) -> HttpResponse:
    """Small pieces that take the places of those of the same id on an open page, and nothing else there."""
    answer = page(request, f"console/live/{name}.html", dict(context) | {"oob": True})
    answer["Cache-Control"] = "no-store"
    return answer


def door(*, viewer: Any, object: Any) -> Mapping[str, Any] | None:
    """For the menus: the way to the console, for those who have business there."""
    return {} if queries.has_business(viewer) else None
