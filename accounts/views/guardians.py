"""A guardian's pages. Whoever has the link is the guardian: it is neither kept nor passed on by anybody.

Under /account/ the log has their routes only. The referrer stays on this site (SECURE_REFERRER_POLICY): without any
browsers would call the origin of a form unknown, and it would be refused.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import commands, limits, queries
from accounts.forms.personal import TypedConfirmationForm
from accounts.forms.pupils import FirstPasswordForm, TakeOverForm
from accounts.models import Pupil
from project.foundation.http import page, see_other

View = Callable[..., HttpResponse]


def with_the_link(view: View) -> View:
    """Public, but for whoever has the link only: a link that is over leads nowhere, and no page names it to another."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Pupil.DoesNotExist:
            raise Http404 from None
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "private, no-store"
        return response

    return login_not_required(opened)


@with_the_link
@require_safe
def guardian(request: HttpRequest, token: str) -> HttpResponse:
    """Everything that is held about the child."""
    found = queries.pupil_behind(token=token)
    held = queries.everything_about(person=found.person)
    parts = [(title, [_readable(row) for row in rows]) for _name, title, rows in queries.titled(held) if rows]
    return page(request, "accounts/pupils/guardian.html", {"pupil": found, "token": token, "parts": parts})


@with_the_link
@require_safe
def guardian_data(request: HttpRequest, token: str) -> HttpResponse:
    found = queries.pupil_behind(token=token)
    held = queries.everything_about(person=found.person)
    day = timezone.localdate().isoformat()
    return JsonResponse(
        held,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": f'attachment; filename="dojang-{day}.json"'},
    )


@with_the_link
@require_http_methods(["GET", "POST"])
def guardian_take_over(request: HttpRequest, token: str) -> HttpResponse:
    """An address for the account: a letter goes there first."""
    found = queries.pupil_behind(token=token)
    form = TakeOverForm(request.POST or None)
    context = {"pupil": found, "token": token, "form": form}
    if not form.is_valid():
        return page(request, "accounts/pupils/take_over.html", context, status=422 if form.errors else 200)
    if refused := limits.refusal(request, action="reset"):
        return refused
    commands.ask_take_over(token=token, now=timezone.now(), **form.cleaned_data)
    messages.success(request, _("A letter is on its way. Open its link to choose a password."))
    return see_other("guardian", token)


@with_the_link
@require_http_methods(["GET", "POST"])
def guardian_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of that letter: a password, and the account is theirs."""
    try:
        found, email = queries.take_over_behind(token=token)
        found.person.email = email
        form = FirstPasswordForm(request.POST or None, person=found.person)
        if form.is_valid():
            commands.take_over(token=token, password=form.cleaned_data["password"], now=timezone.now())
            messages.success(request, _("The account is yours. Sign in with your address and the password."))
            return see_other("account_login")
    except (queries.LinkOver, commands.EmailTaken):
        return page(request, "accounts/pupils/link_over.html", {}, status=410)
    context = {"pupil": found, "email": email, "form": form}
    return page(request, "accounts/pupils/confirm.html", context, status=422 if form.errors else 200)


@with_the_link
@require_http_methods(["GET", "POST"])
def guardian_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Withdraw consent: the account is erased."""
    found = queries.pupil_behind(token=token)
    form = TypedConfirmationForm(request.POST or None, wanted=str(found.person), label=_("The child's name"))
    if form.is_valid():
        commands.withdraw_consent(token=token, now=timezone.now())
        return see_other("farewell")
    context = {"pupil": found, "token": token, "form": form}
    return page(request, "accounts/pupils/withdraw.html", context, status=422 if form.errors else 200)


def _readable(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Without what is empty; instants and days as people write them."""
    return [(name.replace("__", " ").replace("_", " "), _said(value)) for name, value in row.items() if _is_said(value)]


def _is_said(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _said(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, str):
        return value
    try:
        return parse_datetime(value) or parse_date(value) or value
    except ValueError:
        return value
