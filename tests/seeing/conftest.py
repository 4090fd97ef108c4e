import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path

import pytest

from tests.programs import ROOT, database_url, eventually, program

TOKEN = "a-token-of-this-test"


@dataclass
class Hall:
    """Web processes and workers on the database of this test."""

    url: str
    folder: Path
    web: list[subprocess.Popen[bytes]]

    def get(self, path: str, *, token: str = "", **headers: str) -> tuple[int, HTTPMessage, str]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=sent), timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read().decode()

    def metrics(self) -> str:
        status, _, text = self.get("/metrics", token=TOKEN)
        assert status == 200, text
        return text

    def log(self, of: str) -> str:
        return (self.folder / f"{of}.log").read_text()


@pytest.fixture
def open_hall(tmp_path: Path, transactional_db: None) -> Iterator[Callable[..., Hall]]:
    """Opens so many web processes behind one socket, and worker clusters of the queue `default`."""
    with ExitStack() as stack:

        def begin(*, web: int = 1, workers: int = 0, **more: str) -> Hall:
            env = os.environ | {
                "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.seeing.settings",
                "PYTHONPATH": str(ROOT), "METRICS_DIR": str(tmp_path / "metrics"), "LOG_LEVEL": "INFO", **more,
            }  # fmt: skip
            door = stack.enter_context(socket.socket())
            door.bind(("127.0.0.1", 0))
            door.listen(100)
            hall = Hall(f"http://127.0.0.1:{door.getsockname()[1]}", tmp_path, [])
            for number in range(1, web + 1):
                log = stack.enter_context((tmp_path / f"web{number}.log").open("wb"))
                argv = [str(Path(sys.executable).with_name("daphne")), "--fd", str(door.fileno())]
                argv += ["--access-log", "/dev/null", "project.asgi:application"]
                process = subprocess.Popen(
                    argv,
                    cwd=ROOT,
                    env=env | {"DATABASE_POOL": "true"},
                    pass_fds=[door.fileno()],
                    stdout=log,
                    stderr=log,
                )
                stack.callback(process.wait)
                stack.callback(process.kill)
                hall.web.append(process)
            for number in range(1, workers + 1):
                argv = [sys.executable, str(ROOT / "manage.py"), "work"]
                queue = {"Q_CLUSTER_NAME": "default"}
                stack.enter_context(program(argv, env=env | queue, log=tmp_path / f"work{number}.log"))
            answers = lambda: _answers(hall)  # noqa: E731
            eventually(answers, within=60, what=lambda: hall.log("web1"))
            return hall

        yield begin


def _answers(hall: Hall) -> bool:
    assert all(each.poll() is None for each in hall.web), hall.log("web1")
    with suppress(OSError):
        return hall.get("/health/")[0] == 200
    return False
