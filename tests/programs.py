"""Starts real programs for tests, and finds out whether any of their processes is left."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from project import embedded

ROOT = Path(settings.BASE_DIR)


@dataclass(frozen=True)
class Process:
    """A process, told apart by its start from a later one of the same number."""

    pid: int
    started: str
    parent: int
    command: str


def manage(*words: str, env: Mapping[str, str] | None = None, within: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` to its end, with both of its streams in `stdout`."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env=env if env is not None else dict(os.environ),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within,
        check=False,
    )


def read_settings(env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Only what a start begins with: read every variable. Both streams are in `stdout`."""
    return subprocess.run(
        [sys.executable, "-c", "import project.settings"],
        env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


@contextmanager
def program(argv: list[str], *, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[str]]:
    """A program in a session of its own, its output in `log`; killed with its session at the end of the block."""
    with log.open("w") as out:
        running = subprocess.Popen(
            argv, env=env, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


@contextmanager
def new_clone() -> Iterator[Path]:
    """A folder for run-time data that everybody can reach, as that of a clone in a usual place."""
    var = Path(tempfile.mkdtemp(prefix="dojang-clone-"))
    var.chmod(0o755)
    try:
        yield var
    finally:
        shutil.rmtree(var, ignore_errors=True)
        embedded.forget(var)


def eventually[T](asked: Callable[[], T], *, within: float = 20, what: object = "") -> T:
    """Ask until the answer is true. Fails with `what()` or `what` when it is not in time."""
    deadline = time.monotonic() + within
    while not (answer := asked()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what() if callable(what) else what}")
        time.sleep(0.05)
    return answer


def bare_environment(**more: str) -> dict[str, str]:
    """Our environment without a word about Dojang in it, and `more`."""
    from project.settings import env

    ours = {declaration.name for declaration in env.declarations}
    return {name: value for name, value in os.environ.items() if name not in ours} | more


def database_url(name: str = "") -> str:
    """DATABASE_URL of the database that this test uses, or of its neighbour `name`."""
    from django.db import connection

    used = connection.settings_dict
    name = name or used["NAME"]
    if folder := used["OPTIONS"].get("host"):  # that of a socket
        return f"postgresql://{used['USER']}@/{name}?host={quote(folder, safe='')}"
    password = quote(used["PASSWORD"], safe="")
    return f"postgresql://{used['USER']}:{password}@{quote(used['HOST'], safe='')}:{used['PORT'] or 5432}/{name}"


def processes() -> list[Process]:
    """Every process of this machine that is not a zombie."""
    return list(_from_proc() if Path("/proc/self/stat").exists() else _from_ps())


def family(pid: int) -> set[Process]:
    """A process and all that descend from it."""
    everybody = processes()
    found = {each for each in everybody if each.pid == pid}
    while more := {each for each in everybody if each.parent in {one.pid for one in found}} - found:
        found |= more
    return found


def left_of(once: set[Process]) -> list[str]:
    """The commands of those that still run."""
    alive = {(each.pid, each.started) for each in processes()}
    return [each.command for each in once if (each.pid, each.started) in alive]


def _from_proc() -> Iterator[Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, parent, *rest = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if state not in "ZX":
                yield Process(int(folder.name), rest[17], int(parent), command)


def _from_ps() -> Iterator[Process]:
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,lstart=,command="], capture_output=True, text=True, check=True
    )
    for line in table.stdout.splitlines():
        pid, parent, state, *rest = line.split(maxsplit=8)
        if not state.startswith("Z"):
            yield Process(int(pid), " ".join(rest[:5]), int(parent), rest[5] if len(rest) > 5 else "")
