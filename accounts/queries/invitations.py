from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import F
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import Club, Invitation, Membership, User
from accounts.rules import Action, may
from accounts.rules import invitations as rules

from .clubs import membership
from .people import language_of, person_reached_at

_SIGNER = signing.Signer(salt="accounts.invitation")


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str


def fate(*, invitation: Invitation, now: datetime) -> rules.Fate:
    return rules.fate(
        uses=invitation.uses,
        uses_max=invitation.uses_max,
        expires_at=invitation.expires_at,
        declined_at=invitation.declined_at,
        revoked_at=invitation.revoked_at,
        now=now,
    )


def addresses_in(*, club: Club) -> frozenset[str]:
    """The addresses of everybody in a club, in small letters, second ones that they have confirmed included."""
    people = Membership.objects.filter(club=club).values("person")
    main = User.objects.filter(pk__in=people, email__isnull=False).values_list(Lower("email"), flat=True)
    others = User.objects.filter(pk__in=people, emailaddress__verified=True).values_list(
        Lower("emailaddress__email"), flat=True
    )
    return frozenset(main) | frozenset(others)


def addresses_waiting(*, club: Club, now: datetime) -> frozenset[str]:
    """The addresses that have an open letter."""
    return frozenset(_open(Invitation.objects.filter(club=club), now).exclude(email="").values_list("email", flat=True))


def open_invitations(*, viewer: Any, club_id: UUID, now: datetime) -> Sequence[Invitation]:
    """What still opens a club, newest first, as far as the viewer could have made it. Raises Club.DoesNotExist,
    MayNot."""
    mine = membership(viewer=viewer, club_id=club_id, action=Action.INVITE)
    found = _open(Invitation.objects.filter(club=club_id), now)
    return [each for each in found if may(mine.role, Action.INVITE, towards=each.role)]


def invitation(*, viewer: Any, club_id: UUID, invitation_id: UUID) -> Invitation:
    """One that the viewer could have made. Raises Club.DoesNotExist, MayNot, Invitation.DoesNotExist."""
    mine = membership(viewer=viewer, club_id=club_id, action=Action.INVITE)
    found = Invitation.objects.select_related("club").get(pk=invitation_id, club=club_id)
    if not may(mine.role, Action.INVITE, towards=found.role):
        raise Invitation.DoesNotExist
    return found


def invitation_behind(*, token: str) -> Invitation:
    """The invitation that a link carries. Raises Invitation.DoesNotExist for one that we did not make."""
    try:
        key = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        raise Invitation.DoesNotExist from None
    return Invitation.objects.select_related("club").get(pk=key)


def link_to(*, invitation: Invitation) -> str:
    """The whole address. Of a letter it is a secret between the hall and its reader: whoever opens it has shown that
    the address is theirs, so it is never on a page."""
    return f"{settings.PUBLIC_URL}{reverse('join', args=[_SIGNER.sign(invitation.pk.hex)])}"


def invitation_letter(*, invitation: Invitation, by: User) -> Letter:
    """In the language of whoever reads it, where they have an account, else of whoever sends it."""
    reader = person_reached_at(email=invitation.email)
    facts = {
        "club": invitation.club.name,
        "by": by.display_name,
        "role": invitation.role,
        "until": invitation.expires_at,
        "link": link_to(invitation=invitation),
        "has_account": reader is not None,
    }
    with translation.override(language_of(email=invitation.email) or by.locale or translation.get_language()):
        subject = render_to_string("accounts/clubs/email/invitation_subject.txt", facts)
        text = render_to_string("accounts/clubs/email/invitation_message.txt", facts)
    return Letter(" ".join(subject.split()), text.strip() + "\n")


def _open(invitations: Any, now: datetime) -> Any:
    return invitations.filter(revoked_at=None, declined_at=None, uses__lt=F("uses_max"), expires_at__gt=now).order_by(
        "-created_at", "id"
    )
