"""Brings PostgreSQL and Valkey along for a test run, before Django reads its settings.

One migrated database is made; each process of the run copies it, and has a Valkey database of its own.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent
_stack = ExitStack()

TABLES_CAN_BE_EMPTIED = """
    ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_is_never_emptied;
    ALTER TABLE audit_auditseal DISABLE TRIGGER audit_seal_is_never_emptied;
"""
"""As Django does it after a test with transactions of its own. One test of the trail turns them on again."""


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _open()
    else:
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] += f"?db={number}"


def pytest_unconfigure(config: pytest.Config) -> None:
    _stack.close()


def _open() -> None:
    from project import embedded

    var = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="dojang-test-", ignore_cleanup_errors=True)))
    os.environ |= {
        "APP_ENV": "test",
        "VAR_DIR": str(var),
        "ARGON2_TIME_COST": "1",
        "ARGON2_MEMORY_COST": "64",
        "ARGON2_PARALLELISM": "1",
        "LOG_LEVEL": "ERROR",
    }
    _stack.callback(embedded.forget, var)
    _stack.enter_context(embedded.services(var, options=embedded.FAST_AND_FORGETFUL))
    os.environ.setdefault("DATABASE_URL", embedded.database_url(var))
    os.environ.setdefault("REDIS_URL", embedded.redis_url(var))
    subprocess.run([sys.executable, "manage.py", "compile_translations"], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, check=True)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as sql:
        sql.execute(TABLES_CAN_BE_EMPTIED)
    os.environ["TEST_DATABASE_TEMPLATE"] = embedded.DATABASE
