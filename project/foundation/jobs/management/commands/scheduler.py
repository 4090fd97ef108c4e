import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from project.foundation.jobs import keeper


class Command(BaseCommand):
    help = "Look after schedules, silent workers and retries until asked to stop. More than one may run."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        keeper.keep(stop)
