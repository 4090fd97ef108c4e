"""`make run`: everything in one terminal, really started."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from project import demo
from tests.programs import ROOT, Process, bare_environment, eventually, family, left_of, manage, new_clone, processes


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Hall:
    """The run-time data of one clone, and the hall that is open on it."""

    var: Path
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[str] | None = None
    is_broken: bool = False

    @property
    def log(self) -> str:
        return (self.var / "up.log").read_text()

    def env(self, **more: str) -> dict[str, str]:
        cheap = {"ARGON2_TIME_COST": "1", "ARGON2_MEMORY_COST": "64", "ARGON2_PARALLELISM": "1"}
        return bare_environment(
            APP_ENV="test", DEBUG="true", VAR_DIR=str(self.var), PORT=str(self.port), **cheap
        ) | more  # fmt: skip

    def open(self) -> None:
        self.is_broken = True
        (self.var / "metrics").mkdir(exist_ok=True)
        (self.var / "metrics" / "counter_1.db").touch()  # of a hall that was open before
        with (self.var / "up.log").open("w") as out:
            self.running = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"],
                env=self.env(), cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            )  # fmt: skip
        eventually(lambda: "Ctrl-C closes the hall" in self.log or self.has_ended, within=180, what=lambda: self.log)
        assert not self.has_ended, self.log
        self.is_broken = False

    @property
    def has_ended(self) -> bool:
        return self.running is None or self.running.poll() is not None

    def parts(self) -> set[Process]:
        return family(self.running.pid)

    def wait(self) -> int:
        return self.running.wait(timeout=60)


@pytest.fixture(scope="module")
def clone():
    with new_clone() as var:
        hall = Hall(var)
        yield hall
        if not hall.has_ended:
            hall.running.send_signal(signal.SIGTERM)
            hall.wait()


@pytest.fixture
def hall(clone):
    """An open hall. Opening takes seconds, so tests share it; one that closes it leaves opening to the next."""
    assert not clone.is_broken, "it did not open before"
    if clone.has_ended:
        clone.open()
    return clone


def page(hall, address):
    with urllib.request.urlopen(f"http://127.0.0.1:{hall.port}{address}", timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture
def parts(hall):
    """All that runs. None of it may be left after the test."""
    parts = hall.parts()
    assert len(parts) > 6
    yield parts
    eventually(lambda: not left_of(parts), what=lambda: left_of(parts))
    assert not [each.command for each in processes() if str(hall.var) in each.command]


def test_it_opens_refuses_a_second_one_and_closes_on_ctrl_c(hall, parts, subtests):
    """One test, since opening takes seconds and closing ends it."""
    with subtests.test("it says where it is open and who can sign in"):
        assert f"Dojang is open: http://localhost:{hall.port}" in hall.log
        assert demo.PASSWORD in hall.log
        for person in demo.CAST:
            assert person.email in hall.log

    with subtests.test("it answers and has all that it needs"):
        assert page(hall, "/health/") == '{"status": "ok"}'
        assert '"status": "ok"' in page(hall, "/health/ready/")

    with subtests.test("this machine may read what it counts, from before nothing"):
        assert "dojang_job_clusters" in page(hall, "/metrics")
        assert not (hall.var / "metrics" / "counter_1.db").exists()

    with subtests.test("it shows the content that was shipped"):
        assert "Chon-Ji" in page(hall, "/tuls/")

    with subtests.test("every queue has its worker"):
        mine = [each.command for each in parts if each.parent == hall.running.pid]
        assert len([command for command in mine if command.endswith("manage.py work")]) == 3
        assert len([command for command in mine if command.endswith("manage.py scheduler")]) == 1

    for port in (hall.port, free_port()):
        with subtests.test("a second one is refused with a sentence", port="same" if port == hall.port else "another"):
            refused = manage("up", env=hall.env(PORT=str(port)))
            assert refused.returncode == 1
            assert refused.stdout.startswith(f"CommandError: This hall is already open (process {hall.running.pid}: ")
            assert refused.stdout.endswith("Close that one first.\n")
            assert refused.stdout.count("\n") == 1
            assert page(hall, "/health/")

    with subtests.test("Ctrl-C closes it"):
        os.killpg(hall.running.pid, signal.SIGINT)
        assert hall.wait() == 0
        assert hall.log.endswith("The hall is closed.\n")
        assert "Traceback" not in hall.log


def test_when_the_web_server_is_killed_everything_stops_and_says_why(hall, parts):
    (web,) = (each for each in parts if "daphne" in each.command)
    page(hall, "/robots.txt")
    eventually(lambda: "/robots.txt" in hall.log, what=lambda: hall.log)
    os.kill(web.pid, signal.SIGKILL)
    assert hall.wait() == 1
    said = hall.log.partition("CommandError: ")[2]
    assert said.startswith("web was ended by SIGKILL; everything else was stopped. Its last words:")
    assert "/robots.txt" in said
    assert "Traceback" not in said


def test_a_port_that_another_program_has_is_refused_with_a_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = manage("up", env=bare_environment(APP_ENV="test", VAR_DIR=str(tmp_path), PORT=str(port)))
    assert refused.returncode == 1
    assert refused.stdout == (
        f"CommandError: Port {port} is taken by another program. Choose another one: PORT={port + 1} make run\n"
    )
    assert not (tmp_path / "postgres").exists()
