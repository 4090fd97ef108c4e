import socket
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from project import demo, embedded
from project.foundation import metrics
from project.supervisor import Part, PartEnded, Stop, Supervisor, stop_on_signals, watch

MANAGE = str(settings.BASE_DIR / "manage.py")


class Command(BaseCommand):
    help = "Everything in one terminal: database, cache, web server and a worker cluster per queue."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reload", action="store_true", help="Restart the web server when code changes.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with stop_on_signals(), ExitStack() as stack:
                door = stack.enter_context(self._door())
                services = stack.enter_context(embedded.services(settings.VAR_DIR))
                self._prepare()
                hall = stack.enter_context(Supervisor())
                for part in self._parts(door, reload=options["reload"]):
                    hall.start(part)
                self._welcome()
                watch(services, hall)
        except Stop:
            self.stdout.write("The hall is closed.")
        except embedded.InUse as owner:
            raise CommandError(f"This hall is already open ({owner}). Close that one first.") from None
        except PartEnded as ended:
            last_words = "".join(f"\n    {line}" for line in ended.last_words)
            raise CommandError(f"{ended}; everything else was stopped. Its last words:{last_words}") from None

    def _door(self) -> socket.socket:
        """The socket that all web processes answer at: whichever is free takes the next request."""
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((settings.HOST, settings.PORT))
        except OSError:
            door.close()
            if (holder := embedded.owner(settings.VAR_DIR)) != embedded.NOBODY:
                raise CommandError(f"This hall is already open ({holder}). Close that one first.") from None
            raise CommandError(
                f"Port {settings.PORT} is taken by another program. "
                f"Choose another one: PORT={settings.PORT + 1} make run"
            ) from None
        return door

    def _prepare(self) -> None:
        metrics.start_anew()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("compile_translations")
        call_command("load_content", stdout=self.stdout)
        call_command("reindex_search", missing=True, stdout=self.stdout)
        if settings.DEBUG:
            call_command("seed_demo")
        connection.close()

    def _parts(self, door: socket.socket, *, reload: bool) -> list[Part]:
        if reload:
            door.close()  # runserver opens its own again after each change
            runserver = [sys.executable, MANAGE, "runserver", f"{settings.HOST}:{settings.PORT}"]
            web = [Part(name="web", argv=runserver, is_ready=self._web_answers)]
        else:
            door.listen(1024)
            web = [self._web(door, number) for number in range(1, settings.WEB_PROCESSES + 1)]
        scheduler = Part(name="scheduler", argv=[sys.executable, MANAGE, "scheduler"], restarts=True)
        workers = [
            Part(
                name=f"jobs:{queue}" if settings.JOB_WORKERS == 1 else f"jobs:{queue}:{number}",
                argv=[sys.executable, MANAGE, "work"],
                env={"Q_CLUSTER_NAME": queue},
                restarts=True,
            )
            for queue in settings.JOB_QUEUES
            for number in range(1, settings.JOB_WORKERS + 1)
        ]
        return [*web, scheduler, *workers]

    def _web(self, door: socket.socket, number: int) -> Part:
        daphne = [str(Path(sys.executable).with_name("daphne")), "--fd", str(door.fileno())]
        quiet = ["--no-server-name", "--access-log", "/dev/null"]  # RequestLog says the same and more
        return Part(
            name="web" if settings.WEB_PROCESSES == 1 else f"web:{number}",
            argv=[*daphne, *quiet, "project.asgi:application"],
            env={"DATABASE_POOL": "true", "PYTHONPATH": str(settings.BASE_DIR)},
            sockets=[door.fileno()],
            is_ready=self._web_answers,
        )

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{settings.HOST}:{settings.PORT}/health/", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _welcome(self) -> None:
        url = settings.PUBLIC_URL
        lines = ["", f"  Dojang is open: {url}"]
        if settings.DEBUG:
            lines += [
                f"  API {url}/api/docs   mail {url}/dev/mail/   parts {url}/styleguide/",
                "",
                f"  Demo cast, password {demo.PASSWORD}:",
                *(f"    {person.email:<22} {person.what}{self._code(person)}" for person in demo.CAST),
                f"  A fresh one-time code: {url}/dev/codes/",
            ]
        self.stdout.write("\n".join([*lines, "", "  Ctrl-C closes the hall.", ""]))
        self.stdout.flush()

    @staticmethod
    def _code(person: demo.Person) -> str:
        """What otto has to type after the password; it changes every half minute."""
        return f", one-time code {person.code(now=timezone.now()).digits}" if person.secret else ""
