"""Children's accounts: made by a coach, opened with a code, seen and taken over by a guardian."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts import queries
from accounts.models import Club, Membership, Pupil, User, says_taken
from accounts.rules import Action
from accounts.rules import pupils as rules
from project.foundation.audit import commands as audit

from .belts import award_belt
from .clubs import take_seat
from .leaving import erase_person
from .people import EmailTaken
from .telling import post_mail, tell


class ConsentToCome(Exception):
    """Consent is recorded when it has been given."""


class NoSuchContact(Exception):
    """Neither an e-mail address nor a telephone number."""


@dataclass(frozen=True)
class Card:
    """What a child signs in with. The code is nowhere else: whoever loses the card gets a new one."""

    pupil: Pupil
    code: str


@transaction.atomic
def add_pupil(
    *,
    viewer: User,
    club_id: UUID,
    name: str,
    contact: str,
    consented_on: date,
    now: datetime,
    belt: int | None = None,
) -> Pupil:
    """Make an account for a child, on a seat of the club, and tell the guardian by mail where mail reaches them.

    Nobody knows its code until a card is made. Raises Club.DoesNotExist, queries.MayNot, ClubFull, ConsentToCome,
    NoSuchContact, BeltRefused.
    """
    club = _locked(viewer, club_id)
    if consented_on > now.astimezone(ZoneInfo(viewer.time_zone)).date():
        raise ConsentToCome
    if rules.contact_kind(contact) is None:
        raise NoSuchContact
    person = User(display_name=name, locale=viewer.locale, time_zone=viewer.time_zone, date_joined=now)
    person.set_unusable_password()
    person.save()
    pupil = Pupil.objects.create(
        person=person, club=club, code_digest=_digest(_new_code()), guardian_contact=contact,
        consented_on=consented_on, recorded_by=viewer.actor_id, recorded_at=now,
    )  # fmt: skip
    take_seat(club=club, person=person, role=Membership.Role.MEMBER, now=now)
    _record("pupil.added", pupil, viewer, now, club=str(club.pk), consented_on=consented_on.isoformat())
    if belt is not None:
        award_belt(person=person, belt=belt, awarded_on=consented_on, by=viewer, now=now, club=club)
    _write_to_guardian(pupil, now=now)
    return pupil


@transaction.atomic
def make_cards(*, viewer: User, club_id: UUID, pupil_ids: Collection[UUID], now: datetime) -> Sequence[Card]:
    """New codes for these children of a club, by name. Old ones die, and whoever came in with them is signed out.

    Raises Club.DoesNotExist, queries.MayNot; a child who is not theirs gets none.
    """
    club = _locked(viewer, club_id)
    theirs = Pupil.objects.filter(club=club, pk__in=pupil_ids)
    list(User.objects.select_for_update().filter(pupil__in=theirs).order_by("pk"))
    cards = []
    for pupil in theirs.select_related("person", "club").order_by("person__display_name", "pk"):
        code = _new_code()
        pupil.code_digest, pupil.code_issued_at = _digest(code), now
        pupil.save(update_fields=["code_digest", "code_issued_at"])
        _sign_out_everywhere(pupil.person)
        _record("pupil.card_made", pupil, viewer, now, club=str(club.pk))
        cards.append(Card(pupil, rules.in_groups(code)))
    return cards


@transaction.atomic
def set_guardian(*, viewer: User, club_id: UUID, pupil_id: UUID, contact: str, now: datetime) -> Pupil:
    """Reach the guardian there, with a new link; the links before it open nothing any more.

    Raises Club.DoesNotExist, Pupil.DoesNotExist, queries.MayNot, NoSuchContact.
    """
    club = _locked(viewer, club_id)
    if rules.contact_kind(contact) is None:
        raise NoSuchContact
    pupil = Pupil.objects.select_for_update(of=("self",)).select_related("person", "club").get(pk=pupil_id, club=club)
    pupil.guardian_contact, pupil.guardian_key = contact, uuid4()
    pupil.save(update_fields=["guardian_contact", "guardian_key"])
    _record("pupil.guardian_set", pupil, viewer, now)
    _write_to_guardian(pupil, now=now)
    return pupil


@transaction.atomic
def come_in_with_code(*, pupil: Pupil, code: str) -> None:
    """What is kept of the code is made with the present secret key of the hall, where it was made with an older one."""
    digest = _digest(code)
    if pupil.code_digest != digest:
        Pupil.objects.filter(pk=pupil.pk, code_digest=pupil.code_digest).update(code_digest=digest)


@transaction.atomic
def ask_take_over(*, token: str, email: str, now: datetime) -> None:
    """Send a letter to an address that shall be the child's. Its link is good for three days; nothing changes before.

    An address that somebody has is written to as well, so that this page tells nobody who has an account.
    Raises Pupil.DoesNotExist.
    """
    pupil = queries.pupil_behind(token=token)
    is_taken = queries.person_reached_at(email=email) is not None
    letter = queries.take_over_letter(pupil=pupil, email=email, is_taken=is_taken)
    post_mail(to=email, subject=letter.subject, text=letter.text, now=now)
    _record("pupil.take_over_asked", pupil, None, now)


def take_over(*, token: str, password: str, now: datetime) -> User:
    """The child's account is an ordinary one from now on: an address, a password, and no code, no club above it.

    Raises queries.LinkOver, EmailTaken.
    """
    try:
        with transaction.atomic():
            return _taken_over(token, password, now)
    except IntegrityError as refused:
        if not says_taken(refused):
            raise
        raise EmailTaken from None


def _taken_over(token: str, password: str, now: datetime) -> User:
    pupil, email = queries.take_over_behind(token=token)
    person = User.objects.select_for_update().get(pk=pupil.person_id)
    pupil, email = queries.take_over_behind(token=token)  # a letter that was used meanwhile is over
    person.email = email
    person.set_password(password)
    person.save(update_fields=["email", "password"])
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    _record("pupil.taken_over", pupil, person, now)
    pupil.delete()
    return person


@transaction.atomic
def withdraw_consent(*, token: str, now: datetime) -> None:
    """Erase the child's account, and tell the coaches of the club that it is gone, not whose it was.

    Raises Pupil.DoesNotExist.
    """
    pupil = queries.pupil_behind(token=token)
    club = pupil.club
    _record("pupil.consent_withdrawn", pupil, None, now)
    erase_person(person=pupil.person, now=now)
    if club is not None:
        for teacher in queries.teachers_of(club=club):
            tell(person=teacher, kind="pupil_left", facts={"club": str(club.pk)}, now=now)


def _locked(viewer: User, club_id: UUID) -> Club:
    """Hold the club; then look whether the viewer teaches there. Raises Club.DoesNotExist, queries.MayNot."""
    Club.objects.select_for_update(no_key=True).get(pk=club_id)
    return queries.membership(viewer=viewer, club_id=club_id, action=Action.TEACH).club


def _new_code() -> str:
    return rules.code_of(secrets.randbits(rules.BITS))


def _digest(code: str) -> str:
    return queries.code_digest(code=code)


def _sign_out_everywhere(person: User) -> None:
    """Sessions hang on the password, and each unusable one is another."""
    person.set_unusable_password()
    person.save(update_fields=["password"])


def _write_to_guardian(pupil: Pupil, *, now: datetime) -> None:
    if queries.is_reached_by_mail(pupil=pupil):
        letter = queries.guardian_letter(pupil=pupil)
        post_mail(to=pupil.guardian_contact, subject=letter.subject, text=letter.text, now=now)


def _record(type: str, pupil: Pupil, by: User | None, now: datetime, **payload: Any) -> None:
    actor = by.actor_id if by else None
    audit.record(type=type, object=pupil, object_id=str(pupil.person.actor_id), actor=actor, now=now, payload=payload)
