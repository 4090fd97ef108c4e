from typing import Any

from django.core.management.base import BaseCommand

from project.foundation.jobs.cluster import WorkerCluster


class Command(BaseCommand):
    help = "Run jobs of the queue that Q_CLUSTER_NAME names (default without it) until asked to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        WorkerCluster().start()
