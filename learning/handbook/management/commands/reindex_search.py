from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from learning.handbook import commands, meilisearch
from learning.handbook.models import DocumentKind
from project.foundation.outbound import ServiceError


class Command(BaseCommand):
    help = "Make what search knows again from what is published, in PostgreSQL and, where configured, in Meilisearch."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--types", default="", help=f"Of {', '.join(DocumentKind.values)}, separated by commas.")
        parser.add_argument("--batch-size", type=int, default=500, help="Documents at a time.")
        parser.add_argument("--drop", action="store_true", help="Forget everything of these types first.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")
        parser.add_argument("--missing", action="store_true", help="Do nothing for types that lack no document.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch_size"] < 1:
            raise CommandError("--batch-size: at least 1.")
        for kind in self._kinds(options["types"]):
            missing = commands.without_document(kind).count()
            if options["missing"] and not missing:
                continue
            if options["dry_run"]:
                self.stdout.write(f"{kind}: {commands.sources(kind).count()} to index, {missing} of them unknown yet")
            else:
                self._reindex(kind, options)

    def _kinds(self, names: str) -> list[DocumentKind]:
        wanted = [name.strip() for name in names.split(",") if name.strip()] or DocumentKind.values
        if unknown := [name for name in wanted if name not in DocumentKind.values]:
            raise CommandError(
                f"--types: there is no {', '.join(unknown)}; there are {', '.join(DocumentKind.values)}."
            )
        return [DocumentKind(name) for name in wanted]

    def _reindex(self, kind: DocumentKind, options: dict[str, Any]) -> None:
        size, drop, done = options["batch_size"], options["drop"], 0
        for done in commands.reindex(kind=kind, batch_size=size, drop=drop, now=timezone.now()):
            self._say(f"{kind}: {done} indexed", options)
        if meilisearch.is_configured():
            try:
                for sent in commands.mirror_all(kind=kind, batch_size=size, drop=drop):
                    self._say(f"{kind}: {sent} sent to Meilisearch", options)
            except ServiceError as reason:
                raise CommandError(f"{reason}. PostgreSQL has {done} documents of type {kind} and goes on.") from None

    def _say(self, text: str, options: dict[str, Any]) -> None:
        if options["verbosity"]:
            self.stdout.write(text)
