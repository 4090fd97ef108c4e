from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import BeltAward, Membership, User
from accounts.rules import belts as rules

from .clubs import TEACHERS, is_instructor_of
from .people import Role, names_of, staff_roles

Validity = rules.Validity


@dataclass(frozen=True)
class Line:
    """One award that stands. `was` is what it corrects, where it does."""

    award: BeltAward
    was: BeltAward | None


@dataclass(frozen=True)
class History:
    """Somebody's belts, the last one first, and what was corrected away."""

    person: User
    lines: Sequence[Line]
    voided: Sequence[BeltAward]
    """Awards that there never were: the rows that say so."""

    @property
    def belt(self) -> int | None:
        return self.lines[0].award.belt if self.lines else None


@dataclass(frozen=True)
class Certificate:
    """An award as its certificate tells of it."""

    award: BeltAward
    validity: Validity
    stands: BeltAward
    """The row in whose words it is true now: the award itself while it is valid."""
    examiner: str


def belt_of(*, person: User) -> int | None:
    """Somebody's belt: that of their last award. None when nobody here has given them one."""
    return belts_of(people=[person]).get(person.pk)


def belts_of(*, people: Iterable[User | int]) -> dict[int, int]:
    """The belts of many people by their primary keys, in one query; who has none is missing."""
    belts = {person: rules.current_belt(awards) for person, awards in awards_of(people=people).items()}
    return {person: belt for person, belt in belts.items() if belt is not None}


def awards_of(*, people: Iterable[User | int]) -> dict[int, list[rules.Award]]:
    """The rows of many people's histories by their primary keys, in one query."""
    awards: dict[int, list[rules.Award]] = {}
    for each in BeltAward.objects.filter(person__in=list(people)).order_by():
        awards.setdefault(each.person_id, []).append(each.facts)
    return awards


def may_award(*, viewer: Any, person: User) -> bool:
    """Whether somebody may give and correct this person's belts: their instructors and the staff's examiners."""
    if viewer.pk == person.pk:
        return False
    return is_instructor_of(viewer=viewer, person=person) or Role.EXAMINER in staff_roles(person=viewer)


def belt_history(*, viewer: Any, person: User) -> History:
    """Raises User.DoesNotExist for whoever is neither the person nor may award them."""
    if viewer.pk != person.pk and not may_award(viewer=viewer, person=person):
        raise User.DoesNotExist
    rows = {award.pk: award for award in BeltAward.objects.filter(person=person)}
    standing = [rows[each.id] for each in rules.history(award.facts for award in rows.values())]
    corrected = {award.corrects_id for award in rows.values()}
    return History(
        person,
        [Line(award, rows.get(award.corrects_id) if award.corrects_id else None) for award in standing],
        [award for award in rows.values() if award.is_void and award.pk not in corrected],
    )


def member_taught(*, viewer: Any, club_id: UUID, membership_id: UUID) -> Membership:
    """Somebody else's place in a club where the viewer teaches. Raises Membership.DoesNotExist."""
    taught = Membership.objects.filter(club=club_id, person=viewer.pk, role__in=TEACHERS).values("club")
    found = Membership.objects.select_related("club", "person").filter(club__in=taught)
    return found.exclude(person=viewer.pk).get(pk=membership_id)


def person_awarded(*, viewer: Any, actor: UUID) -> User:
    """Somebody by their pseudonym, for those who may award them. Raises User.DoesNotExist."""
    person = User.objects.get(actor_id=actor)
    if not may_award(viewer=viewer, person=person):
        raise User.DoesNotExist
    return person


def award(*, viewer: Any, award_id: UUID) -> BeltAward:
    """An award for the person, their instructors and examiners. Raises BeltAward.DoesNotExist."""
    found = BeltAward.objects.select_related("person", "candidate__grading").get(pk=award_id)
    if viewer.pk != found.person_id and not may_award(viewer=viewer, person=found.person):
        raise BeltAward.DoesNotExist
    return found


def award_to_correct(*, viewer: Any, award_id: UUID) -> BeltAward:
    """The same for those who may correct it, and only while nothing stands in its place."""
    found = award(viewer=viewer, award_id=award_id)
    if viewer.pk == found.person_id or BeltAward.objects.filter(corrects=found).exists():
        raise BeltAward.DoesNotExist
    return found


def certificate(*, code: str) -> Certificate:
    """What a code on a certificate stands for, as anybody may know who has it. Raises BeltAward.DoesNotExist."""
    found = BeltAward.objects.select_related("person", "candidate__grading").get(code=rules.typed_code(code))
    return certificate_of(award=found)


def certificate_of(*, award: BeltAward) -> Certificate:
    rows = {each.pk: each for each in BeltAward.objects.filter(person=award.person_id)}
    validity, last = rules.validity(award.facts, [each.facts for each in rows.values()])
    return Certificate(award, validity, rows[last.id], _examiner_of(award, rows))


def _examiner_of(award: BeltAward, rows: dict[UUID, BeltAward]) -> str:
    """By whom the candidate was examined, else who gave the belt; empty when they are gone. A correction names the
    examiner of what it corrects."""
    first = award
    while first.corrects_id:
        first = rows[first.corrects_id]
    from_grading = first.candidate.grading if first.candidate else None
    if from_grading and from_grading.guest_examiner:
        return from_grading.guest_examiner
    actor = from_grading.examiner if from_grading and from_grading.examiner else first.awarded_by
    return names_of(actors={actor}).get(actor, "")
