"""Jobs run while their workers are killed: `python -m tests.faults.storm --jobs 40 --every 2 [--restarts]`.

Opens services of its own, asks for jobs, starts clusters and schedulers as `manage.py up` does, kills one of their
processes now and then, and prints how it ended as JSON. Without `--every` nobody is killed.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument(
        "--seconds", type=float, default=0, help="kill for at least so long; jobs are asked for all the time"
    )
    parser.add_argument("--every", type=float, default=0, help="seconds between two kills; 0: none")
    parser.add_argument("--restarts", action="store_true", help="restart PostgreSQL and Valkey in the middle")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--patience", type=float, default=240, help="seconds after which it is given up")
    asked = parser.parse_args()
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dojang-storm-", ignore_cleanup_errors=True)))
        var.chmod(0o755)
        os.environ |= {
            "APP_ENV": "test", "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(ROOT), "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        for name in ("DATABASE_URL", "REDIS_URL", "TEST_DATABASE_TEMPLATE"):
            os.environ.pop(name, None)
        from project import embedded

        stack.callback(embedded.forget, var)
        services = stack.enter_context(embedded.services(var, options=("synchronous_commit=off",)))
        print(json.dumps(Storm(asked, services).run()))


class Storm:
    def __init__(self, asked: argparse.Namespace, services: Any) -> None:
        import django

        django.setup()
        self.asked, self.services = asked, services
        self.dice = random.Random(asked.seed)
        self.longest_stuck = 0.0
        self.kills = 0

    def run(self) -> dict[str, Any]:
        from django.core.management import call_command

        from tests.faults import jobs

        call_command("migrate", verbosity=0)
        jobs.create_effects()
        from project.supervisor import Supervisor

        started = time.monotonic()
        self.ask()
        with Supervisor(out=sys.stderr) as hall:
            for part in parts():
                hall.start(part)
            self.storm(hall)
        return self.end_state() | {
            "seconds": round(time.monotonic() - started, 1),
            "kills": self.kills,
            "longest_stuck": round(self.longest_stuck, 1),
        }

    def ask(self) -> None:
        from django.utils import timezone

        from project.foundation.jobs import commands
        from tests.faults.jobs import KINDS

        kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
        for number in range(self.asked.jobs):
            commands.enqueue(
                f"fault.{kinds[number % len(kinds)]}",
                arguments={"number": number}, asked_by=None, why="the storm", now=timezone.now(),
            )  # fmt: skip

    def storm(self, hall: Any) -> None:
        begun = time.monotonic()
        next_kill = begun + self.asked.every
        restarts = [begun + 6, begun + 9] if self.asked.restarts else []
        while not self.is_over() or time.monotonic() < begun + self.asked.seconds:
            hall.check()
            if self.asked.every and time.monotonic() > next_kill:
                next_kill += self.asked.every
                self.kill_somebody(hall)
            if restarts and time.monotonic() > restarts[0]:
                restarts.pop(0)
                self.services.restart("postgres" if restarts else "valkey")
            if self.asked.seconds and self.is_over():
                self.ask()
            time.sleep(0.2)
            if time.monotonic() > begun + self.asked.seconds + self.asked.patience:
                return

    def kill_somebody(self, hall: Any) -> None:
        """Mostly a worker or one of its siblings; now and then a whole cluster or the scheduler, when all are up:
        one that is killed before it has begun only shows how long Python takes to begin."""
        import psutil

        with suppress(psutil.NoSuchProcess):
            heads = [psutil.Process(pid) for pid in hall.pids()]
            families = [head.children(recursive=True) for head in heads]
            everybody = [each for family in families for each in family]
            if sum(bool(family) for family in families) == len(heads) - 1 and self.dice.random() < 0.1:
                everybody = heads
            if everybody:
                self.dice.choice(everybody).send_signal(signal.SIGKILL)
                self.kills += 1

    def is_over(self) -> bool:
        from django.db import DatabaseError, connection
        from django.utils import timezone

        from project.foundation.jobs.models import OPEN, Job

        try:
            self.look_for_stuck(timezone.now())
            return not Job.objects.filter(kind__startswith="fault.", state__in=OPEN).exists()
        except DatabaseError:  # it is being restarted
            connection.close()
            return False

    def look_for_stuck(self, now: Any) -> None:
        """A running job is stuck since its last heartbeat, a queue since a worker last took something from it."""
        from django.db.models import Max, Min

        from project.foundation.jobs.models import Job, State

        beat = Job.objects.filter(state=State.RUNNING).aggregate(oldest=Min("heartbeat_at"))["oldest"]
        since = [beat] if beat else []
        for queue in ("default", "media"):
            due = Job.objects.filter(queue=queue, state=State.QUEUED, due_at__lte=now).aggregate(o=Min("due_at"))["o"]
            if due:
                taken = Job.objects.filter(queue=queue).aggregate(last=Max("started_at"))["last"]
                since.append(max(due, taken or due))
        self.longest_stuck = max([self.longest_stuck, *((now - each).total_seconds() for each in since)])

    def end_state(self) -> dict[str, Any]:
        from django.db import connection

        from project.foundation.jobs.models import Job

        found = Job.objects.filter(kind__startswith="fault.").order_by("arguments__number")
        with connection.cursor() as sql:
            sql.execute("SELECT job, step, count(*) FROM fault_effect GROUP BY job, step")
            effects = sql.fetchall()
        steps: dict[Any, int] = {}
        for job, _, _ in effects:
            steps[job] = steps.get(job, 0) + 1
        ended: dict[str, int] = {}
        for job in found:
            how = f"{job.kind} {job.state}{' set aside' if job.is_set_aside else ''}, {steps.get(job.pk, 0)} effects"
            ended[how] = ended.get(how, 0) + 1
        return {"ended": ended, "twice": sum(count > 1 for _, _, count in effects), "jobs": len(found)}


def parts() -> list[Any]:
    from project.supervisor import Part

    manage = [sys.executable, str(ROOT / "manage.py")]
    clusters = [
        Part(name=f"jobs:{queue}:{n}", argv=[*manage, "work"], env={"Q_CLUSTER_NAME": queue}, restarts=True)
        for queue, number in (("default", 2), ("media", 1))
        for n in range(number)
    ]
    return [*clusters, Part(name="scheduler", argv=[*manage, "scheduler"], restarts=True)]


if __name__ == "__main__":
    main()
