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
        counts = [f"{len(pile)} {name}" for name, pile in vars(read).items()]
        with_steps = sum(bool(tul.steps) for tul in read.tuls)
        self.stdout.write(f"{', '.join(counts)}; {with_steps} tuls have steps")
