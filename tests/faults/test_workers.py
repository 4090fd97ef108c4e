"""Real workers that are paused, canceled, out of time or killed in the middle."""

import os
import signal
from pathlib import Path

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from project.foundation.jobs import commands
from project.foundation.jobs.models import Job, State
from tests.programs import eventually

pytestmark = pytest.mark.faults


def ask(kind, **arguments):
    job = commands.enqueue(f"fault.{kind}", arguments=arguments, asked_by=None, why="a test asked", now=timezone.now())
    return Job.objects.filter(pk=job.pk)


def numbers_in(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def state_of(job):
    return job.values_list("state", flat=True).get()


def test_a_worker_that_comes_back_after_it_was_given_up_writes_nothing(start, tmp_path):
    """It is stopped like a process on a machine that sleeps, and wakes up when another has done the work."""
    waits = tmp_path / "waits"
    start("work")
    start("scheduler")
    job = ask("paused", file=str(waits))
    (first,) = eventually(lambda: numbers_in(waits))
    os.kill(first, signal.SIGSTOP)

    start("work")
    eventually(lambda: len(numbers_in(waits)) == 2, within=40, what=lambda: list(job.values()))
    waits.unlink()
    eventually(lambda: state_of(job) == State.SUCCEEDED, within=30, what=lambda: list(job.values()))
    after = vars(job.get()) | {"_state": None}
    assert (after["result"], after["attempt"], after["crashes"]) == ("result of attempt 2", 2, 0)

    os.kill(first, signal.SIGCONT)
    log = tmp_path / "0.log"
    eventually(lambda: "job was taken over" in log.read_text() or not psutil.pid_exists(first), what=log.read_text)
    assert vars(job.get()) | {"_state": None} == after
    with connection.cursor() as sql:
        sql.execute("SELECT step FROM fault_effect")
        assert sql.fetchall() == [(2,)]


def test_canceling_ends_the_worker_with_every_program_that_it_started(start, tmp_path):
    pids = tmp_path / "pids"
    start("work")
    job = ask("stubborn", pids=str(pids))
    eventually(lambda: len(numbers_in(pids)) == 2, what=lambda: list(job.values()))
    everybody = [psutil.Process(pid) for pid in numbers_in(pids)]
    commands.cancel(job_id=job.get().pk, now=timezone.now())
    _, alive = psutil.wait_procs(everybody, timeout=60)
    assert alive == []
    assert state_of(job) == State.CANCELED
    quick = ask("quick", number=1)
    eventually(lambda: state_of(quick) == State.SUCCEEDED, what="the next job runs")


def test_programs_of_a_worker_that_is_killed_do_not_outlive_it(start, tmp_path):
    pids = tmp_path / "pids"
    start("work")
    job = ask("stubborn", pids=str(pids))
    eventually(lambda: len(numbers_in(pids)) == 2, what=lambda: list(job.values()))
    everybody = [psutil.Process(pid) for pid in numbers_in(pids)]
    os.kill(int(job.get().worker.rpartition(":")[2]), signal.SIGKILL)
    _, alive = psutil.wait_procs(everybody, timeout=60)
    assert alive == []
    eventually(lambda: job.get().crashes == 1, what="it does not wait until it counts as silent")


def test_an_attempt_that_takes_too_long_has_failed(start):
    start("work")
    job = ask("endless")
    eventually(lambda: state_of(job) == State.FAILED, within=30, what=lambda: list(job.values()))
    assert job.get().error == "took longer than 2 s"


def test_a_cluster_that_is_killed_takes_its_workers_with_it(start, tmp_path):
    pids = tmp_path / "pids"
    cluster = start("work")
    job = ask("stubborn", pids=str(pids))
    eventually(lambda: len(numbers_in(pids)) == 2, what=lambda: list(job.values()))
    everybody = psutil.Process(cluster.pid).children(recursive=True)
    os.kill(cluster.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(everybody, timeout=60)
    assert alive == []
