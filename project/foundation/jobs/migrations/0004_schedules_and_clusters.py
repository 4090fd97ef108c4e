"""Which instant of a schedule was asked for last, and which worker clusters live."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_jobs_are_counted")]
    operations = [
        migrations.CreateModel(
            name="Cluster",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("queue", models.CharField(max_length=20)),
                ("where", models.CharField(max_length=80)),
                ("worker", models.PositiveIntegerField()),
                ("restarts", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ScheduleState",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("asked_for", models.DateTimeField()),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="jobs.job"
                    ),
                ),
            ],
        ),
    ]
