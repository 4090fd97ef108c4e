"""Inviting people into a club, and how they come in."""

from collections.abc import Sequence
from uuid import UUID

import segno
from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import commands, limits, queries
from accounts.access import person_of
from accounts.adapter import INVITED
from accounts.forms.clubs import LetterForm, LinkForm, ListForm
from accounts.models import Membership
from accounts.rules import Action, may
from accounts.rules.invitations import Fate, Line, ListTooLong
from project.foundation.http import page, see_other

from .clubs import of_a_club


@require_http_methods(["GET", "POST"])
@of_a_club
def letter(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine = queries.membership(viewer=request.user, club_id=club_id, action=Action.INVITE)
    form = LetterForm(request.POST or None, may_make_coaches=_may_make_coaches(mine))
    if form.is_valid():
        given, role = form.cleaned_data, Membership.Role(form.cleaned_data.get("role", "member"))
        try:
            commands.invite_by_mail(
                viewer=person_of(request), club_id=club_id, email=given["email"], role=role, now=timezone.now()
            )
            messages.success(request, _("A letter to {email} is on its way.").format(email=given["email"]))
            return see_other("club", club_id)
        except commands.AlreadyMember:
            form.add_error("email", _("Somebody with this address is in the club already."))
        except commands.AlreadyInvited:
            form.add_error("email", _("This address has an open invitation. You can send it again."))
    context = {"form": form, "club": mine.club, "place": "club"}
    return page(request, "accounts/clubs/letter.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@of_a_club
def link(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine = queries.membership(viewer=request.user, club_id=club_id, action=Action.INVITE)
    form = LinkForm(request.POST or None, may_make_coaches=_may_make_coaches(mine))
    if form.is_valid():
        made = commands.make_link(
            viewer=person_of(request),
            club_id=club_id,
            role=Membership.Role(form.cleaned_data.get("role", "member")),
            uses_max=form.cleaned_data["uses_max"],
            lifetime=form.lifetime,
            now=timezone.now(),
        )
        return see_other("invitation", club_id, made.pk)
    context = {"form": form, "club": mine.club, "place": "club"}
    return page(request, "accounts/clubs/link.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@of_a_club
def bulk(request: HttpRequest, club_id: UUID) -> HttpResponse:
    mine = queries.membership(viewer=request.user, club_id=club_id, action=Action.INVITE)
    form = ListForm(request.POST or None, request.FILES or None)
    lines: Sequence[Line] = ()
    if form.is_valid():
        try:
            lines = commands.invite_by_list(
                viewer=person_of(request), club_id=club_id, text=form.cleaned_data["joined"], now=timezone.now()
            )
        except ListTooLong as long:
            form.too_long(int(str(long)))
    if lines:
        sent = len([line for line in lines if line.is_good])
        context = {"lines": lines, "sent": sent, "club": mine.club, "place": "club"}
        return page(request, "accounts/clubs/bulk_report.html", context)
    context = {"form": form, "club": mine.club, "place": "club"}
    return page(request, "accounts/clubs/bulk.html", context, status=422 if form.errors else 200)


@require_safe
@of_a_club
def invitation(request: HttpRequest, club_id: UUID, invitation_id: UUID) -> HttpResponse:
    """A link to copy and a picture to scan, large enough for a hall. A letter has neither: its link is a secret."""
    found = queries.invitation(viewer=request.user, club_id=club_id, invitation_id=invitation_id)
    url = "" if found.email else queries.link_to(invitation=found)
    qr = segno.make(url, error="m").svg_data_uri(scale=8, border=2) if url else ""
    context = {
        "invitation": found, "fate": queries.fate(invitation=found, now=timezone.now()), "url": url, "qr": qr,
        "club": found.club, "place": "club",
    }  # fmt: skip
    return page(request, "accounts/clubs/invitation.html", context)


@require_POST
@of_a_club
def revocation(request: HttpRequest, club_id: UUID, invitation_id: UUID) -> HttpResponse:
    commands.revoke_invitation(
        viewer=person_of(request), club_id=club_id, invitation_id=invitation_id, now=timezone.now()
    )
    messages.success(request, _("The invitation is taken back."))
    return see_other("club", club_id)


@require_POST
@of_a_club
def sending(request: HttpRequest, club_id: UUID, invitation_id: UUID) -> HttpResponse:
    try:
        commands.send_again(viewer=person_of(request), club_id=club_id, invitation_id=invitation_id, now=timezone.now())
        messages.success(request, _("The letter is on its way again."))
    except commands.SentJustNow:
        messages.warning(request, _("The last letter left less than an hour ago. Wait a little."))
    except commands.InvitationOver:
        messages.warning(request, _("This invitation is over. Make a new one."))
    return see_other("club", club_id)


@login_not_required
@require_http_methods(["GET", "POST"])
@of_a_club
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invitation leads. Whoever comes by a letter has shown that its address is theirs."""
    found = queries.invitation_behind(token=token)
    if refused := limits.refusal(request, action="join"):
        return refused
    if request.method == "POST" and "decline" in request.POST:
        return _declined(request, found.pk)
    if request.method == "POST" and request.user.is_authenticated:
        return _joined(request, found.pk, token)
    fate = queries.fate(invitation=found, now=timezone.now())
    if fate is Fate.OPEN and not request.user.is_authenticated:
        request.session[INVITED] = token
        if found.email:
            get_adapter().stash_verified_email(request, found.email)
    context = {"invitation": found, "club": found.club, "fate": fate, "token": token}
    return page(request, "accounts/clubs/join.html", context, status=200 if fate is Fate.OPEN else 410)


def _declined(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    try:
        commands.decline_invitation(invitation_id=invitation_id, now=timezone.now())
        messages.success(request, _("You have declined. Nothing else happens."))
    except commands.InvitationOver:
        messages.warning(request, _("This invitation is over."))
    request.session.pop(INVITED, None)
    return see_other("home")


def _joined(request: HttpRequest, invitation_id: UUID, token: str) -> HttpResponse:
    try:
        place = commands.accept_invitation(person=person_of(request), invitation_id=invitation_id, now=timezone.now())
    except commands.ClubFull:
        messages.error(request, _("Every seat of the club is taken. Tell its owner; your invitation stays good."))
        return see_other("join", token)
    except commands.InvitationOver:
        return see_other("join", token)
    except commands.AlreadyMember:
        messages.info(request, _("You are in this club already."))
        return see_other("clubs")
    request.session.pop(INVITED, None)
    messages.success(request, _("Welcome to {club}.").format(club=place.club))
    return see_other("club", place.club_id)


def _may_make_coaches(mine: Membership) -> bool:
    return may(mine.role, Action.INVITE, towards=Membership.Role.COACH)
