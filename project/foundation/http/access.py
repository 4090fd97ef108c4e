from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails


class SignInRequired(LoginRequiredMiddleware):
    """Pages ask strangers to sign in unless a view opts out; the API answers 401 by itself."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        if request.resolver_match and "api" in request.resolver_match.namespaces:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        login_url = resolve_url(self.get_login_url(view_func))
        return redirect_to_login(page_of(request), login_url, self.get_redirect_field_name(view_func))


def page_of(request: HttpRequest) -> str:
    """The page to come back to. A form that was sent is not sent again, and its address may be no page: whoever sent
    it comes back to the page that it was on, as htmx or the browser tells, or to the first page."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if htmx:
        return escape_leading_slashes(htmx.current_url_abs_path or "/")
    return request.get_full_path() if request.method in {"GET", "HEAD"} else _page_before(request)


def _page_before(request: HttpRequest) -> str:
    told = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return "/"
    page = urlsplit(told)
    return escape_leading_slashes((page.path or "/") + (f"?{page.query}" if page.query else ""))
