"""Events in monthly partitions. Django cannot say PARTITION BY, so the table is made in SQL and only told to Django."""

import uuid

from django.db import migrations, models

FORWARDS = """
CREATE TABLE events_event (
    at timestamptz NOT NULL,
    id uuid NOT NULL,
    kind varchar(80) NOT NULL,
    visitor uuid,
    payload jsonb NOT NULL,
    forwarded_at timestamptz,
    CONSTRAINT events_event_pkey PRIMARY KEY (at, id),
    CONSTRAINT event_has_a_kind CHECK (NOT (kind = ''))
) PARTITION BY RANGE (at);

CREATE INDEX events_by_kind ON events_event (kind, at DESC);
CREATE INDEX events_to_forward ON events_event (at, id) WHERE forwarded_at IS NULL;

-- This month and the next two, in UTC; `events.keep_partitions` goes on from there.
DO $$
DECLARE
    month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
BEGIN
    FOR step IN 0..2 LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF events_event FOR VALUES FROM (%L) TO (%L)',
            'events_event_' || to_char(month, 'YYYY_MM'),
            month AT TIME ZONE 'UTC',
            (month + interval '1 month') AT TIME ZONE 'UTC'
        );
        month := month + interval '1 month';
    END LOOP;
END $$;
"""

BACKWARDS = "DROP TABLE events_event;"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARDS, BACKWARDS)],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "at", "id", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("kind", models.CharField(max_length=80)),
                        ("visitor", models.UUIDField(null=True)),
                        ("payload", models.JSONField(default=dict)),
                        ("forwarded_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ["-at", "-id"],
                        "indexes": [
                            models.Index(fields=["kind", "-at"], name="events_by_kind"),
                            models.Index(
                                fields=["at", "id"],
                                condition=models.Q(("forwarded_at", None)),
                                name="events_to_forward",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind", ""), _negated=True), name="event_has_a_kind"
                            )
                        ],
                    },
                )
            ],
        )
    ]
