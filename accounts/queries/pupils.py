"""Children's accounts: for the coaches of their club, for their guardians, and at the entrance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac

from accounts.models import Club, Membership, Pupil, User
from accounts.rules import Action
from accounts.rules.pupils import Contact, contact_kind

from .belts import belts_of
from .clubs import membership

_GUARDIAN = "accounts.guardian"
_TAKE_OVER = "accounts.take_over"
DAYS = 3
"""For so long the link in a letter that confirms an address is good."""


class LinkOver(Exception):
    """The link was used, is too old, or is none."""


@dataclass(frozen=True)
class PlainLetter:
    subject: str
    text: str


@dataclass(frozen=True)
class PupilLine:
    """`belt` is None for a child to whom nobody here has given one."""

    pupil: Pupil
    belt: int | None


def pupils(*, viewer: Any, club_id: UUID) -> tuple[Club, Sequence[PupilLine]]:
    """The children of a club by name, and the club. Raises Club.DoesNotExist, MayNot."""
    club = membership(viewer=viewer, club_id=club_id, action=Action.TEACH).club
    found = list(Pupil.objects.filter(club=club).select_related("person").order_by("person__display_name", "pk"))
    belts = belts_of(people=[each.person_id for each in found])
    return club, [PupilLine(each, belts.get(each.person_id)) for each in found]


def pupil(*, viewer: Any, club_id: UUID, pupil_id: UUID) -> Pupil:
    """A child of a club in which the viewer teaches. Raises Club.DoesNotExist, Pupil.DoesNotExist, MayNot."""
    membership(viewer=viewer, club_id=club_id, action=Action.TEACH)
    return Pupil.objects.select_related("person", "club").get(pk=pupil_id, club=club_id)


def pupil_with_code(*, code: str) -> Pupil | None:
    """Whose code this is (as rules.pupils.as_meant gives it)."""
    digests = [
        code_digest(code=code, secret=secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return Pupil.objects.select_related("person").filter(code_digest__in=digests, person__is_active=True).first()


def code_digest(*, code: str, secret: str | None = None) -> str:
    """What is kept of a code: nobody finds it out from the database without the secret key of the hall."""
    return salted_hmac("accounts.pupil_code", code, secret=secret, algorithm="sha256").hexdigest()


def guardian_token(*, pupil: Pupil) -> str:
    """What a guardian's link carries. It is good until the pupil's key changes."""
    return signing.Signer(salt=_GUARDIAN).sign(pupil.guardian_key.hex)


def pupil_behind(*, token: str) -> Pupil:
    """The child of whoever has this link. Raises Pupil.DoesNotExist for a link that is over, or none."""
    try:
        key = UUID(signing.Signer(salt=_GUARDIAN).unsign(token))
    except (signing.BadSignature, ValueError):
        raise Pupil.DoesNotExist from None
    return Pupil.objects.select_related("person", "club").get(guardian_key=key)


def take_over_behind(*, token: str) -> tuple[Pupil, str]:
    """The child and the address that a letter has confirmed. Raises LinkOver."""
    try:
        key, email = signing.loads(token, salt=_TAKE_OVER, max_age=timedelta(days=DAYS))
        pupil = Pupil.objects.select_related("person", "club").get(guardian_key=UUID(key))
    except (signing.BadSignature, ValueError, Pupil.DoesNotExist):
        raise LinkOver from None
    return pupil, email


def guardian_url(*, pupil: Pupil) -> str:
    """Where the guardian sees everything; whoever has this address is the guardian."""
    return f"{settings.PUBLIC_URL}{reverse('guardian', args=[guardian_token(pupil=pupil)])}"


def guardian_letter(*, pupil: Pupil) -> PlainLetter:
    """In the language of the child's account."""
    return _letter("guardian", pupil, url=guardian_url(pupil=pupil), consented_on=pupil.consented_on)


def take_over_letter(*, pupil: Pupil, email: str, is_taken: bool) -> PlainLetter:
    """To the address that shall be the child's. One that somebody has gets no link."""
    token = signing.dumps([pupil.guardian_key.hex, email], salt=_TAKE_OVER)
    url = settings.PUBLIC_URL + reverse("guardian_confirm", args=[token])
    return _letter("address_taken" if is_taken else "take_over", pupil, url="" if is_taken else url, days=DAYS)


def _letter(name: str, pupil: Pupil, **said: Any) -> PlainLetter:
    context = {"name": str(pupil.person), "club": pupil.club, "hall": settings.PUBLIC_URL} | said
    with translation.override(pupil.person.locale or settings.LANGUAGE_CODE):
        text = render_to_string(f"accounts/pupils/{name}.txt", context).strip()
    subject, _, body = text.partition("\n")
    return PlainLetter(subject.strip()[:200], body.strip() + "\n")


def is_reached_by_mail(*, pupil: Pupil) -> bool:
    return contact_kind(pupil.guardian_contact) is Contact.MAIL


def teachers_of(*, club: Club) -> Sequence[User]:
    """Owner and coaches."""
    taught = Membership.objects.filter(club=club, role__in=[Membership.Role.OWNER, Membership.Role.COACH])
    return [each.person for each in taught.select_related("person").order_by("joined_at", "pk")]
