"""What the code would never write, PostgreSQL refuses too."""

import pytest
from django.db import IntegrityError, connection, transaction

from project.foundation.jobs.models import Job
from project.foundation.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db

REFUSED = [
    ("job_state_is_known", {}, "state = 'lost'"),
    ("job_queue_is_known", {}, "queue = 'fast'"),
    ("job_progress_is_percent", {"running": True}, "progress = 101, furthest = 101"),
    ("jobs_job_progress_check", {"running": True}, "progress = -1"),
    ("job_failures_and_crashes_were_attempts", {}, "attempt = -1"),
    ("job_progress_is_percent", {"running": True}, "progress = 40, furthest = 30"),
    ("job_progress_is_percent", {"running": True}, "furthest = 101"),
    ("jobs_job_failures_check", {}, "failures = -1"),
    ("jobs_job_crashes_check", {}, "crashes = -1"),
    ("job_failures_are_limited", {}, "attempt = 4, failures = 4, max_attempts = 3"),
    ("job_failures_and_crashes_were_attempts", {"running": True}, "failures = 1, crashes = 1"),
    ("job_set_aside_has_failed", {"running": True}, "is_set_aside = true"),
    ("job_set_aside_has_failed", {"succeeded": True}, "is_set_aside = true"),
    ("job_that_ended_says_when", {"running": True}, "state = 'succeeded'"),
    ("job_that_ended_says_when", {"running": True}, "state = 'canceled'"),
    ("job_that_ended_says_when", {"running": True}, "state = 'failed', error = 'it broke'"),
    ("job_that_ended_says_when", {}, "ended_at = now()"),
    ("job_that_ended_says_when", {"running": True}, "ended_at = now()"),
    ("job_that_runs_has_started", {"running": True}, "attempt = 0"),
    ("job_that_runs_has_started", {"running": True}, "started_at = NULL"),
    ("job_that_runs_has_started", {"running": True}, "heartbeat_at = NULL"),
    ("job_that_runs_has_started", {}, "state = 'running'"),
    ("job_that_failed_says_why", {"failed": True}, "error = ''"),
]


@pytest.mark.parametrize(("constraint", "moment", "change"), REFUSED)
def test_postgres_refuses(constraint, moment, change):
    JobFactory(**moment)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as sql:
        sql.execute(f"UPDATE jobs_job SET {change}")


@pytest.mark.parametrize("moment", [{}, {"running": True}])
def test_postgres_refuses_two_open_jobs_of_one_key(moment):
    JobFactory(key="week 47")
    second = JobFactory(key="week 48", **moment)
    with (
        pytest.raises(IntegrityError, match="one_open_job_per_key"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute("UPDATE jobs_job SET key = 'week 47' WHERE id = %s", [second.pk])


def test_postgres_refuses_to_forget_the_parent_of_a_job():
    parent = JobFactory()
    JobFactory(parent=parent)
    with pytest.raises(IntegrityError, match="parent_id"), transaction.atomic(), connection.cursor() as sql:
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM jobs_job WHERE id = %s", [parent.pk])


def test_every_constraint_of_a_job_is_attacked_here():
    ours = {constraint.name for constraint in Job._meta.constraints}
    assert ours <= {name for name, _, _ in REFUSED} | {"one_open_job_per_key"}
