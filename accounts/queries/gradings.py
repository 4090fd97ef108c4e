from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import Candidate, Club, Grading, Membership, StaffRole, User
from accounts.rules import Action
from accounts.rules import belts as rules
from accounts.rules import clubs as club_rules
from project.foundation.belts import HIGHEST, LOWEST

from .belts import awards_of
from .clubs import TEACHERS, membership
from .people import Role, names_of, staff_roles


@dataclass(frozen=True)
class Day:
    """A grading in a list. `own` is the viewer's own row on it."""

    grading: Grading
    examiner: str
    own: Candidate | None
    candidates: int | None = None
    """How many there are; None for those whom it does not concern."""


@dataclass(frozen=True)
class ClubDays:
    club: Club
    teaches: bool
    upcoming: Sequence[Day]
    past: Sequence[Day]


@dataclass(frozen=True)
class GradingEntry:
    """A candidate on the list of a day, with the belt worn now."""

    candidate: Candidate
    belt: int | None
    parts: Mapping[str, bool]
    suggested: str
    is_unusual: bool
    """Skips more grades than is usual."""


@dataclass(frozen=True)
class Enrollable:
    person: User
    belt: int | None
    next: int


@dataclass(frozen=True)
class Sheet:
    """A grading as the viewer may see it: those who hold it see everybody, others only themselves."""

    grading: Grading
    examiner: str
    holds: bool
    entries: Sequence[GradingEntry]

    @property
    def own(self) -> GradingEntry | None:
        return self.entries[0] if self.entries and not self.holds else None

    @property
    def open_results(self) -> int:
        return sum(1 for entry in self.entries if not entry.candidate.result)


def may_hold(*, viewer: Any, grading: Grading) -> bool:
    """Whoever teaches in its club, and examiners of the staff."""
    teaches = Membership.objects.filter(club=grading.club_id, person=viewer.pk, role__in=TEACHERS)
    return teaches.exists() or Role.EXAMINER in staff_roles(person=viewer)


def examiners_for(*, club: Club) -> Sequence[User]:
    """Whom a grading of this club can name: those who teach there and the examiners of the staff."""
    teaching = Membership.objects.filter(club=club, role__in=TEACHERS).values("person")
    staff = StaffRole.objects.filter(role=Role.EXAMINER, person__is_staff=True, person__is_active=True)
    people = User.objects.filter(Q(pk__in=teaching) | Q(pk__in=staff.values("person")))
    return list(people.order_by("display_name", "pk"))


def gradings_of_club(*, viewer: Any, club_id: UUID, now: datetime) -> ClubDays:
    """The days of a club, the nearest ones first. Raises Club.DoesNotExist."""
    place = membership(viewer=viewer, club_id=club_id)
    teaches = club_rules.may(place.role, Action.TEACH)
    found = list(Grading.objects.filter(club=club_id).annotate(size=Count("candidates")).order_by("-held_on", "pk"))
    days = _days(found, viewer, counted=teaches)
    today = timezone.localdate(now)
    upcoming = [day for day in days if _is_ahead(day.grading, today)]
    return ClubDays(place.club, teaches, upcoming[::-1], [day for day in days if day not in upcoming])


def next_gradings(*, viewer: Any, now: datetime) -> Sequence[Day]:
    """The days ahead in the clubs of the viewer, the nearest first."""
    clubs = Membership.objects.filter(person=viewer.pk).values("club")
    ahead = Grading.objects.filter(
        club__in=clubs, held_on__gte=timezone.localdate(now), closed_at=None, canceled_at=None
    )
    return _days(list(ahead.order_by("held_on", "pk")), viewer)


def seen_gradings(*, viewer: Any) -> QuerySet[Grading]:
    """The gradings of the viewer's clubs and those they were candidates of. `day` is held_on as text (ISO 8601)."""
    mine = Candidate.objects.filter(grading=OuterRef("pk"), person=viewer.pk)
    member = Membership.objects.filter(club=OuterRef("club"), person=viewer.pk)
    seen = Grading.objects.filter(Exists(mine) | Exists(member)).annotate(day=Cast("held_on", CharField()))
    own = Candidate.objects.filter(person=viewer.pk)
    return seen.prefetch_related(Prefetch("candidates", own, to_attr="own"))


