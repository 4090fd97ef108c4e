"""Two doors that take more than signing in: the operators' console (a role of the staff, and a second step that was
shown in this session), and what the app does as somebody (an access token, never a cookie)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from project.foundation.http import Problem
from project.foundation.http.access import page_of

from . import queries
from .models import User

View = Callable[..., HttpResponseBase]

WANTED = "console_wanted"
"""Key of the session: the page that somebody wanted before they had a second step. Its setting-up ends with a link."""


def console_only(view: View) -> View:
    """Let only people of the console in; no robot keeps what it sees here. Raises RoleMissing (403).

    Whoever has no second step yet is led to set one up, whoever has one is asked for it, and both come back.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        match queries.console_entry(person=request.user, session=request.session):
            case queries.Entry.CLOSED:
                raise queries.RoleMissing(queries.Role.OPERATOR.value)
            case queries.Entry.UNSET:
                return _to_set_one_up(request)
            case queries.Entry.UNSHOWN:
                return _to_show_it(request)
        request.session.pop(WANTED, None)
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return guarded


def _to_set_one_up(request: HttpRequest) -> HttpResponse:
    request.session[WANTED] = page_of(request)
    messages.info(request, _("The console asks for a second step. Set one up; then you can go on."))
    return _lead(request, reverse("mfa_activate_totp"))


def _to_show_it(request: HttpRequest) -> HttpResponse:
    ways = get_adapter().get_reauthentication_methods(request.user)
    return _lead(request, f"{ways[0]['url']}?{urlencode({'next': page_of(request)})}")


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect of the whole page: htmx would follow an ordinary one and put the form into a corner."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def person_of(request: HttpRequest) -> User:
    """Whoever asks, where the door has let nobody in who is not signed in."""
    assert isinstance(request.user, User)
    return request.user


class AppAuth(HttpBearer):
    """Who asks the API as somebody: the owner of an access token (accounts/tokens.py). Others are answered 401.

    A cookie is none, so no page of another site can ask in somebody's name, and no operation needs a CSRF token.
    """

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token was judged before anything was counted (middleware.AppTokens)."""
        return getattr(request, "app_user", None)


app_auth = AppAuth()


class PageAuth(SessionAuth):
    """Who asks the API from a page of ours: their session, and the CSRF token that only our pages know.

    For the few operations that pages send what was done offline to; all others are the app's alone.
    """

    def __call__(self, request: HttpRequest) -> Any | None:
        if hasattr(request, "app_user") or not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise Problem(403, "csrf_failed", "The page is too old to send. Load it again.")
        return request.user


app_or_page: list[Any] = [app_auth, PageAuth()]
