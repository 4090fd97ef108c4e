import secrets
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import queries
from accounts.models import BeltAward, Candidate, Club, User
from accounts.rules import belts as rules
from project.foundation.audit import commands as audit

from .telling import tell

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that a reader could take for another. 16 of them are 80 bits."""


class MayNotAward(PermissionDenied):
    """Only an instructor of the person or an examiner of the staff may, and nobody for themselves."""


class NotYet(Exception):
    """The day is still to come."""


class BeltRefused(Exception):
    """The belt does not fit into the person's history; `objection` says why."""

    def __init__(self, person: User, objection: rules.Objection) -> None:
        super().__init__(objection.value)
        self.person, self.objection = person, objection


class CorrectedAlready(Exception):
    """There is a correction of this award; that one can be corrected."""


class NothingCorrected(Exception):
    """The correction would say what the award says already."""


@transaction.atomic
def award_belt(
    *,
    person: User,
    belt: int,
    awarded_on: date,
    by: User,
    now: datetime,
    club: Club | None = None,
    candidate: Candidate | None = None,
) -> BeltAward:
    """Give somebody a belt; nothing else does. One after the other, under the lock of the person's row.

    Whoever may hold the grading may award its candidates, also those who have left the club since.
    Raises MayNotAward, NotYet and BeltRefused.
    """
    holds = candidate is not None and queries.may_hold(viewer=by, grading=candidate.grading)
    _require_somebody_above(person, by, holds=holds)
    if awarded_on > timezone.localdate(now):
        raise NotYet
    awards = _locked_awards(person)
    step = rules.step_to(belt, on=awarded_on, awards=[award.facts for award in awards])
    if step.objection:
        raise BeltRefused(person, step.objection)
    award = BeltAward.objects.create(
        person=person, belt=belt, awarded_on=awarded_on, awarded_by=by.actor_id, candidate=candidate,
        club_name=candidate.grading.club_name if candidate else club.name if club else "", code=_new_code(),
        created_at=now,
    )  # fmt: skip
    audit.record(
        type="belt.awarded", object=award, actor=by.actor_id, now=now,
        payload={"belt": belt, "on": awarded_on.isoformat(), "grades": step.grades},
    )  # fmt: skip
    tell(person=person, kind="belt_awarded", facts={"award": str(award.pk)}, now=now, key=str(award.pk))
    return award


@transaction.atomic
def correct_award(
    *, award: BeltAward, belt: int | None, reason: str, by: User, now: datetime, awarded_on: date | None = None
) -> BeltAward:
    """Say what an award should have been, by a row that takes its place; without a `belt`, that there was none.

    The order of belts is not asked: a correction says what was. Raises MayNotAward, NotYet, CorrectedAlready and
    NothingCorrected.
    """
    person = award.person
    _require_somebody_above(person, by)
    if awarded_on and awarded_on > timezone.localdate(now):
        raise NotYet
    if any(each.corrects_id == award.pk for each in _locked_awards(person)):
        raise CorrectedAlready
    said = (award.belt if belt is None else belt, awarded_on or award.awarded_on, belt is None)
    if said == (award.belt, award.awarded_on, award.is_void):
        raise NothingCorrected
    correction = BeltAward.objects.create(
        person=person, belt=said[0], awarded_on=said[1], is_void=said[2], awarded_by=by.actor_id, corrects=award,
        reason=reason, club_name=award.club_name, code=_new_code(), created_at=now,
    )  # fmt: skip
    audit.record(
        type="belt.corrected", object=correction, actor=by.actor_id, now=now,
        payload={"corrects": str(award.pk), "belt": said[0], "on": said[1].isoformat(), "void": said[2]},
    )  # fmt: skip
    if not correction.is_void:
        tell(person=person, kind="belt_awarded", facts={"award": str(correction.pk)}, now=now, key=str(correction.pk))
    return correction


def _require_somebody_above(person: User, by: User, *, holds: bool = False) -> None:
    if by.pk == person.pk:
        raise MayNotAward
    if not holds and not queries.may_award(viewer=by, person=person):
        raise MayNotAward


def _locked_awards(person: User) -> list[BeltAward]:
    """Two who award the same person do so one after the other; rows that only refer to the person go on."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    return list(BeltAward.objects.filter(person=person))


def _new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(16))
