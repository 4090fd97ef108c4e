"""Several programs that live and die together, tried with real ones."""

import io
import os
import signal
import subprocess
import sys
import threading

import pytest

from project.supervisor import STOP_SIGNALS, Part, PartEnded, Supervisor, stop_on_signals, watch
from tests.programs import ROOT, eventually, family, left_of

FOREVER = "sleep 600 & wait"
STUBBORN = "trap '' TERM INT; (trap '' TERM INT; sleep 600) & echo ready; while :; do wait; done"


def shell(name, script, **said):
    return Part(name, ["sh", "-c", script], **said)


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def supervisor(out):
    with Supervisor(out=out, grace=5) as supervisor:
        yield supervisor


@pytest.fixture
def nothing_left():
    """What had been started by the time this was called is gone after the test."""
    once, before = set(), family(os.getpid())
    yield lambda: once.update(family(os.getpid()) - before)
    assert once, "nothing had been started"
    eventually(lambda: not left_of(once), what=lambda: left_of(once))


class TestStarting:
    def test_a_part_starts_only_when_the_one_before_is_ready(self, supervisor, tmp_path):
        ready = tmp_path / "ready"
        slow = f"sleep 0.3; touch {ready}; {FOREVER}"
        supervisor.start(shell("database", slow, is_ready=ready.exists))
        supervisor.start(shell("web", f"test -e {ready} && touch {tmp_path}/found; {FOREVER}"))
        eventually((tmp_path / "found").exists)

    def test_a_part_that_dies_before_it_is_ready_is_told_with_its_last_words(self, supervisor):
        with pytest.raises(PartEnded) as ended:
            supervisor.start(shell("database", "echo the disk is full >&2; exit 3", is_ready=lambda: False))
        assert str(ended.value) == "database ended with exit code 3"
        assert ended.value.last_words == ("the disk is full",)

    def test_a_part_that_never_becomes_ready_is_not_waited_for_for_ever(self, supervisor):
        with pytest.raises(PartEnded, match="database did not answer within 0 s"):
            supervisor.start(shell("database", FOREVER, is_ready=lambda: False), patience=0.2)

    def test_a_program_that_is_not_there_is_an_error_and_what_runs_is_stopped(self, out, nothing_left):
        with Supervisor(out=out) as supervisor:
            supervisor.start(shell("database", FOREVER))
            nothing_left()
            with pytest.raises(FileNotFoundError):
                supervisor.start(Part("web", ["/no/such/program"]))

    def test_a_part_gets_our_environment_and_its_own(self, supervisor, monkeypatch, out):
        monkeypatch.setenv("HALL", "dojang")
        supervisor.start(shell("web", f'echo "$HALL $QUEUE"; {FOREVER}', env={"QUEUE": "media"}))
        eventually(lambda: "dojang media" in out.getvalue(), what=out.getvalue)

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can run a part as somebody else")
    def test_a_part_can_run_as_somebody_with_fewer_rights(self, supervisor, out):
        supervisor.start(shell("database", f"id -un; id -G; {FOREVER}", user="nobody"))
        eventually(lambda: out.getvalue().count("\n") == 2, what=out.getvalue)
        who, groups = (line.partition("| ")[2] for line in out.getvalue().splitlines())
        assert who == "nobody"
        assert "0" not in groups.split()


