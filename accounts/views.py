from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.contrib.auth.decorators import login_not_required

from project.foundation.http import page, see_other

from . import commands
from .forms import ProfileForm


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language; a cookie remembers it for the browser, the profile for the person."""
    chosen, after = request.POST.get("language", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        after, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        after = "/"
    response = see_other(after)
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
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = commands.update_profile(user=request.user, now=timezone.now(), **form.cleaned_data)
        with translation.override(user.locale):
            messages.success(request, _("Saved."))
        return see_other("profile")
    return page(request, "accounts/profile.html", {"form": form, "place": "more"}, status=422 if form.errors else 200)
