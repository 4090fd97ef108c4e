"""What is held about me: taking a copy with me, and leaving for good."""

from collections.abc import Iterator
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import commands, queries
from accounts.forms import TypedConfirmationForm
from accounts.models import DataExport, User
from project.foundation.http import page, see_other
from project.foundation.http.streaming import streamed

PIECE = 64 * 1024


@never_cache
@require_http_methods(["GET", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of everything that is held about me, and see whether it is ready."""
    assert request.user.is_authenticated
    now = timezone.now()
    if request.method == "POST":
        commands.ask_for_data(person=request.user, now=now)
        return see_other("my_data")
    exports = queries.data_exports(viewer=request.user, now=now)
    is_under_way = any(each.ready_at is None for each in exports)
    context = {"exports": exports, "is_under_way": is_under_way, "days": 7, "crumbs": _crumbs(), "place": "more"}
    return page(request, "accounts/personal/data.html", context, fragment="copies")


@require_safe
def my_copy(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """The file, for whoever asked for it; for everybody else there is none."""
    assert request.user.is_authenticated
    now = timezone.now()
    try:
        found = queries.data_export(viewer=request.user, export_id=export, now=now)
    except DataExport.DoesNotExist:
        raise Http404 from None
    if not found.ready_at or not default_storage.exists(found.file):
        return see_other("my_data")
    commands.record_data_fetched(person=request.user, export=found, now=now)
    day = timezone.localtime(found.ready_at).date()
    response = streamed(
        request, _pieces(found.file), content_type="application/zip", filename=f"dojang-{day.isoformat()}.zip"
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Length"] = str(found.size)
    return response


def _could_go(request: HttpRequest) -> bool:
    """Who may not leave is told so before they are asked for a password."""
    assert request.user.is_authenticated
    return not request.user.is_pupil and not queries.owned_clubs(person=request.user)


@never_cache
@reauthentication_required(enabled=_could_go)  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Delete my account, once I have shown that it is I, and typed my address."""
    assert request.user.is_authenticated
    person: User = request.user
    form = TypedConfirmationForm(
        request.POST if request.method == "POST" else None, wanted=person.email or "", label=_("Your e-mail address")
    )
    owned = queries.owned_clubs(person=person)
    plans = queries.plans_that_renew(person=person)
    context = {"form": form, "owned": owned, "plans": plans, "crumbs": _crumbs(), "place": "more"}
    if not form.is_valid():
        status = 422 if form.errors else 200
        return page(request, "accounts/personal/delete.html", context, status=status)
    try:
        commands.delete_account(person=person, now=timezone.now())
    except (commands.OwnsClubs, commands.PupilStays):
        return page(request, "accounts/personal/delete.html", context, status=409)
    request.session.flush()
    request.is_left = True  # type: ignore[attr-defined]  # middleware.Door: nor does the browser keep anything
    return see_other("farewell")


@login_not_required
@require_safe
def farewell(request: HttpRequest) -> HttpResponse:
    return page(request, "accounts/personal/farewell.html", {})


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Profile"), "url": reverse("profile")}]


def _pieces(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        yield from file.chunks(PIECE)
