"""Triggers write how the numbers of jobs change: as rows that are only added, so that nobody waits for a counter."""

from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION jobs_count_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jobs_jobcount (kind, queue, state, change)
    SELECT kind, queue, state, count(*) FROM added GROUP BY kind, queue, state;
    RETURN NULL;
END $$;

CREATE FUNCTION jobs_count_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jobs_jobcount (kind, queue, state, change)
    SELECT kind, queue, state, -count(*) FROM gone GROUP BY kind, queue, state;
    RETURN NULL;
END $$;

CREATE FUNCTION jobs_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jobs_jobcount (kind, queue, state, change)
    VALUES (OLD.kind, OLD.queue, OLD.state, -1), (NEW.kind, NEW.queue, NEW.state, 1);
    IF NEW.ended_at IS NOT NULL THEN
        INSERT INTO jobs_jobpace (minute, state, change) VALUES (date_trunc('minute', NEW.ended_at), NEW.state, 1);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER jobs_are_counted_when_added AFTER INSERT ON jobs_job
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION jobs_count_new();
CREATE TRIGGER jobs_are_counted_when_gone AFTER DELETE ON jobs_job
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION jobs_count_gone();
CREATE TRIGGER jobs_are_counted_when_they_change AFTER UPDATE OF state, kind, queue ON jobs_job
    FOR EACH ROW WHEN ((OLD.state, OLD.kind, OLD.queue) IS DISTINCT FROM (NEW.state, NEW.kind, NEW.queue))
    EXECUTE FUNCTION jobs_count_change();

INSERT INTO jobs_jobcount (kind, queue, state, change)
SELECT kind, queue, state, count(*) FROM jobs_job GROUP BY kind, queue, state;
"""

BACKWARDS = """
DROP TRIGGER jobs_are_counted_when_added ON jobs_job;
DROP TRIGGER jobs_are_counted_when_gone ON jobs_job;
DROP TRIGGER jobs_are_counted_when_they_change ON jobs_job;
DROP FUNCTION jobs_count_new();
DROP FUNCTION jobs_count_gone();
DROP FUNCTION jobs_count_change();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_the_life_of_a_job")]
    operations = [
        migrations.CreateModel(
            name="JobCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=80)),
                ("queue", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=10)),
                ("change", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="JobPace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.DateTimeField(db_index=True)),
                ("state", models.CharField(max_length=10)),
                ("change", models.IntegerField()),
            ],
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
