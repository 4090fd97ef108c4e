from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import commands as accounts
from accounts import queries as people
from project.demo import CAST, PASSWORD, Person


class Command(BaseCommand):
    help = "Let the demo cast in: ada, ben, cleo and otto. Only where DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo cast has a known password; it is only let in where DEBUG is on.")
        for person in CAST:
            self._let_in(person, now=timezone.now())

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
