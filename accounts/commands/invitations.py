"""Ways into a club. An invitation holds no seat until somebody accepts it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts import queries
from accounts.models import Club, Invitation, Membership, User
from accounts.rules import Action, may
from accounts.rules import invitations as rules
from project.foundation.audit import commands as audit

from .clubs import AlreadyMember, take_seat
from .telling import post_mail, tell

Role = Membership.Role


class AlreadyInvited(Exception):
    """This address has an open invitation to this club."""


class InvitationOver(Exception):
    """It opens nothing any more; `fate` says why (rules.invitations.Fate)."""

    def __init__(self, fate: rules.Fate) -> None:
        self.fate = fate
        super().__init__(fate.value)


class SentJustNow(Exception):
    """A letter to the same address left within the hour."""


@transaction.atomic
def invite_by_mail(*, viewer: User, club_id: UUID, email: str, role: Role, now: datetime) -> Invitation:
    """Send a letter to somebody, who may have no account yet. Raises AlreadyMember, AlreadyInvited,
    Club.DoesNotExist, queries.MayNot."""
    club = _inviting(viewer, club_id, role)
    address = email.strip().lower()
    if address in queries.addresses_in(club=club):
        raise AlreadyMember
    if address in queries.addresses_waiting(club=club, now=now):
        raise AlreadyInvited
    return _written(club, address, role, viewer, now)


@transaction.atomic
def invite_by_list(*, viewer: User, club_id: UUID, text: str, now: datetime) -> Sequence[rules.Line]:
    """Send a letter to everybody on a list who can be invited; the report says what became of each line.

    Raises rules.ListTooLong, Club.DoesNotExist, queries.MayNot.
    """
    club = _inviting(viewer, club_id, Role.MEMBER)
    mine = queries.membership(viewer=viewer, club_id=club_id)
    lines = rules.read_list(
        text,
        members=queries.addresses_in(club=club),
        waiting=queries.addresses_waiting(club=club, now=now),
        roles=[role for role in (Role.MEMBER, Role.COACH) if may(mine.role, Action.INVITE, towards=role)],
    )
    for line in lines:
        if line.is_good:
            _written(club, line.email, Role(line.role), viewer, now)
    return lines


@transaction.atomic
def make_link(
    *, viewer: User, club_id: UUID, role: Role, uses_max: int, lifetime: timedelta, now: datetime
) -> Invitation:
    """A link, and a picture to scan, for up to `uses_max` people. Raises Club.DoesNotExist, queries.MayNot."""
    club = _inviting(viewer, club_id, role)
    invitation = Invitation.objects.create(
        club=club, role=role, uses_max=uses_max, created_at=now, created_by=viewer.actor_id, expires_at=now + lifetime
    )
    _record("invitation.made", invitation, viewer, now, role=role.value, uses_max=uses_max)
    return invitation


@transaction.atomic
def send_again(*, viewer: User, club_id: UUID, invitation_id: UUID, now: datetime) -> Invitation:
    """The same letter once more, good for the full time again. Raises InvitationOver, SentJustNow,
    Invitation.DoesNotExist, Club.DoesNotExist, queries.MayNot."""
    invitation = _mine(viewer, club_id, invitation_id)
    found = queries.fate(invitation=invitation, now=now)
    if found not in {rules.Fate.OPEN, rules.Fate.EXPIRED} or not invitation.email:
        raise InvitationOver(found)
    if invitation.sent_at and now - invitation.sent_at < timedelta(hours=1):
        raise SentJustNow
    invitation.expires_at = now + rules.LIFETIME
    invitation.save(update_fields=["expires_at"])
    _send(invitation, viewer, now)
    return invitation


@transaction.atomic
def revoke_invitation(*, viewer: User, club_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """It opens nothing from now on; who came with it stays. Once revoked, doing so again changes nothing."""
    invitation = _mine(viewer, club_id, invitation_id)
    if invitation.revoked_at is None:
        invitation.revoked_at = now
        invitation.save(update_fields=["revoked_at"])
        _record("invitation.revoked", invitation, viewer, now)


@transaction.atomic
def accept_invitation(*, person: User, invitation_id: UUID, now: datetime) -> Membership:
    """Take a seat. The club is held, then the invitation: so many get in as there are seats and uses.

    Whoever is in the club already stays as they are, and uses nothing up. Raises InvitationOver, ClubFull,
    AlreadyMember, and Club.DoesNotExist or Invitation.DoesNotExist when the club has closed.
    """
    club = Club.objects.select_for_update(no_key=True).get(invitations=invitation_id)
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    found = queries.fate(invitation=invitation, now=now)
    if found is not rules.Fate.OPEN:
        raise InvitationOver(found)
    place = take_seat(club=club, person=person, role=Role(invitation.role), now=now, invitation=invitation)
    Invitation.objects.filter(pk=invitation.pk).update(uses=F("uses") + 1)
    owner = Membership.objects.select_related("person").get(club=club, role=Role.OWNER).person
    facts = {"club": str(club.pk), "member": str(person.actor_id)}
    tell(person=owner, kind="club_joined", facts=facts, now=now)
    return place


@transaction.atomic
def decline_invitation(*, invitation_id: UUID, now: datetime) -> None:
    """Say no to a letter; a link has no single reader who could. Raises InvitationOver, Invitation.DoesNotExist."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    found = queries.fate(invitation=invitation, now=now)
    if found is not rules.Fate.OPEN or not invitation.email:
        raise InvitationOver(found)
    invitation.declined_at = now
    invitation.save(update_fields=["declined_at"])
    _record("invitation.declined", invitation, None, now)


