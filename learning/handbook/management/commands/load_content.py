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
        changed, total = commands.shelve_all(shelf=read, editor=None, now=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"{changed} of {total} entries are new or changed, the others were there already")