class TestOutput:
    def test_what_a_part_says_is_shown_with_its_name(self, supervisor, out):
        supervisor.start(shell("web", f"echo open; echo late >&2; {FOREVER}"))
        eventually(lambda: "late" in out.getvalue(), what=out.getvalue)
        assert out.getvalue() == "           web | open\n           web | late\n"

    def test_a_quiet_part_is_heard_only_when_it_dies(self, supervisor, out):
        supervisor.start(shell("database", "echo checkpoint; exit 1", quiet=True))
        with pytest.raises(PartEnded) as ended:
            watch(supervisor, pause=0.01)
        assert out.getvalue() == ""
        assert ended.value.last_words == ("checkpoint",)

    def test_last_words_are_the_last_twenty_lines(self, supervisor):
        supervisor.start(shell("web", "for i in $(seq 1 50); do echo line $i; done; exit 1"))
        with pytest.raises(PartEnded) as ended:
            watch(supervisor, pause=0.01)
        assert ended.value.last_words == tuple(f"line {number}" for number in range(31, 51))

    def test_bytes_that_are_no_text_do_not_silence_a_part(self, supervisor, out):
        supervisor.start(shell("web", f"printf '\\377\\n'; echo still here; {FOREVER}"))
        eventually(lambda: "still here" in out.getvalue(), what=out.getvalue)


class TestDying:
    def test_a_part_that_dies_stops_all_others_of_every_supervisor(self, out, nothing_left, tmp_path):
        dies = tmp_path / "dies"

        def open_the_hall():
            with Supervisor(out=out) as services, Supervisor(out=out) as hall:
                services.start(shell("database", FOREVER))
                hall.start(shell("worker", FOREVER))
                hall.start(shell("web", f"while ! test -e {dies}; do sleep 0.01; done; echo I am done; exit 7"))
                nothing_left()
                dies.touch()
                watch(services, hall, pause=0.01)

        with pytest.raises(PartEnded, match="web ended with exit code 7") as ended:
            open_the_hall()
        assert ended.value.last_words == ("I am done",)

    def test_a_part_that_ends_well_has_still_ended(self, supervisor):
        supervisor.start(shell("web", "exit 0"))
        with pytest.raises(PartEnded, match="web ended with exit code 0"):
            watch(supervisor, pause=0.01)

    def test_a_part_that_was_killed_is_told_with_the_signal(self, supervisor):
        supervisor.start(shell("web", "kill -9 $$"))
        with pytest.raises(PartEnded, match="web was ended by SIGKILL"):
            watch(supervisor, pause=0.01)


class TestRestarting:
    def test_a_part_that_may_restart_is_started_again_and_the_others_go_on(self, supervisor, out, tmp_path):
        supervisor.start(shell("web", FOREVER))
        supervisor.start(shell("jobs", f"echo $$ >> {tmp_path}/pids; {FOREVER}", restarts=True))
        pids = tmp_path / "pids"
        eventually(lambda: pids.exists() and pids.read_text().count("\n") == 1)
        web, jobs = supervisor.pids()
        os.kill(jobs, signal.SIGKILL)
        eventually(lambda: supervisor.check() or pids.read_text().count("\n") == 2, what=out.getvalue)
        assert "jobs | was ended by SIGKILL; it is started again" in out.getvalue()
        assert supervisor.pids() == [web, int(pids.read_text().split()[1])]

    def test_its_children_do_not_outlive_it(self, supervisor, out):
        supervisor.start(shell("jobs", FOREVER, restarts=True))
        (jobs,) = supervisor.pids()
        eventually(lambda: len(family(jobs)) == 2)
        once = family(jobs)
        os.kill(jobs, signal.SIGKILL)
        eventually(lambda: supervisor.check() or not left_of(once), what=lambda: left_of(once))

    def test_one_that_dies_again_and_again_is_given_up(self, supervisor, out):
        supervisor.start(shell("jobs", "exit 3", restarts=True))
        with pytest.raises(PartEnded, match="jobs ended with exit code 3"):
            eventually(supervisor.check, within=20)
        assert out.getvalue().count("it is started again") == 5

    def test_a_part_can_be_restarted_by_name(self, supervisor):
        supervisor.start(shell("database", FOREVER))
        supervisor.start(shell("cache", FOREVER))
        database, cache = supervisor.pids()
        supervisor.restart("database")
        assert cache in supervisor.pids()
        assert database not in supervisor.pids()
        assert len(supervisor.pids()) == 2


