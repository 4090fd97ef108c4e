"""A belt award is never changed, nobody awards themselves, and a correction corrects an award of the same person."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION accounts_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a belt award is never changed; correct it by a new one'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'belt_award_is_never_changed';
END $$;

CREATE TRIGGER belt_award_is_never_changed
    BEFORE UPDATE ON accounts_beltaward
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse_rewriting();

CREATE FUNCTION accounts_check_award() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_user WHERE id = NEW.person_id AND actor_id = NEW.awarded_by) THEN
        RAISE EXCEPTION 'nobody awards themselves a belt'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'belt_award_is_by_somebody_else';
    END IF;
    IF NEW.corrects_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM accounts_beltaward WHERE id = NEW.corrects_id AND person_id = NEW.person_id)
    THEN
        RAISE EXCEPTION 'a correction corrects an award of the same person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'belt_correction_is_of_the_same_person';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER belt_award_is_in_order
    BEFORE INSERT ON accounts_beltaward
    FOR EACH ROW EXECUTE FUNCTION accounts_check_award();
"""

BACKWARDS = """
DROP TRIGGER belt_award_is_in_order ON accounts_beltaward;
DROP FUNCTION accounts_check_award();
DROP TRIGGER belt_award_is_never_changed ON accounts_beltaward;
DROP FUNCTION accounts_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_seats_and_owners_of_a_club")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
