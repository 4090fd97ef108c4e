"""Status and score of progress only rise."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION practice_check_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status < OLD.status OR NEW.score < OLD.score THEN
        RAISE EXCEPTION 'progress never goes down'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'progress_never_goes_down';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER progress_never_goes_down
    BEFORE UPDATE ON practice_progress
    FOR EACH ROW EXECUTE FUNCTION practice_check_progress();
"""

BACKWARDS = """
DROP TRIGGER progress_never_goes_down ON practice_progress;
DROP FUNCTION practice_check_progress();
"""


class Migration(migrations.Migration):
    dependencies = [("practice", "0003_quizzes_are_frozen")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