def examiner_names(gradings: Sequence[Grading]) -> dict[UUID, str]:
    """By the ids of gradings, in one query; empty where there is none, or they are gone."""
    names = names_of(actors={grading.examiner for grading in gradings if grading.examiner})
    return {grading.pk: grading.guest_examiner or names.get(grading.examiner, "") for grading in gradings}


def grading(*, viewer: Any, grading_id: UUID) -> Sheet:
    """One day. Raises Grading.DoesNotExist for those who are neither of the club nor on its list nor examiners."""
    found = Grading.objects.select_related("club").get(pk=grading_id)
    holds = may_hold(viewer=viewer, grading=found)
    candidates = found.candidates.select_related("person", "award").prefetch_related("parts")
    rows = list(
        (candidates if holds else candidates.filter(person=viewer.pk)).order_by("-belt", "person__display_name", "pk")
    )
    if not holds and not rows and not Membership.objects.filter(club=found.club_id, person=viewer.pk).exists():
        raise Grading.DoesNotExist
    return Sheet(found, examiner_names([found])[found.pk], holds, _entries(found, rows))


def grading_held(*, viewer: Any, grading_id: UUID) -> Sheet:
    """One day for those who hold it. Raises Grading.DoesNotExist for everybody else."""
    sheet = grading(viewer=viewer, grading_id=grading_id)
    if not sheet.holds:
        raise Grading.DoesNotExist
    return sheet


def entry(*, viewer: Any, candidate_id: UUID) -> GradingEntry:
    """One candidate for those who hold the day. Raises Candidate.DoesNotExist."""
    found = Candidate.objects.select_related("grading", "person", "award").get(pk=candidate_id)
    if not may_hold(viewer=viewer, grading=found.grading):
        raise Candidate.DoesNotExist
    return _entries(found.grading, [found])[0]


def enrollable(*, grading: Grading) -> Sequence[Enrollable]:
    """Members of the club who are not on the list, with the belt that comes next; those who hold the day ask."""
    listed = Candidate.objects.filter(grading=grading).values("person")
    members = Membership.objects.filter(club=grading.club_id).exclude(person__in=listed).select_related("person")
    if grading.examiner:
        members = members.exclude(person__actor_id=grading.examiner)
    people = [member.person for member in members.order_by("person__display_name", "pk")]
    awards = awards_of(people=people)
    belts = {person.pk: rules.current_belt(awards.get(person.pk, [])) for person in people}
    return [
        Enrollable(person, belts[person.pk], rules.next_belt(belts[person.pk], highest=HIGHEST, lowest=LOWEST))
        for person in people
    ]


def member_of(*, grading: Grading, actor: UUID) -> User:
    """A member of the grading's club by their pseudonym; those who hold the day ask. Raises Grading.DoesNotExist."""
    found = Membership.objects.filter(club=grading.club_id, person__actor_id=actor).select_related("person").first()
    if found is None:
        raise Grading.DoesNotExist
    return found.person


def _is_ahead(grading: Grading, today: Any) -> bool:
    """Also a day that has been and waits for its results stays with those to come, until it is closed."""
    return not grading.is_over and (grading.held_on >= today or bool(getattr(grading, "size", 0)))


def _days(found: Sequence[Grading], viewer: Any, *, counted: bool = False) -> list[Day]:
    names = examiner_names(found)
    own = {each.grading_id: each for each in Candidate.objects.filter(grading__in=found, person=viewer.pk)}
    return [
        Day(each, names[each.pk], own.get(each.pk), each.size if counted else None)  # type: ignore[attr-defined]
        for each in found
    ]


def _entries(grading: Grading, candidates: Sequence[Candidate]) -> list[GradingEntry]:
    awards = awards_of(people=[each.person_id for each in candidates])
    return [_entry(grading, each, awards.get(each.person_id, [])) for each in candidates]


def _entry(grading: Grading, candidate: Candidate, awards: list[rules.Award]) -> GradingEntry:
    """What was written when the day was closed or after is left out: the belt is the one in which they came."""
    closed = grading.closed_at
    before = [each for each in awards if closed is None or each.created_at < closed]
    parts = {part.part: part.passed for part in candidate.parts.all()}
    return GradingEntry(
        candidate,
        next((each.belt for each in rules.history(before) if each.awarded_on <= grading.held_on), None),
        parts,
        rules.suggested_result(asked=grading.parts, parts=parts),
        rules.step_to(candidate.belt, on=grading.held_on, awards=before).is_unusual,
    )
