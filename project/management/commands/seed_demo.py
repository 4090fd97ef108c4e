from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from project.demo import CAST, PASSWORD


class Command(BaseCommand):
    help = "Let the demo cast in: ada, ben, cleo and otto. Only where DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo cast has a known password; it is only let in where DEBUG is on.")
        for person in CAST:
            if User.objects.filter(email=person.email).exists():
                continue
            user = User.objects.create_user(
                person.email, PASSWORD, display_name=person.name, locale=person.locale, is_staff=person.is_staff,
                is_superuser=person.is_staff,
            )  # fmt: skip
            EmailAddress.objects.create(user=user, email=person.email, verified=True, primary=True)
