from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import commands, queries
from accounts.models import User


class Command(BaseCommand):
    help = "Give a staff role to somebody, or take it away: manage.py role otto@dojang.example editor [--revoke]"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=queries.Role.values)
        parser.add_argument("--revoke", action="store_true", help="Take the role away.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody signs in as {options['email']}.") from None
        role = queries.Role(options["role"])
        change = commands.revoke_role if options["revoke"] else commands.grant_role
        try:
            changed = change(person=person, role=role, by=None, now=timezone.now())
        except commands.NotOfTheStaff:
            raise CommandError(f"{person.email} is not of the staff; that comes first (admin, Is staff).") from None
        now_has = "no longer has" if options["revoke"] else "has"
        self.stdout.write(f"{person.email} {now_has} the role {role}." + ("" if changed else " (As before.)"))
