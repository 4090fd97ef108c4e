import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django_q.conf import Conf

from project.foundation.jobs import keeper, processes, queries, seeing


class Command(BaseCommand):
    help = "Whether a worker cluster of this machine (of Q_CLUSTER_NAME's queue), or a scheduler, gives signs of life."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", choices=["worker", "scheduler"])

    def handle(self, *args: Any, **options: Any) -> None:
        is_alive = self._worker() if options["who"] == "worker" else self._scheduler()
        if not is_alive:
            raise CommandError(f"No {options['who']} has given a sign of life lately.")

    @staticmethod
    def _worker() -> bool:
        here = processes.name_of(os.getpid()).rpartition(":")[0]
        alive = queries.clusters(now=timezone.now())
        return any(each.queue == Conf.CLUSTER_NAME and each.where.rpartition(":")[0] == here for each in alive)

    @staticmethod
    def _scheduler() -> bool:
        """Any: the sign that they leave does not say where."""
        seen = keeper.last_look()
        return seen is not None and timezone.now().timestamp() - seen < seeing.LONGEST_SILENCE
