from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import commands as accounts
from project.demo import CAST, PASSWORD


class Command(BaseCommand):
    help = "Let the demo cast in: ada, ben, cleo and otto. Only where DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo cast has a known password; it is only let in where DEBUG is on.")
        for person in CAST:
            with suppress(accounts.EmailTaken):
                accounts.create_person(
                    email=person.email,
                    password=PASSWORD,
                    display_name=person.name,
                    locale=person.locale,
                    is_operator=person.is_staff,
                    now=timezone.now(),
                )
