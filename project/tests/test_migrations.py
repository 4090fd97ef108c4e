"""Every migration can be taken back, and the models are what the migrations make."""

import json
import os
import subprocess
import sys

import psycopg
import pytest
from django.core.management import call_command

from tests.programs import ROOT, database_url

THERE_AND_BACK = """
import json
import django
django.setup()
from pathlib import Path
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

OURS = [
    each.label for each in apps.get_app_configs()
    if (Path(each.path) / "migrations").is_dir() and Path(each.path).is_relative_to(settings.BASE_DIR)
    and ".venv" not in each.path
]
SCHEMA = '''
    SELECT table_name, concat_ws(' ', column_name, data_type, character_maximum_length, is_nullable, column_default)
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT conrelid::regclass::text, concat_ws(' ', conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION SELECT 'function', pg_get_functiondef(oid) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
'''

def schema():
    with connection.cursor() as sql:
        sql.execute(SCHEMA)
        return sorted([table.strip('"'), what] for table, what in sql.fetchall())

call_command("migrate", verbosity=0)
forwards = schema()
for label in OURS:
    call_command("migrate", label, "zero", verbosity=0)
backwards = schema()
call_command("migrate", verbosity=0)
print(json.dumps({"ours": OURS, "forwards": forwards, "backwards": backwards, "again": schema()}))
"""


@pytest.fixture
def scratch():
    """The address of a new empty database."""
    name = f"scratch_{os.getpid()}"
    with psycopg.connect(database_url("postgres"), autocommit=True) as sql:
        sql.execute(f"CREATE DATABASE {name}")
        try:
            yield database_url(name)
        finally:
            sql.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_all_migrations_run_forwards_backwards_to_nothing_and_forwards_again(scratch):
    done = subprocess.run(
        [sys.executable, "-c", THERE_AND_BACK],
        env=os.environ | {"DATABASE_URL": scratch, "DJANGO_SETTINGS_MODULE": "project.settings"},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {"accounts", "audit", "handbook", "jobs"} <= set(seen["ours"])

    def is_ours(table):
        return table == "function" or table.startswith(tuple(f"{label}_" for label in seen["ours"]))

    assert {table for table, _ in seen["forwards"] if is_ours(table)} >= {"jobs_job", "audit_auditevent", "function"}
    assert [what for what in seen["backwards"] if is_ours(what[0])] == []
    assert seen["again"] == seen["forwards"]


def test_no_model_has_changed_without_a_migration(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
