from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import commands as accounts
from accounts import queries as people
from project.demo import CAST, CLUB, PASSWORD, Person


class Command(BaseCommand):
    help = "Let the demo cast in: ada, ben, cleo and otto. Only where DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo cast has a known password; it is only let in where DEBUG is on.")
        now = timezone.now()
        for person in CAST:
            self._let_in(person, now=now)
        self._found_the_club(now=now)
        self._hold_gradings(now=now)

    def _let_in(self, person: Person, *, now: datetime) -> None:
        with suppress(accounts.EmailTaken):
            accounts.create_person(
                email=person.email,
                password=PASSWORD,
                display_name=person.name,
                locale=person.locale,
                is_operator=person.is_staff,
                now=now,
            )
        if person.secret and (known := people.person_reached_at(email=person.email)):
            accounts.add_authenticator_app(person=known, secret=person.secret, now=now)

    def _found_the_club(self, *, now: datetime) -> None:
        """Ada's club, with ben in it and a link for whoever comes next. What is there already stays as it is."""
        ada, ben = (people.person_reached_at(email=f"{name}@dojang.example") for name in ("ada", "ben"))
        if ada is None or ben is None or people.clubs_of(person=ada):
            return
        with suppress(accounts.HasPlan):
            accounts.give_plan(person=ada, plan="club", until=None, by=None, now=now)
        club = accounts.create_club(person=ada, name=CLUB, seats=12, now=now)
        link = accounts.make_link(
            viewer=ada, club_id=club.pk, role=people.ClubRole.MEMBER, uses_max=20, lifetime=timedelta(days=90), now=now
        )
        accounts.accept_invitation(person=ben, invitation_id=link.pk, now=now)

    def _hold_gradings(self, *, now: datetime) -> None:
        """Ben's way from 10th to 7th kup, the last step at a grading of Ada's club, and the day of his next one."""
        ada, ben, otto = (people.person_reached_at(email=f"{name}@dojang.example") for name in ("ada", "ben", "otto"))
        place = next(iter(people.clubs_of(person=ada)), None) if ada else None
        if ada is None or ben is None or otto is None or place is None or people.belt_of(person=ben) is not None:
            return
        club, today = place.club, timezone.localdate(now)
        accounts.award_belt(person=ada, belt=-3, awarded_on=today - timedelta(days=1100), by=otto, now=now)
        for belt, days in ((10, 800), (9, 620), (8, 410)):
            accounts.award_belt(
                person=ben, belt=belt, awarded_on=today - timedelta(days=days), by=ada, now=now, club=club
            )
        held = accounts.plan_grading(
            club=club, held_on=today - timedelta(days=130), place="Hala Wisła", examiner=ada, by=ada, now=now
        )
        candidate = accounts.enrol(grading=held, person=ben, belt=7, by=ada, now=now)
        seen = dict.fromkeys(held.parts, True)
        accounts.record_result(candidate=candidate, parts=seen, result="passed", note="", by=ada, now=now)
        accounts.close_grading(grading=held, by=ada, now=now)
        ahead = accounts.plan_grading(
            club=club, held_on=today + timedelta(days=21), place="Hala Wisła", guest_examiner="Sabum Kim Min-jae",
            by=ada, now=now,
        )  # fmt: skip
        accounts.enrol(grading=ahead, person=ben, belt=6, by=ada, now=now)
