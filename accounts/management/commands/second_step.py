from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import commands
from accounts.models import User


class Command(BaseCommand):
    help = "Take away the second step of somebody who has lost it: manage.py second_step --remove otto@dojang.example"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--remove", action="store_true", required=True, help="Take it away, recovery codes too.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody signs in as {options['email']}.") from None
        changed = commands.remove_second_steps(person=person, by=None, now=timezone.now())
        self.stdout.write(f"{person.email} has no second step." + ("" if changed else " (As before.)"))
