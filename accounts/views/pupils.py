"""Children's accounts, as their coach sees them; and how a child comes in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import segno
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import commands, limits, queries
from accounts.access import person_of
from accounts.forms.pupils import GuardianForm, PupilCodeForm, PupilForm
from accounts.models import Club, Pupil
from project.foundation.http import page, see_other

View = Callable[..., HttpResponse]


def of_a_pupil(view: View) -> View:
    """What is not there, or is another club's, is not found; nobody keeps what stands here."""

    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return never_cache(view)(request, *args, **kwargs)
        except (Club.DoesNotExist, Pupil.DoesNotExist):
            raise Http404 from None

    return found


def not_for_pupils(view: Callable[..., Any], *, name: str | None) -> Callable[..., Any]:
    """Addresses, passwords and second steps are for those who have an address; a pupil is told who can help."""
    if name in {"account_login", "account_logout"}:
        return view

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and request.user.is_pupil:
            messages.info(request, _("Your coach or your guardian does this for you."))
            return see_other("profile")
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "POST"])
@of_a_pupil
def pupils(request: HttpRequest, club_id: UUID) -> HttpResponse:
    """The children of a club, and a form for one more."""
    club, lines = queries.pupils(viewer=request.user, club_id=club_id)
    form = PupilForm(request.POST or None)
    if form.is_valid():
        try:
            added = commands.add_pupil(
                viewer=person_of(request), club_id=club_id, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("{name} has an account. Make a card now.").format(name=added.person))
            return see_other("pupils", club_id)
        except commands.ClubFull:
            form.add_error(None, _("Every seat of the club is taken. The owner can have more."))
        except commands.ConsentToCome:
            form.add_error("consented_on", _("This day is still to come."))
        except commands.BeltRefused:
            form.add_error("belt", _("This belt cannot be a first one. Leave it out, and give it in a grading."))
    context = {"club": club, "lines": lines, "form": form, "crumbs": _crumbs(club), "place": "club"}
    return page(request, "accounts/pupils/pupils.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@of_a_pupil
def pupil(request: HttpRequest, club_id: UUID, pupil_id: UUID) -> HttpResponse:
    """One child: the guardian, and a new card."""
    found = queries.pupil(viewer=request.user, club_id=club_id, pupil_id=pupil_id)
    form = GuardianForm(request.POST or None, initial={"contact": found.guardian_contact})
    if form.is_valid():
        commands.set_guardian(
            viewer=person_of(request),
            club_id=club_id,
            pupil_id=pupil_id,
            now=timezone.now(),
            **form.cleaned_data,
        )
        messages.success(request, _("The guardian has a new link. The one before opens nothing any more."))
        return see_other("pupil", club_id, pupil_id)
    club = found.club
    crumbs = [*_crumbs(club), {"label": _("Pupils"), "url": reverse("pupils", args=[club_id])}]
    by_mail = queries.is_reached_by_mail(pupil=found)
    context = {"pupil": found, "club": club, "form": form, "by_mail": by_mail, "crumbs": crumbs, "place": "club"}
    return page(request, "accounts/pupils/pupil.html", context, status=422 if form.errors else 200)


@require_POST
@of_a_pupil
def cards(request: HttpRequest, club_id: UUID) -> HttpResponse:
    """New cards, shown this once: what is kept of a code cannot be read. A reload makes other ones."""
    ids = [each for each in map(_uuid, request.POST.getlist("pupil")) if each]
    made = commands.make_cards(viewer=person_of(request), club_id=club_id, pupil_ids=ids, now=timezone.now())
    if not made:
        messages.info(request, _("Choose whose cards you want to make."))
        return see_other("pupils", club_id)
    shown = [_card(each) for each in made]
    crumbs = [*_crumbs(made[0].pupil.club), {"label": _("Pupils"), "url": reverse("pupils", args=[club_id])}]
    context = {"cards": shown, "crumbs": crumbs, "entrance": _entrance(), "place": "club"}
    return page(request, "accounts/pupils/cards.html", context)


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def code_entrance(request: HttpRequest) -> HttpResponse:
    """Coming in with the code of a card. A picture that is scanned fills the form and sends nothing."""
    limits.device_of(request)
    form = PupilCodeForm(request.POST or None)
    if request.method == "POST" and (refused := limits.refusal(request, action="code")):
        return refused
    if form.is_valid():
        found = queries.pupil_with_code(code=form.cleaned_data["code"])
        if found is not None:
            return _let_in(request, found, form.cleaned_data["code"])
        limits.failed(request, action="code")
        commands.record_at_the_door(
            type="sign_in.refused", person=None, by=None, now=timezone.now(), facts={"shown": ["code"]}
        )
        form.add_error("code", _("This code opens nothing. Your coach can make you a new card."))
    return page(request, "accounts/pupils/code.html", {"form": form}, status=422 if form.errors else 200)


def _let_in(request: HttpRequest, found: Pupil, code: str) -> HttpResponse:
    """As allauth lets people in, so that the trail and the list of sessions know of it; there is no address to ask."""
    commands.come_in_with_code(pupil=found, code=code)
    record_authentication(request, found.person, method="code")
    response: HttpResponse = perform_login(
        request, Login(user=found.person, email_verification=EmailVerificationMethod.NONE)
    )
    return response


def _card(card: commands.Card) -> dict[str, Any]:
    by_mail = queries.is_reached_by_mail(pupil=card.pupil)
    url = "" if by_mail else queries.guardian_url(pupil=card.pupil)
    return {
        "name": card.pupil.person,
        "club": card.pupil.club,
        "code": card.code,
        "qr": segno.make(f"{_entrance()}#{card.code}", micro=False).svg_data_uri(scale=4, border=0),
        "guardian_url": url,
        "guardian_qr": segno.make(url, micro=False).svg_data_uri(scale=3, border=0) if url else "",
    }


def _entrance() -> str:
    """Behind its # the code never leaves the browser: no log and no proxy sees it."""
    return f"{settings.PUBLIC_URL}{reverse('code_entrance')}"


def _crumbs(club: Club | None) -> list[dict[str, str]]:
    assert club is not None
    return [
        {"label": _("Clubs"), "url": reverse("clubs")},
        {"label": club.name, "url": reverse("club", args=[club.pk])},
    ]


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
