from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning.handbook import commands, shelf


class Command(BaseCommand):
    help = "Put the shipped content into the handbook. What has not changed is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            read = shelf.read()
        except shelf.Wrong as wrong:
            self.stderr.write("\n".join(wrong.complaints))
            raise CommandError(f"{len(wrong.complaints)} mistakes; nothing was loaded") from None
        entries = [*read.techniques, *read.tuls, *read.syllabi]
        published = sum(commands.shelve(entry=entry, editor=None, now=timezone.now()) for entry in entries)
        if options["verbosity"]:
            self.stdout.write(f"{published} of {len(entries)} entries published, the others were there already")
