from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import commands
from accounts.forms import ProfileForm
from project.foundation.http import page, see_other
from project.foundation.http.pages import safe_next


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language; a cookie remembers it for the browser, the profile for the person."""
    chosen = request.POST.get("language", "")
    response = see_other(safe_next(request))
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax", secure=settings.LANGUAGE_COOKIE_SECURE,
        )  # fmt: skip
        if request.user.is_authenticated:
            commands.set_language(user=request.user, locale=chosen)
    return response


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    # A copy: the form writes what was typed into its instance, and the frame of the page shows request.user.
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=copy(request.user))
    if form.is_valid():
        user = commands.update_profile(user=request.user, now=timezone.now(), **form.cleaned_data)
        with translation.override(user.locale):
            messages.success(request, _("Saved."))
        return see_other("profile")
    return page(request, "accounts/profile.html", {"form": form, "place": "more"}, status=422 if form.errors else 200)


def refusing_with_422(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view of allauth, which shows an invalid form again with 200, in the manner of this house."""

    @wraps(view)
    def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        context = getattr(response, "context_data", None) or {}
        if any(context[name].errors for name in ("form", "webauthn_form") if context.get(name)):
            response.status_code = 422
        return response

    return refusing
