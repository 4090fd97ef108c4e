import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from project.foundation.audit import commands, queries


class Command(BaseCommand):
    help = "The seals of the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser("verify", help="Hold the trail against its seals; exit code 1 when it differs.")
        verify.add_argument("--expect", default="", metavar="HASH", help="That some seal must have; from the logs.")
        verify.add_argument("--json", action="store_true", help="The verdict as one JSON object.")
        actions.add_parser("seal", help="Seal what is new now instead of within a minute.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "seal":
            self._seal()
        else:
            self._verify(expect=options["expect"].strip().lower(), json_wanted=options["json"])

    def _seal(self) -> None:
        made = commands.seal(now=timezone.now())
        self.stdout.write(f"seal {made.number} {made.hash}" if made else "nothing was sealed")

    def _verify(self, *, expect: str, json_wanted: bool) -> None:
        verdict = queries.verify(expect=expect)
        if json_wanted:
            self.stdout.write(json.dumps({"is_good": verdict.is_good} | asdict(verdict)))
        else:
            head = f"seal {verdict.number} {verdict.hash}" if verdict.number else "no seal yet"
            self.stdout.write(f"{head}; {verdict.sealed} events sealed, {verdict.unsealed} not yet")
            self.stdout.writelines(f"{finding.what}\n" for finding in verdict.findings)
            if verdict.not_named:
                self.stdout.write(f"and {verdict.not_named} more")
        if not verdict.is_good:
            raise CommandError("The audit trail is not as it was sealed.", returncode=1)
