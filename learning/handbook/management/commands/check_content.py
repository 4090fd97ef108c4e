from typing import Any

from django.core.management.base import BaseCommand, CommandError

from learning.handbook import shelf


class Command(BaseCommand):
    help = "Check the shipped content of the handbook; every mistake is named with file and line."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            read = shelf.read()
        except shelf.Wrong as wrong:
            self.stderr.write("\n".join(wrong.complaints))
            raise CommandError(f"{len(wrong.complaints)} mistakes") from None
        with_steps = sum(bool(tul.steps) for tul in read.tuls)
        tuls = f"{len(read.tuls)} tuls ({with_steps} with steps)"
        self.stdout.write(f"{len(read.techniques)} techniques, {tuls}, {len(read.syllabi)} syllabi")
