"""What people were told, how they want to be told, and the way out that every letter carries."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import commands, queries, webpush
from accounts.access import person_of
from accounts.forms import DeviceForm, PreferencesForm, ReadForm
from accounts.models import User
from project.foundation.http import Problem, cursors, page, see_other

PER_PAGE = 30
DEVICE = "push_device"
"""Key of the session: the device that was added in it, so that signing out ends its pushes."""


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Newest first. What is unread stays so until somebody says that they have read it."""
    try:
        found = cursors.page(
            queries.notices_of(viewer=request.user), of="notices", orderings=queries.NOTICE_ORDERINGS,
            ordering="newest", cursor=request.GET.get("after", ""), limit=PER_PAGE,
        )  # fmt: skip
    except Problem:
        return page(request, "accounts/notices/list.html", {"place": "more", "refused": True}, status=422)
    context = {
        "place": "more",
        "told": queries.told(person=request.user, notices=found.items),
        "unread": any(notice.read_at is None for notice in found.items),
        "until": found.items[0].created_at.isoformat() if found.items else "",
        "is_first": not request.GET.get("after"),
        "older_url": f"{request.path}?{urlencode({'after': found.next})}" if found.next else "",
    }
    return page(request, "accounts/notices/list.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    form = ReadForm(request.POST)
    if form.is_valid():
        commands.mark_read(person=person_of(request), until=form.cleaned_data["until"], now=timezone.now())
    return see_other("notices")


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    person, form = person_of(request), PreferencesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        commands.set_preferences(person=person, wanted=form.wanted(), now=timezone.now(), by=person.actor_id)
        messages.success(request, _("Saved."))
        return see_other("notice_preferences")
    return _preferences(request, refused=bool(form.errors))


@require_POST
def device(request: HttpRequest) -> HttpResponse:
    form = DeviceForm(request.POST)
    if not webpush.is_configured() or not form.is_valid():
        return _preferences(request, refused=True)
    added = commands.add_device(person=person_of(request), now=timezone.now(), **form.cleaned_data)
    request.session[DEVICE] = added.pk
    messages.success(request, _("This device gets pushes from now on."))
    return see_other("notice_preferences")


@require_POST
def device_delete(request: HttpRequest) -> HttpResponse:
    """The device whose endpoint is named, or all of them."""
    endpoint = request.POST.get("endpoint")
    commands.remove_devices(person=person_of(request), endpoint=endpoint, now=timezone.now())
    messages.success(
        request, _("No device gets pushes now.") if endpoint is None else _("This device gets no more pushes.")
    )
    return see_other("notice_preferences")


@csrf_exempt  # mail programs post here without having been to any page; the link is signed (RFC 8058)
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Reading the page changes nothing: programs open every link of a letter to look at it."""
    try:
        person, topic = queries.unsubscribed_by(token=token)
    except queries.BadLink:
        raise Http404 from None
    if request.method == "POST" and person is not None:
        commands.set_preferences(person=person, wanted={(topic.name, "mail"): False}, now=timezone.now(), by=None)
    if request.method == "POST" and "List-Unsubscribe" not in request.POST:
        return see_other("unsubscribe", token)
    is_off = person is None or queries.said_about(person=person, topic=topic.name).get("mail") is False
    response = page(request, "accounts/notices/unsubscribe.html", {"topic": topic, "is_off": is_off})
    response["X-Robots-Tag"], response["Referrer-Policy"] = "noindex", "no-referrer"
    return response


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """What a browser runs when a push arrives and no page is open. It looks after the folder that it lies in."""
    response = render(request, "accounts/notices/sw.js", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def signed_out(*, request: HttpRequest | None, user: User | None, **announced: Any) -> None:
    """Who uses this browser next must not read on its screen what others are told."""
    device_id = request.session.get(DEVICE) if request is not None else None
    if user is not None and device_id is not None:
        commands.remove_devices(person=user, device_id=device_id, now=timezone.now())


def _preferences(request: HttpRequest, *, refused: bool = False) -> HttpResponse:
    person = person_of(request)
    context = {
        "place": "more",
        "switches": queries.switches_of(person=person),
        "devices": queries.devices_of(person=person),
        "push_key": webpush.public_key() if webpush.is_configured() else "",
        "refused": refused,
    }
    return page(request, "accounts/notices/preferences.html", context, status=422 if refused else 200)
