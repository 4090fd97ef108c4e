"""Belts: my own, those of a member, their corrections, and certificates with the page that says whether one is true."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import certificates, commands, queries
from accounts.access import person_of
from accounts.forms.belts import AwardForm, CodeForm, CorrectionForm
from accounts.models import BeltAward, Membership, User
from accounts.rules.belts import Objection
from project.foundation.http import page, see_other
from project.foundation.http.throttling import throttled

REFUSALS = (
    commands.BeltRefused, commands.CorrectedAlready, commands.ExaminesThemselves, commands.GradingOver,
    commands.MayNotAward, commands.NoExaminer, commands.NotAMember, commands.NotCandidates, commands.NothingCorrected,
    commands.NotYet, commands.ResultsMissing,
)  # fmt: skip
"""What commands about belts refuse for a reason that people can do something about."""


@require_safe
def my_belts(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    context = {
        "place": "more",
        "person": person,
        "history": queries.belt_history(viewer=person, person=person),
        "days": queries.next_gradings(viewer=person, now=timezone.now()),
        "taught": [place for place in queries.clubs_of(person=person) if place.role in queries.TEACHERS],
    }
    return page(request, "accounts/belts/mine.html", context)


@require_http_methods(["GET", "POST"])
def member_belts(request: HttpRequest, club_id: UUID, membership_id: UUID) -> HttpResponse:
    """The belts of a member, and giving them one, for those who teach there."""
    now, by = timezone.now(), person_of(request)
    try:
        member = queries.member_taught(viewer=by, club_id=club_id, membership_id=membership_id)
    except Membership.DoesNotExist:
        raise Http404 from None
    form = AwardForm(request.POST or None, initial={"awarded_on": timezone.localdate(now)})
    if form.is_valid():
        try:
            commands.award_belt(person=member.person, club=member.club, by=by, now=now, **form.cleaned_data)
            messages.success(request, _("The belt is given."))
            return see_other("member-belts", club_id, membership_id)
        except REFUSALS as refused:
            form.add_error(None, sentence(refused))
    history = queries.belt_history(viewer=by, person=member.person)
    context = {"place": "club", "member": member, "club": member.club, "history": history, "form": form}
    return page(request, "accounts/belts/member.html", context, status=422 if form.errors else 200)


@require_safe
def history(request: HttpRequest, actor: UUID) -> HttpResponse:
    """Somebody's belts, for their instructors and for examiners."""
    try:
        person = queries.person_awarded(viewer=person_of(request), actor=actor)
    except User.DoesNotExist:
        raise Http404 from None
    held = queries.belt_history(viewer=person_of(request), person=person)
    return page(request, "accounts/belts/history.html", {"person": person, "history": held, "place": "club"})


@require_http_methods(["GET", "POST"])
def correction(request: HttpRequest, award_id: UUID) -> HttpResponse:
    by = person_of(request)
    try:
        award = queries.award_to_correct(viewer=by, award_id=award_id)
    except BeltAward.DoesNotExist:
        raise Http404 from None
    form = CorrectionForm(request.POST or None, initial={"belt": award.belt, "awarded_on": award.awarded_on})
    if form.is_valid():
        said = form.cleaned_data
        belt = None if said["is_void"] else said["belt"]
        try:
            commands.correct_award(
                award=award, belt=belt, awarded_on=said["awarded_on"], reason=said["reason"], by=by, now=timezone.now()
            )
            messages.success(request, _("Corrected. The history keeps both."))
            return see_other("belt-history", award.person.actor_id)
        except REFUSALS as refused:
            form.add_error(None, sentence(refused))
    context = {"place": "club", "award": award, "form": form}
    return page(request, "accounts/belts/correction.html", context, status=422 if form.errors else 200)


@require_safe
def certificate_pdf(request: HttpRequest, award_id: UUID) -> HttpResponse:
    """Only of an award that stands: what was corrected has no certificate any more."""
    try:
        held = queries.certificate_of(award=queries.award(viewer=person_of(request), award_id=award_id))
    except BeltAward.DoesNotExist:
        raise Http404 from None
    if held.validity != queries.Validity.VALID:
        raise Http404
    named = content_disposition_header(as_attachment=True, filename=f"dojang-{held.award.code}.pdf")
    headers = {"Content-Disposition": named, "Cache-Control": "private, no-store"}
    return HttpResponse(certificates.certificate(held), content_type="application/pdf", headers=headers)


@login_not_required
@require_safe
@throttled("search_page")
def check(request: HttpRequest) -> HttpResponse:
    """Where somebody types in the code of a certificate."""
    form = CodeForm(request.GET or None)
    if form.is_valid():
        return see_other("certificate", form.cleaned_data["code"])
    status = 422 if form.errors else 200
    return _unlisted(page(request, "accounts/belts/check.html", {"form": form, "place": "more"}, status=status))


@login_not_required
@require_safe
@throttled("search_page")
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a certificate is true: name, belt, day and club, and nothing else of anybody."""
    try:
        held = queries.certificate(code=code)
    except BeltAward.DoesNotExist:
        context = {"form": CodeForm(initial={"code": code[:40]}), "unknown": code[:40], "place": "more"}
        return _unlisted(page(request, "accounts/belts/check.html", context, status=404))
    context = {"held": held, "code": certificates.grouped(held.award.code), "place": "more"}
    return _unlisted(page(request, "accounts/belts/certificate.html", context))


def sentence(refused: Exception) -> str:
    """What a refusal (REFUSALS) says to whoever asked."""
    if isinstance(refused, commands.BeltRefused):
        return _objections()[refused.objection].format(name=refused.person)
    if isinstance(refused, commands.ResultsMissing):
        missing = refused.candidates
        said = ngettext(
            "{count} candidate has no result yet: {names}",
            "{count} candidates have no result yet: {names}",
            len(missing),
        )
        return said.format(count=len(missing), names=", ".join(str(each.person) for each in missing))
    return {
        commands.CorrectedAlready: _("Somebody has corrected this award already. Correct the newer row."),
        commands.ExaminesThemselves: _("Nobody examines or judges themselves. Somebody else has to do this."),
        commands.GradingOver: _("This grading is closed or called off. Nothing of it changes any more."),
        commands.MayNotAward: _("You may not give this person a belt."),
        commands.NoExaminer: _("Say who examines first."),
        commands.NotAMember: _("Only members of the club can be enrolled."),
        commands.NotCandidates: _("There is nobody on the list yet."),
        commands.NothingCorrected: _("This is what the award says already. Change the belt or the day."),
        commands.NotYet: _("This day is still to come."),
    }[type(refused)]


def _objections() -> dict[Objection, str]:
    return {
        Objection.NOT_HIGHER: _("{name} had this belt, or a higher one, already on that day."),
        Objection.NOT_LOWER: _("{name} got this belt, or a lower one, on a later day."),
        Objection.SKIPS_A_DAN: _(
            "{name} cannot skip a dan grade: the 1st dan comes after the 1st kup, each other after the one before."
        ),
    }


def _unlisted(response: HttpResponse) -> HttpResponse:
    """No robot keeps a name that it finds here, and no browser either."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response