def forget_invitations(*, now: datetime) -> int:
    """Delete what has been over for a month: there is no reason to keep an address any longer. Gives how many."""
    gone, _ = Invitation.objects.filter(expires_at__lt=now - timedelta(days=30)).delete()
    return gone


def _inviting(viewer: User, club_id: UUID, role: Role) -> Club:
    """The club, held, when the viewer may invite somebody in this role."""
    Club.objects.select_for_update(no_key=True).get(pk=club_id)
    mine = queries.membership(viewer=viewer, club_id=club_id, action=Action.INVITE)
    if not may(mine.role, Action.INVITE, towards=role):
        raise queries.MayNot(Action.INVITE.value)
    return mine.club


def _mine(viewer: User, club_id: UUID, invitation_id: UUID) -> Invitation:
    """An invitation of this club, held, when the viewer may make such ones."""
    invitation = Invitation.objects.filter(pk=invitation_id, club=club_id).first()
    if invitation is None:
        queries.membership(viewer=viewer, club_id=club_id)
        raise Invitation.DoesNotExist
    _inviting(viewer, club_id, Role(invitation.role))
    return Invitation.objects.select_for_update().select_related("club").get(pk=invitation_id)


def _written(club: Club, address: str, role: Role, viewer: User, now: datetime) -> Invitation:
    """A new letter. One that ran out makes room for it."""
    Invitation.objects.filter(
        club=club, email=address, uses=0, declined_at=None, revoked_at=None, expires_at__lte=now
    ).update(revoked_at=now)
    invitation = Invitation.objects.create(
        club=club, role=role, email=address, created_at=now, created_by=viewer.actor_id,
        expires_at=now + rules.LIFETIME,
    )  # fmt: skip
    _record("invitation.made", invitation, viewer, now, role=role.value, uses_max=1)
    _send(invitation, viewer, now)
    return invitation


def _send(invitation: Invitation, viewer: User, now: datetime) -> None:
    letter = queries.invitation_letter(invitation=invitation, by=viewer)
    post_mail(to=invitation.email, subject=letter.subject, text=letter.text, now=now)
    invitation.sent_at = now
    invitation.save(update_fields=["sent_at"])


def _record(type: str, invitation: Invitation, by: User | None, now: datetime, **payload: object) -> None:
    facts = {"club": str(invitation.club_id), **payload}
    audit.record(type=type, object=invitation, actor=by.actor_id if by else None, now=now, payload=facts)
