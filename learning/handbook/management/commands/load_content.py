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
        done = commands.shelve_all(shelf=read, editor=None, now=timezone.now())
        if options["verbosity"]:
            self.stdout.write(
                f"{done.changed} of {done.total} entries are new or changed, the others were there already"
            )
            for name in done.kept:
                self.stdout.write(f"{name}: an editor has changed it, so the shipped one was not put over it")
