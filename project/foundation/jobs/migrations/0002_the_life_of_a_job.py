"""Failures, crashes, the instant a job is due, its log and where it came from; indices of the lists."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [
        migrations.AlterModelOptions(
            name="job",
            options={"ordering": ["-queued_at", "-id"]},
        ),
        migrations.RemoveConstraint(
            model_name="job",
            name="job_progress_is_percent",
        ),
        migrations.RemoveConstraint(
            model_name="job",
            name="job_attempts_are_limited",
        ),
        migrations.RemoveConstraint(
            model_name="job",
            name="job_that_runs_has_started",
        ),
        migrations.RemoveIndex(
            model_name="job",
            name="jobs_by_state",
        ),
        migrations.RemoveIndex(
            model_name="job",
            name="jobs_by_kind",
        ),
        migrations.AddField(
            model_name="job",
            name="crashes",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="job",
            name="due_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="job",
            name="failures",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="job",
            name="furthest",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="job",
            name="is_set_aside",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="job",
            name="log",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="job",
            name="rerun_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="reruns", to="jobs.job"
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="worker",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.RunSQL(
            "UPDATE jobs_job SET due_at = queued_at, furthest = progress",
            "UPDATE jobs_job SET attempt = LEAST(attempt, max_attempts)",
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["-queued_at", "-id"], name="jobs_by_age"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["state", "-queued_at", "-id"], name="jobs_by_state"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["kind", "-queued_at", "-id"], name="jobs_by_kind"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["kind", "state", "-queued_at", "-id"], name="jobs_by_kind_and_state"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["queue", "state", "-queued_at", "-id"], name="jobs_by_queue_and_state"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["asked_by", "-queued_at", "-id"], name="jobs_by_asker"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["queue", "due_at", "id"], name="jobs_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(condition=models.Q(("state", "running")), fields=["heartbeat_at"], name="jobs_running"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("is_set_aside", True)), fields=["-queued_at", "-id"], name="jobs_set_aside"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("furthest__lte", 100), ("progress__lte", models.F("furthest"))),
                name="job_progress_is_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("failures__lte", models.F("max_attempts"))), name="job_failures_are_limited"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "attempt__gte",
                        django.db.models.expressions.CombinedExpression(models.F("failures"), "+", models.F("crashes")),
                    )
                ),
                name="job_failures_and_crashes_were_attempts",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "running"), _negated=True),
                    models.Q(("attempt__gte", 1), ("heartbeat_at__isnull", False), ("started_at__isnull", False)),
                    _connector="OR",
                ),
                name="job_that_runs_has_started",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_set_aside", False), ("state", "failed"), _connector="OR"),
                name="job_set_aside_has_failed",
            ),
        ),
    ]
