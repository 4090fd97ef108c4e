"""The whole way of a job: asked for here, handed over by PostgreSQL, run by a real worker cluster."""

import os
import signal
import sys
from contextlib import ExitStack

import pytest

from project.foundation.jobs import commands
from project.foundation.jobs.models import ENDED, Job, State
from tests.programs import ROOT, database_url, eventually, family, left_of, program

QUEUES = ("default", "media")


@pytest.fixture
def workers(tmp_path, transactional_db):
    """A worker cluster for each of QUEUES, started as `make run` does."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                program(
                    [sys.executable, str(ROOT / "manage.py"), "work"],
                    env=os.environ | {"DATABASE_URL": database_url(), "Q_CLUSTER_NAME": queue, "LOG_LEVEL": "INFO"},
                    log=tmp_path / f"{queue}.log",
                )
            )
            for queue in QUEUES
        ]


def test_the_workers_of_each_queue_run_its_jobs_and_leave_no_process_when_they_end(workers, tmp_path, now):
    asked = [
        commands.enqueue(f"jobs.ping.{queue}", arguments={}, asked_by=None, why="a test asked", now=now)
        for queue in QUEUES
    ]

    def logs():
        return "\n".join(log.read_text() for log in tmp_path.glob("*.log"))

    def all_ended():
        assert not [worker for worker in workers if worker.poll() is not None], logs()
        return Job.objects.filter(state__in=ENDED).count() == len(asked)

    eventually(all_ended, within=20, what=logs)
    jobs = {job.queue: (job.state, job.attempt, job.result) for job in Job.objects.all()}
    assert jobs == {"default": (State.SUCCEEDED, 1, "default"), "media": (State.SUCCEEDED, 1, "media")}

    everybody = set().union(*(family(worker.pid) for worker in workers))
    assert len(everybody) > len(workers)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    eventually(lambda: not left_of(everybody), what=lambda: left_of(everybody))
