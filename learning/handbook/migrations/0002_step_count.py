"""A tul has a step for each of its movements, or none at all: checked when a transaction commits."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION handbook_check_step_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    wanted integer;
    found integer;
BEGIN
    IF TG_TABLE_NAME = 'handbook_tuledition' THEN
        checked := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        checked := OLD.edition_id;
    ELSE
        checked := NEW.edition_id;
    END IF;
    SELECT movements INTO wanted FROM handbook_tuledition WHERE id = checked;
    SELECT count(*) INTO found FROM handbook_tulstep WHERE edition_id = checked;
    IF wanted IS NOT NULL AND found NOT IN (0, wanted) THEN
        RAISE EXCEPTION 'tul edition % has % steps for % movements', checked, found, wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tul_has_a_step_per_movement';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER tul_has_a_step_per_movement
    AFTER INSERT OR DELETE OR UPDATE OF edition_id ON handbook_tulstep
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION handbook_check_step_count();

CREATE CONSTRAINT TRIGGER tul_has_a_step_per_movement
    AFTER UPDATE OF movements ON handbook_tuledition
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION handbook_check_step_count();
"""

BACKWARDS = """
DROP TRIGGER tul_has_a_step_per_movement ON handbook_tuledition;
DROP TRIGGER tul_has_a_step_per_movement ON handbook_tulstep;
DROP FUNCTION handbook_check_step_count();
"""


class Migration(migrations.Migration):
    dependencies = [("handbook", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
