"""PostgreSQL and Valkey of this clone, really started."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from project import embedded
from tests.programs import ROOT, bare_environment, eventually, family, left_of, new_clone, processes, program

IS_OPEN = os.getuid() != 0 or all(
    folder.stat().st_mode & 0o001 for folder in (Path(sys.prefix), *Path(sys.prefix).parents)
)
"""Whether the user that PostgreSQL runs as can reach our programs; else everything lives in a private folder."""

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root runs PostgreSQL as somebody else")

HOLD = """
import sys, time
from pathlib import Path
from project import embedded
with embedded.services(Path(sys.argv[1]), options=embedded.FAST_AND_FORGETFUL):
    print("open", flush=True)
    time.sleep(600)
"""
ASK = """
import sys
from pathlib import Path
from project import embedded
try:
    with embedded.services(Path(sys.argv[1])):
        print("opened a second time")
except embedded.InUse as owner:
    print(f"refused, in use by {owner}")
"""
BORROW = """
import sys
from pathlib import Path
import psycopg
from project import embedded
var = Path(sys.argv[1])
with embedded.borrowed(var), psycopg.connect(embedded.database_url(var)) as connection:
    print(connection.execute("SELECT current_database()").fetchone()[0])
"""


@pytest.fixture(scope="module")
def var():
    """One clone for all tests of this module, since making a database takes a second."""
    with new_clone() as var:
        yield var


@pytest.fixture
def elsewhere():
    with new_clone() as var:
        yield var


@pytest.fixture(autouse=True)
def _no_address_given(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


def services(var):
    return embedded.services(var, options=embedded.FAST_AND_FORGETFUL)


def sql(var, statement):
    with psycopg.connect(embedded.database_url(var), autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchone()[0] if answer.description else None


def other_process(script, var):
    done = subprocess.run(
        [sys.executable, "-c", script, str(var)], env=bare_environment(), cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.stdout.strip() or done.stderr


class TestRunning:
    def test_both_answer_at_the_addresses_that_settings_use(self, var):
        with services(var):
            assert sql(var, "SHOW server_encoding") == "UTF8"
            assert Redis.from_url(embedded.redis_url(var)).ping()

    def test_data_survives_a_stop_and_a_start(self, var):
        with services(var):
            sql(var, "DROP TABLE IF EXISTS belts; CREATE TABLE belts AS SELECT 7 AS kup")
        with services(var):
            assert sql(var, "SELECT kup FROM belts") == 7

    def test_afterwards_no_process_is_left_and_nobody_owns_them(self, var):
        with services(var):
            home = str(Path(embedded.redis_url(var).removeprefix("unix://")).parents[1])
            ours = {each for each in family(os.getpid()) if home in each.command}
            assert len(ours) >= 2
            assert embedded.owner(var).startswith(f"process {os.getpid()}: ")
        assert left_of(ours) == []
        assert embedded.owner(var) == embedded.NOBODY

    def test_a_second_process_is_refused_and_told_who_owns_them(self, var):
        with services(var):
            assert other_process(ASK, var).startswith(f"refused, in use by process {os.getpid()}: ")
            assert sql(var, "SELECT 1") == 1

    def test_a_second_process_may_borrow_them(self, var):
        with services(var):
            assert other_process(BORROW, var) == embedded.DATABASE
            assert sql(var, "SELECT 1") == 1

    def test_who_borrows_from_nobody_runs_them_for_as_long_as_needed(self, var):
        assert other_process(BORROW, var) == embedded.DATABASE
        assert embedded.owner(var) == embedded.NOBODY

    @pytest.fixture
    def orphans(self, var, tmp_path):
        """The services of an owner that was killed, still running."""
        log = tmp_path / "log"
        with program([sys.executable, "-c", HOLD, str(var)], env=bare_environment(), log=log) as owner:
            eventually(lambda: log.read_text() == "open\n", what=log.read_text)
            sql(var, "DROP TABLE IF EXISTS belts; CREATE TABLE belts AS SELECT 6 AS kup")
            everybody = family(owner.pid)
            owner.kill()
            owner.wait()
        orphans = {each for each in everybody if each.pid != owner.pid}
        assert left_of(orphans), "the services died with their owner, so this shows nothing"
        yield orphans
        for each in orphans & set(processes()):
            os.kill(each.pid, signal.SIGKILL)

    def test_an_owner_that_was_killed_leaves_data_that_starts_again(self, var, orphans):
        with services(var):
            assert sql(var, "SELECT kup FROM belts") == 6
            assert Redis.from_url(embedded.redis_url(var)).ping()
            eventually(lambda: not left_of(orphans), what=lambda: left_of(orphans))

    def test_what_an_address_is_given_for_is_not_started(self, elsewhere, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgresql://dojang@db.internal/dojang")
        monkeypatch.setenv("REDIS_URL", "redis://redis.internal:6379/0")
        before = family(os.getpid())
        with services(elsewhere):
            assert {each.command for each in family(os.getpid())} == {each.command for each in before}
        assert [file.name for file in elsewhere.iterdir()] == ["owner"]

    @pytest.mark.parametrize("given", [None, "DATABASE_URL", "REDIS_URL"])
    def test_nobody_else_on_this_machine_can_enter_the_folder_of_the_sockets(self, var, monkeypatch, given):
        """Whoever reaches the socket is let in without a password."""
        if given:
            monkeypatch.setenv(given, "given")
        (var / "run").mkdir(exist_ok=True)
        (var / "run").chmod(0o755)  # as an earlier version made it
        with services(var):
            folder = Path(embedded.redis_url(var).removeprefix("unix://")).parent
            assert folder.stat().st_mode & 0o077 == 0
            assert {file.name for file in folder.iterdir()} & {".s.PGSQL.5432", "valkey.sock"}

    @as_root
    def test_postgres_has_none_of_the_rights_of_root(self, var):
        with services(var):
            sockets = Path(embedded.redis_url(var).removeprefix("unix://")).parent
            (postgres,) = (each for each in family(os.getpid()) if f"-k {sockets}" in each.command)
            status = Path(f"/proc/{postgres.pid}/status").read_text()
        ids = {line.split()[0]: set(line.split()[1:]) for line in status.splitlines() if line[:4] in {"Uid:", "Gid:"}}
        assert "0" not in ids["Uid:"] | ids["Gid:"]


class TestWhereThingsAre:
    def test_sockets_are_in_the_clone_so_that_clones_run_side_by_side(self, var, elsewhere):
        for clone in (var, elsewhere):
            home = clone if IS_OPEN else Path(tempfile.gettempdir())
            assert embedded.redis_url(clone).startswith(f"unix://{home}/")
        assert embedded.redis_url(var) != embedded.redis_url(elsewhere)
        assert embedded.database_url(var) != embedded.database_url(elsewhere)

    def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one_of_its_own(self, elsewhere):
        deep, deeper = (elsewhere / "a very long name of a folder" / ("x" * length) for length in (80, 81))
        for clone in (deep, deeper):
            socket = embedded.redis_url(clone).removeprefix("unix://")
            assert not socket.startswith(str(clone))
            assert len(socket.encode()) < embedded.SOCKET_PATH_LIMIT
        assert embedded.redis_url(deep) != embedded.redis_url(deeper)

    def test_the_length_that_counts_is_that_in_bytes(self, elsewhere):
        korean = elsewhere / ("도장" * 15)
        assert len(str(korean)) < embedded.SOCKET_PATH_LIMIT - 30
        assert not embedded.redis_url(korean).startswith(f"unix://{korean}")

    def test_services_really_run_where_the_path_is_too_long(self, elsewhere):
        deep = elsewhere / ("x" * 90)
        deep.mkdir(mode=0o755)
        try:
            with services(deep):
                assert sql(deep, "SELECT 1") == 1
                assert Redis.from_url(embedded.redis_url(deep)).ping()
        finally:
            embedded.forget(deep)
        assert not Path(embedded.redis_url(deep).removeprefix("unix://")).parent.exists()

    def test_a_clone_that_others_cannot_enter_keeps_its_data_where_postgres_can(self, elsewhere):
        locked = elsewhere / "locked"
        locked.mkdir(mode=0o700)
        if os.getuid() != 0:
            assert embedded.redis_url(locked) == f"unix://{locked}/run/valkey.sock"
            return
        assert not embedded.redis_url(locked).startswith(f"unix://{locked}")
        try:
            with services(locked):
                assert sql(locked, "SELECT 1") == 1
            assert not (locked / "postgres").exists()
        finally:
            embedded.forget(locked)

    @as_root
    def test_a_folder_that_somebody_else_put_there_is_not_used(self, elsewhere):
        home = Path(embedded.redis_url(elsewhere).removeprefix("unix://")).parents[1]
        (home / "postgres").mkdir(parents=True)
        os.chown(home / "postgres", 1, 1)
        with pytest.raises(SystemExit, match="belongs to somebody else"), services(elsewhere):
            pass


class TestSecret:
    def test_it_is_made_once_for_a_clone_and_nobody_else_can_read_it(self, elsewhere):
        secret = embedded.development_secret(elsewhere)
        assert len(secret) >= 50
        assert embedded.development_secret(elsewhere) == secret
        assert (elsewhere / "secret_key").stat().st_mode & 0o077 == 0

    def test_two_clones_have_two(self, var, elsewhere):
        assert embedded.development_secret(var) != embedded.development_secret(elsewhere)
