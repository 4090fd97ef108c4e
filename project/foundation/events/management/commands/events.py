from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from project.foundation.events import commands, rules


class Command(BaseCommand):
    help = "Product events."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        partitions = actions.add_parser(
            "partitions", help="Make the months to come, drop those that are older than EVENTS_DAYS."
        )
        partitions.add_argument("--dry-run", action="store_true", help="Only say what would be done.")

    def handle(self, *args: Any, **options: Any) -> None:
        done = commands.keep_partitions(now=timezone.now(), dry_run=options["dry_run"])
        would = "would be " if options["dry_run"] else ""
        for months, what in ((done.create, "made"), (done.drop, "dropped")):
            self.stdout.writelines(f"{rules.name_of(month)} {would}{what}\n" for month in months)
        if not (done.create or done.drop):
            self.stdout.write("nothing to do")
