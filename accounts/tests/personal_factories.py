"""Somebody of whom there is a row in every table of accounts, made without the commands that tests are about."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import (
    AdImpression,
    BeltAward,
    Candidate,
    CandidatePart,
    DataExport,
    Grading,
    Invitation,
    Notice,
    NoticePreference,
    OutgoingMail,
    Pupil,
    PushSubscription,
    Subscription,
    User,
)
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory

SOMEBODY = UUID(int=77)
DIGEST = "0" * 64


def rows_everywhere(person: User, *, now: Any, address: str) -> None:
    """A place in a club, an open invitation, a grading with a belt and its correction, a plan that ended, an
    advertisement, a notice, a wish, a device, a letter, a copy, a session and an account elsewhere."""
    day = now.date()
    club = a_club(UserFactory(), name="Somebody else's")
    joined(club, person)
    later = {"created_at": now, "created_by": SOMEBODY, "expires_at": now + timedelta(days=7)}
    Invitation.objects.create(club=club, role="member", email=address, **later)
    grading = Grading.objects.create(
        club=club, club_name=club.name, held_on=day, created_by=SOMEBODY, created_at=now, guest_examiner="A master"
    )
    candidate = Candidate.objects.create(grading=grading, person=person, belt=8, result="passed")
    CandidatePart.objects.create(candidate=candidate, part="tul", passed=True)
    given = {"person": person, "awarded_on": day, "awarded_by": SOMEBODY, "created_at": now}
    award = BeltAward.objects.create(belt=8, candidate=candidate, code="A" * 16, **given)
    BeltAward.objects.create(belt=9, corrects=award, reason="a slip of the pen", code="B" * 16, **given)
    if not person.is_pupil:
        Subscription.objects.create(
            person=person, provider="stripe", reference="sub_hers", customer="cus_hers", plan="pro", status="canceled",
            created_at=now,
        )  # fmt: skip
    AdImpression.objects.create(id=UUID(int=5), person=person, session=UUID(int=6), shown_at=now)
    Notice.objects.create(person=person, kind="club_joined", facts={"club": str(club.pk)}, created_at=now)
    NoticePreference.objects.create(person=person, topic="club", channel="mail", is_on=False)
    PushSubscription.objects.create(
        person=person, endpoint="https://push.example/hers", p256dh="p" * 87, auth="hers-auth", created_at=now
    )
    OutgoingMail.objects.create(to=address.upper(), subject="To her", text="A letter", created_at=now)
    DataExport.objects.create(person=person, asked_at=now)
    UserSession.objects.create(user=person, ip="192.0.2.7", user_agent="Hers", session_key="hers")
    elsewhere = SocialAccount.objects.create(
        user=person, provider="google", uid="g-hers", extra_data={"email": address}
    )
    SocialToken.objects.create(account=elsewhere, token="t0ken-hers", token_secret="")


class Pupils:
    """Children's accounts as they stand in the database."""

    made = 0

    @classmethod
    @transaction.atomic
    def one(cls, club: Any, *, name: str = "Tosia", contact: str = "mother@home.example", **more: Any) -> Pupil:
        cls.made += 1
        person = User(email=None, display_name=name, locale="pl")
        person.set_unusable_password()
        person.save()
        facts = {"code_digest": f"{cls.made:064x}", "guardian_contact": contact, "recorded_by": SOMEBODY}
        pupil = Pupil.objects.create(
            **{"person": person, "club": club, "consented_on": "2026-11-01", "recorded_at": "2026-11-01T09:00Z"}
            | facts
            | more
        )
        joined(club, person)
        return pupil
