"""A club: seen at a glance, founded, changed, handed over, left and closed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import commands, queries
from accounts.access import person_of
from accounts.forms.clubs import ClosureForm, ClubForm, HeirForm, LogoForm, RoleForm, SettingsForm
from accounts.models import Club, ClubLogo, Invitation, Membership
from accounts.rules import Action, Seats, may
from project.foundation.http import page, see_other

View = Callable[..., HttpResponse]


def of_a_club(view: View) -> View:
    """What is not there, or is somebody else's, is not found. Who may not do it is refused (403)."""

    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Club.DoesNotExist, Membership.DoesNotExist, Invitation.DoesNotExist, ClubLogo.DoesNotExist):
            raise Http404 from None

    return found


@require_safe
def clubs(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "place": "club",
        "places": queries.clubs_of(person=request.user),
        "may_found": queries.has_free_club_plan(person=request.user, now=now),
    }
    return page(request, "accounts/clubs/clubs.html", context)


@require_http_methods(["GET", "POST"])
def founding(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    form = ClubForm(request.POST or None)
    if form.is_valid():
        try:
            club = commands.create_club(person=person_of(request), now=now, **form.cleaned_data)
            messages.success(request, _("Your club is open. Invite the first people."))
            return see_other("club", club.pk)
        except commands.SeatsRefused as refused:
            form.add_error("seats", seats_sentence(refused))
        except commands.PlanMissing:
            form.add_error(None, _("A club needs a plan for clubs that covers no other one. Take one first."))
    context = {"form": form, "place": "club", "may": queries.has_free_club_plan(person=request.user, now=now)}
    return page(request, "accounts/clubs/founding.html", context, status=422 if form.errors else 200)


@require_safe
@of_a_club
def club(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine, teachers = queries.club_card(viewer=request.user, club_id=club_id)
    if not may(mine.role, Action.SEE_MEMBERS):
        context = {"mine": mine, "club": mine.club, "teachers": teachers, "place": "club"}
        return page(request, "accounts/clubs/card.html", context)
    seen = queries.club_at_a_glance(viewer=request.user, club_id=club_id, now=timezone.now())
    return page(request, "accounts/clubs/club.html", {"seen": seen, "club": seen.club, "place": "club"})


@require_http_methods(["GET", "POST"])
@of_a_club
def club_settings(request: HttpRequest, club_id: UUID) -> HttpResponse:
    now, mine = timezone.now(), queries.membership(viewer=request.user, club_id=club_id, action=Action.BILLING)
    seats = queries.number_of_seats(club=mine.club)
    form = SettingsForm(request.POST or None, initial={"name": mine.club.name, "seats": seats})
    if form.is_valid():
        try:
            commands.change_club(viewer=person_of(request), club_id=club_id, now=now, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return see_other("club", club_id)
        except commands.SeatsRefused as refused:
            form.add_error("seats", seats_sentence(refused))
    context = {"form": form, "logo_form": LogoForm(), "club": mine.club, "place": "club"}
    return page(request, "accounts/clubs/settings.html", context, status=422 if form.errors else 200)


@require_POST
@of_a_club
def club_logo(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine = queries.membership(viewer=request.user, club_id=club_id, action=Action.BILLING)
    form = LogoForm(request.POST, request.FILES)
    if "remove" in request.POST or form.is_valid():
        png = None if "remove" in request.POST else form.cleaned_data["logo"]
        commands.set_logo(viewer=person_of(request), club_id=club_id, png=png, now=timezone.now())
        messages.success(request, _("Saved."))
        return see_other("club-settings", club_id)
    about = {"name": mine.club.name, "seats": queries.number_of_seats(club=mine.club)}
    context = {"form": SettingsForm(initial=about), "logo_form": form, "club": mine.club, "place": "club"}
    return page(request, "accounts/clubs/settings.html", context, status=422)


@login_not_required
@require_safe
@of_a_club
def logo_png(request: HttpRequest, club_id: UUID) -> HttpResponse:
    """Its address holds a digest, so what a browser has stays right for ever."""
    response = HttpResponse(bytes(queries.logo(club_id=club_id).png), content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_http_methods(["GET", "POST"])
@of_a_club
def role(request: HttpRequest, club_id: UUID, membership_id: UUID) -> HttpResponse:
    theirs = queries.member(viewer=request.user, club_id=club_id, membership_id=membership_id, action=Action.SET_ROLE)
    form = RoleForm(request.POST or None, initial={"role": theirs.role})
    if form.is_valid():
        chosen = Membership.Role(form.cleaned_data["role"])
        commands.set_role(
            viewer=person_of(request),
            club_id=club_id,
            membership_id=membership_id,
            role=chosen,
            now=timezone.now(),
        )
        said = _("{name} is a coach now.") if chosen == Membership.Role.COACH else _("{name} is a member now.")
        messages.success(request, said.format(name=theirs.person))
        return see_other("club", club_id)
    context = {"form": form, "theirs": theirs, "club": theirs.club, "place": "club"}
    return page(request, "accounts/clubs/role.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@of_a_club
def removal(request: HttpRequest, club_id: UUID, membership_id: UUID) -> HttpResponse:
    theirs = queries.member(viewer=request.user, club_id=club_id, membership_id=membership_id, action=Action.REMOVE)
    if request.method == "POST":
        commands.remove_member(
            viewer=person_of(request), club_id=club_id, membership_id=membership_id, now=timezone.now()
        )
        messages.success(request, _("{name} is no longer in the club.").format(name=theirs.person))
        return see_other("club", club_id)
    return page(request, "accounts/clubs/removal.html", {"theirs": theirs, "club": theirs.club, "place": "club"})


@require_http_methods(["GET", "POST"])
@of_a_club
def transfer(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine = queries.membership(viewer=request.user, club_id=club_id, action=Action.TRANSFER)
    others = queries.possible_heirs(club=mine.club)
    form = HeirForm(request.POST or None, club_name=mine.club.name, others=others)
    if form.is_valid():
        heir = form.cleaned_data["heir"]
        commands.transfer_club(viewer=person_of(request), club_id=club_id, membership_id=heir.pk, now=timezone.now())
        messages.success(request, _("The club is now in the hands of {name}.").format(name=heir.person))
        return see_other("club", club_id)
    context = {"form": form, "club": mine.club, "has_heirs": others.exists(), "place": "club"}
    return page(request, "accounts/clubs/transfer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@of_a_club
def departure(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine = queries.membership(viewer=request.user, club_id=club_id)
    if request.method == "POST" and may(mine.role, Action.LEAVE):
        commands.leave_club(viewer=person_of(request), club_id=club_id, now=timezone.now())
        messages.success(request, _("You have left {club}.").format(club=mine.club))
        return see_other("clubs")
    context = {"mine": mine, "club": mine.club, "place": "club"}
    return page(request, "accounts/clubs/departure.html", context, status=409 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@of_a_club
def closure(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine = queries.membership(viewer=request.user, club_id=club_id, action=Action.DELETE)
    form = ClosureForm(request.POST or None, club_name=mine.club.name)
    if form.is_valid():
        try:
            commands.close_club(viewer=person_of(request), club_id=club_id, now=timezone.now())
            messages.success(request, _("{club} is closed.").format(club=mine.club))
            return see_other("clubs")
        except commands.NotAlone:
            form.add_error(None, _("There are other people in the club. Remove them first, or hand it over."))
    others = queries.possible_heirs(club=mine.club).count()
    context = {"form": form, "club": mine.club, "others": others, "place": "club"}
    return page(request, "accounts/clubs/closure.html", context, status=422 if form.errors else 200)


def seats_sentence(refused: commands.SeatsRefused) -> str:
    match refused.why:
        case Seats.TAKEN:
            said = ngettext(
                "{members} person sits in the club. Remove people first, or choose at least {members}.",
                "{members} people sit in the club. Remove people first, or choose at least {members}.",
                refused.members,
            )
            return said.format(members=refused.members)
        case Seats.UNPAID:
            said = ngettext("Your plan pays for {paid} seat.", "Your plan pays for {paid} seats.", refused.paid)
            return said.format(paid=refused.paid)
        case _:
            return _("A club has at least one seat: yours.")
