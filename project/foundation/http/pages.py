from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

AHEAD = 3
"""Seconds for which a page is good that a stranger's browser fetched while they were still deciding to go there;
without any it would ask again. Whoever is signed in could see what was before a form that they have sent since."""


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Render a whole page, or its partial `fragment` when htmx asks for that piece.

    Boosted and history-restoring requests get the whole page. Access is decided before this is
    called: a partial is rendered even where the page's own `{% if %}` would hide it.
    """
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if fragment and htmx and not htmx.boosted and not htmx.history_restore_request:
        template = f"{template}#{fragment}"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    if request.headers.get("Sec-Purpose", "").startswith("prefetch") and not request.user.is_authenticated:
        response["Cache-Control"] = f"private, max-age={AHEAD}"
    return response


def see_other(to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """After a form: send the browser to the result with 303, so that a reload repeats nothing."""
    response: HttpResponse = redirect(to, *args, **kwargs)
    response.status_code = 303
    return response


def safe_next(request: HttpRequest) -> str:
    """Where the form's `next` leads, or the first page when that is on another site."""
    wanted = request.POST.get("next", "")
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else "/"
