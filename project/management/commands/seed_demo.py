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
