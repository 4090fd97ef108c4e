from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import queries
from accounts.models import BeltAward, Candidate, CandidatePart, Club, Grading, Membership, Result, User
from accounts.rules import Action
from accounts.rules import belts as rules
from project.foundation.audit import commands as audit

from .belts import BeltRefused, NotYet, award_belt
from .telling import tell


class GradingOver(Exception):
    """It is closed or canceled: nothing of it changes any more."""


class NotAMember(Exception):
    """Only members of the club are enrolled."""


class ExaminesThemselves(Exception):
    """Nobody examines, judges or awards themselves."""


class NoExaminer(Exception):
    """A grading without an examiner is not closed."""


class ResultsMissing(Exception):
    """Candidates are without a result; `candidates` are these."""

    def __init__(self, candidates: list[Candidate]) -> None:
        super().__init__(len(candidates))
        self.candidates = candidates


class NotCandidates(Exception):
    """There is nobody whose results could be final."""


@transaction.atomic
def plan_grading(
    *,
    club: Club,
    held_on: date,
    by: User,
    now: datetime,
    place: str = "",
    examiner: User | None = None,
    guest_examiner: str = "",
    parts: Collection[str] = rules.PARTS,
) -> Grading:
    """Set a day on which members of a club are examined. They are told when it is still to come.

    Raises Club.DoesNotExist or queries.MayNot for those who do not teach there.
    """
    queries.membership(viewer=by, club_id=club.pk, action=Action.TEACH)
    grading = Grading.objects.create(
        club=club, club_name=club.name, held_on=held_on, place=place, guest_examiner=guest_examiner,
        examiner=examiner.actor_id if examiner else None, parts=_in_order(parts), created_by=by.actor_id,
        created_at=now,
    )  # fmt: skip
    _record("grading.planned", grading, by, now, on=held_on.isoformat())
    _tell_the_club(grading, by, now)
    return grading


@transaction.atomic
def change_grading(
    *,
    grading: Grading,
    held_on: date,
    place: str,
    by: User,
    now: datetime,
    examiner: User | None = None,
    guest_examiner: str = "",
    parts: Collection[str] = rules.PARTS,
) -> Grading:
    """Change what is known of a day. Its members hear of another day or place.

    Raises GradingOver, queries.MayNot, and ExaminesThemselves when the examiner is a candidate.
    """
    locked = _open(grading, by)
    if examiner and locked.candidates.filter(person=examiner).exists():
        raise ExaminesThemselves
    wanted: dict[str, Any] = {
        "held_on": held_on, "place": place, "guest_examiner": guest_examiner, "parts": _in_order(parts),
        "examiner": examiner.actor_id if examiner else None,
    }  # fmt: skip
    changed = [field for field, value in wanted.items() if getattr(locked, field) != value]
    for field in changed:
        setattr(locked, field, wanted[field])
    if changed:
        locked.save(update_fields=changed)
        _record("grading.changed", locked, by, now, fields=changed)
    if {"held_on", "place"} & set(changed):
        _tell_the_club(locked, by, now)
    return locked


@transaction.atomic
def cancel_grading(*, grading: Grading, by: User, now: datetime) -> Grading:
    """Call a day off. Raises GradingOver and queries.MayNot."""
    locked = _open(grading, by)
    locked.canceled_at = now
    locked.save(update_fields=["canceled_at"])
    _record("grading.canceled", locked, by, now)
    return locked


@transaction.atomic
def enrol(*, grading: Grading, person: User, belt: int, by: User, now: datetime) -> Candidate:
    """Let a member of the club try for a belt. Enrolling them again changes the belt.

    Raises GradingOver, NotAMember, ExaminesThemselves, BeltRefused and queries.MayNot.
    """
    locked = _open(grading, by)
    if not Membership.objects.filter(club=locked.club_id, person=person).exists():
        raise NotAMember
    if locked.examiner == person.actor_id:
        raise ExaminesThemselves
    awards = [award.facts for award in BeltAward.objects.filter(person=person)]
    if objection := rules.step_to(belt, on=locked.held_on, awards=awards).objection:
        raise BeltRefused(person, objection)
    candidate, _ = Candidate.objects.update_or_create(grading=locked, person=person, defaults={"belt": belt})
    _record("candidate.enrolled", locked, by, now, candidate=str(candidate.pk), belt=belt)
    return candidate


