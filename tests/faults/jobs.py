"""Jobs that are slow, fail, or kill their worker. What they do is a row in `fault_effect`, which has no constraint:
an effect that happens twice is seen."""

import os
import signal
import subprocess
import time

from django.db import connection

from project.foundation.jobs.registry import Run, job

STEPS = 20


def create_effects() -> None:
    with connection.cursor() as sql:
        sql.execute("CREATE TABLE fault_effect (job uuid NOT NULL, step int NOT NULL)")


def effect(run: Run, step: int = 0) -> None:
    with run.fenced(), connection.cursor() as sql:
        sql.execute("SELECT count(*) FROM fault_effect WHERE job = %s AND step = %s", [run.job.pk, step])
        if sql.fetchone()[0] == 0:
            sql.execute("INSERT INTO fault_effect VALUES (%s, %s)", [run.job.pk, step])


def steps_done(run: Run) -> int:
    with connection.cursor() as sql:
        sql.execute("SELECT count(*) FROM fault_effect WHERE job = %s", [run.job.pk])
        return int(sql.fetchone()[0])


@job("fault.quick")
def quick(run: Run, *, number: int) -> int:
    effect(run)
    return number


@job("fault.slow", queue="media")
def slow(run: Run, *, number: int) -> int:
    """Goes on where the attempt before was killed."""
    for step in range(steps_done(run), STEPS):
        time.sleep(0.05)
        effect(run, step)
        run.progress(100 * (step + 1) // STEPS, f"step {step + 1}")
    return number


@job("fault.failing")
def failing(run: Run, *, number: int) -> None:
    raise OSError(f"{number} never works")


@job("fault.flaky")
def flaky(run: Run, *, number: int) -> int:
    if run.job.failures == 0:
        raise OSError(f"{number} works the second time")
    effect(run)
    return number


@job("fault.deadly")
def deadly(run: Run, *, number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job("fault.shaky")
def shaky(run: Run, *, number: int) -> int:
    """Kills its worker half-way, but only on the way there."""
    effect(run, 0)
    if run.job.furthest < 50:
        run.progress(50, "half done")
        os.kill(os.getpid(), signal.SIGKILL)
    effect(run, 1)
    return number


@job("fault.stubborn", max_attempts=1)
def stubborn(run: Run, *, pids: str) -> None:
    """Never looks up, and starts programs that start programs."""
    script = f"echo $$ >> {pids}; sleep 600 & echo $! >> {pids}; wait"
    subprocess.run(["sh", "-c", script], check=False)


@job("fault.endless", max_attempts=1, timeout=2)
def endless(run: Run) -> None:
    while True:
        time.sleep(0.05)


@job("fault.paused")
def paused(run: Run, *, file: str) -> str:
    """Writes down its process, waits until the file is gone, then says what it has to say."""
    with open(file, "a") as out:  # noqa: PTH123
        out.write(f"{os.getpid()}\n")
    while os.path.exists(file):  # noqa: PTH110
        time.sleep(0.02)
    run.progress(90, f"said by attempt {run.attempt}")
    effect(run, run.attempt)
    return f"result of attempt {run.attempt}"


KINDS = {"quick": 12, "slow": 3, "failing": 1, "flaky": 2, "deadly": 1, "shaky": 1}
"""Of twenty jobs."""
