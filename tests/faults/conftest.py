import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest

from tests.faults import jobs
from tests.programs import ROOT, Process, database_url, eventually, family, left_of, program


@pytest.fixture
def effects(transactional_db: None) -> Iterator[None]:
    """The table that the jobs of tests/faults/jobs.py write their effects to."""
    from django.db import connection

    jobs.create_effects()
    yield
    with connection.cursor() as sql:
        sql.execute("DROP TABLE fault_effect")


@pytest.fixture
def start(tmp_path: Path, effects: None) -> Iterator[Callable[..., Popen[str]]]:
    """Starts `manage.py` with the settings of the faults and impatient about silence, as often as it is called."""
    everybody: set[Process] = set()
    with ExitStack() as stack:
        started: list[Popen[str]] = []

        def begin(*words: str, queue: str = "default") -> Popen[str]:
            env = os.environ | {
                "DATABASE_URL": database_url(),
                "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
                "Q_CLUSTER_NAME": queue,
                "JOB_SILENCE": "4",
                "LOG_LEVEL": "WARNING",
            }
            log = tmp_path / f"{len(list(tmp_path.iterdir()))}.log"
            argv = [sys.executable, str(ROOT / "manage.py"), *words]
            started.append(stack.enter_context(program(argv, env=env, log=log)))
            return started[-1]

        yield begin
        everybody.update(*(family(each.pid) for each in started))
    # What is left of this test's workers must not take the jobs of the next.
    eventually(lambda: not left_of(everybody), what=lambda: left_of(everybody))