@transaction.atomic
def withdraw(*, candidate: Candidate, by: User, now: datetime) -> None:
    """Take somebody off the list, with whatever was written down. Raises GradingOver and queries.MayNot."""
    locked = _open(candidate.grading, by)
    Candidate.objects.filter(pk=candidate.pk).delete()
    _record("candidate.withdrawn", locked, by, now, candidate=str(candidate.pk))


@transaction.atomic
def record_result(
    *, candidate: Candidate, parts: Mapping[str, bool], result: str, note: str, by: User, now: datetime
) -> Candidate:
    """Write down how it went: the parts that were seen, and the result ("" while it is open). It can be changed until
    the grading is closed. Raises GradingOver, ExaminesThemselves, queries.MayNot, and Candidate.DoesNotExist for one
    who was withdrawn."""
    locked = _open(candidate.grading, by)
    if candidate.person_id == by.pk:
        raise ExaminesThemselves
    found = Candidate.objects.select_for_update().get(pk=candidate.pk)
    found.result, found.note = result, note
    found.save(update_fields=["result", "note"])
    found.parts.all().delete()
    CandidatePart.objects.bulk_create(
        CandidatePart(candidate=found, part=part, passed=passed) for part, passed in parts.items()
    )
    _record("candidate.judged", locked, by, now, candidate=str(found.pk), result=result)
    return found


@transaction.atomic
def close_grading(*, grading: Grading, by: User, now: datetime) -> list[BeltAward]:
    """Make the results final and award the belts of all who passed, or nothing at all.

    Raises GradingOver for the second of two who close it, NotYet, NoExaminer, NotCandidates, ResultsMissing,
    BeltRefused when somebody has got that belt in the meantime, ExaminesThemselves, and queries.MayNot.
    """
    locked = _open(grading, by)
    if locked.held_on > timezone.localdate(now):
        raise NotYet
    if not locked.examiner and not locked.guest_examiner:
        raise NoExaminer
    # In the order of the people's rows, which award_belt locks: two gradings never wait for one another.
    candidates = list(locked.candidates.select_related("person").order_by("person"))
    if not candidates:
        raise NotCandidates
    if missing := [each for each in candidates if not each.result]:
        raise ResultsMissing(missing)
    passed = [each for each in candidates if each.result == Result.PASSED]
    if any(each.person_id == by.pk for each in passed):
        raise ExaminesThemselves
    awards = []
    for each in passed:
        each.grading = locked
        awards.append(
            award_belt(
                person=each.person, belt=each.belt, awarded_on=locked.held_on, by=by, now=now, candidate=each
            )
        )  # fmt: skip
    locked.closed_at = now
    locked.save(update_fields=["closed_at"])
    _record("grading.closed", locked, by, now, candidates=len(candidates), passed=len(passed))
    return awards


def _open(grading: Grading, by: User) -> Grading:
    """The row, locked before anything of the day is read."""
    locked = Grading.objects.select_for_update().get(pk=grading.pk)
    if not queries.may_hold(viewer=by, grading=locked):
        raise queries.MayNot(Action.TEACH.value)
    if locked.is_over:
        raise GradingOver
    return locked


def _in_order(parts: Collection[str]) -> list[str]:
    return [part for part in rules.PARTS if part in parts]


def _record(type: str, grading: Grading, by: User, now: datetime, **payload: Any) -> None:
    audit.record(type=type, object=grading, actor=by.actor_id, now=now, payload=payload)


def _tell_the_club(grading: Grading, by: User, now: datetime) -> None:
    """Everybody but whoever does it, once for each change of the day and the place."""
    if grading.held_on < timezone.localdate(now):
        return
    for member in Membership.objects.filter(club=grading.club_id).exclude(person=by).select_related("person"):
        tell(
            person=member.person, kind="grading_planned", facts={"grading": str(grading.pk)}, now=now,
            key=f"{grading.pk} {now.isoformat()}",
        )  # fmt: skip