class TestStopping:
    def test_a_part_is_asked_with_the_signal_it_prefers(self, out, tmp_path):
        with Supervisor(out=out) as supervisor:
            for name in ("INT", "TERM"):
                script = f"trap 'touch {tmp_path}/{name}; exit 0' {name}; echo ready; while :; do sleep 0.01; done"
                supervisor.start(shell(name, script, stop_signal=signal.Signals[f"SIG{name}"]))
            eventually(lambda: out.getvalue().count("ready") == 2, what=out.getvalue)
        assert {file.name for file in tmp_path.iterdir()} == {"INT", "TERM"}

    def test_a_part_is_given_time_to_finish(self, out, tmp_path):
        with Supervisor(out=out, grace=5) as supervisor:
            script = (
                f"trap 'sleep 0.3; touch {tmp_path}/finished; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
            )
            supervisor.start(shell("web", script))
            eventually(lambda: "ready" in out.getvalue(), what=out.getvalue)
        assert (tmp_path / "finished").exists()

    def test_a_part_that_does_not_listen_is_killed_together_with_its_children(self, out, nothing_left):
        with Supervisor(out=out, grace=0.3) as supervisor:
            supervisor.start(shell("worker", STUBBORN))
            eventually(lambda: "ready" in out.getvalue(), what=out.getvalue)
            nothing_left()

    def test_children_that_a_part_leaves_behind_are_killed_too(self, out, nothing_left):
        with Supervisor(out=out, grace=5) as supervisor:
            supervisor.start(shell("worker", "(trap '' TERM; sleep 600) & echo ready; sleep 600"))
            eventually(lambda: "ready" in out.getvalue(), what=out.getvalue)
            nothing_left()

    def test_stopping_twice_does_no_harm(self, supervisor):
        supervisor.start(shell("web", FOREVER))
        supervisor.stop()
        supervisor.stop()


HALL = """
import sys
from project.supervisor import Part, Stop, Supervisor, stop_on_signals, watch
try:
    with stop_on_signals(), Supervisor(grace=10) as supervisor:
        script = "trap 'sleep 0.5; echo tidied up; exit 0' TERM; echo open; while :; do sleep 0.01; done"
        supervisor.start(Part("web", ["sh", "-c", script]))
        supervisor.start(Part("worker", ["sh", "-c", "sleep 600"]))
        watch(supervisor, pause=0.01)
except Stop:
    print("closed", file=sys.stderr)
"""


class TestSignals:
    @pytest.fixture
    def hall(self):
        """A program that supervises two parts until it is asked to stop, and the lines it writes."""
        running = subprocess.Popen(
            [sys.executable, "-c", HALL], cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(running.stderr))
        reader.start()
        eventually(lambda: any("open" in line for line in lines), what=lines)
        eventually(lambda: len(family(running.pid)) >= 3)
        everybody = family(running.pid)
        try:
            yield running, lines
        finally:
            running.kill()
            running.wait()
            reader.join()
            running.stderr.close()
        eventually(lambda: not left_of(everybody), what=lambda: left_of(everybody))

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_asked_to_stop_it_lets_every_part_tidy_up_and_ends_well(self, hall, number):
        running, lines = hall
        running.send_signal(number)
        assert running.wait(timeout=60) == 0
        eventually(lambda: "closed\n" in lines, what=lines)
        assert "           web | tidied up\n" in lines

    def test_being_asked_again_does_not_cut_the_tidying_short(self, hall):
        running, lines = hall
        for _ in range(3):
            running.send_signal(signal.SIGINT)
            running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 0
        eventually(lambda: "closed\n" in lines, what=lines)
        assert "           web | tidied up\n" in lines

    def test_outside_the_block_signals_mean_what_they_meant_before(self):
        before = [signal.getsignal(each) for each in STOP_SIGNALS]
        with stop_on_signals():
            assert [signal.getsignal(each) for each in STOP_SIGNALS] != before
        assert [signal.getsignal(each) for each in STOP_SIGNALS] == before
