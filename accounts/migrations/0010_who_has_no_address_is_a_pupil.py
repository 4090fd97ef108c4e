"""Only a pupil signs in without an e-mail address (checked when a transaction commits), and no pupil owns or buys."""

from django.db import migrations

FORWARDS = """
-- A day earlier or later is the same day somewhere on earth.
ALTER TABLE accounts_pupil
    ADD CONSTRAINT pupil_consent_came_first CHECK (consented_on <= (recorded_at AT TIME ZONE 'UTC')::date + 1);

CREATE FUNCTION accounts_check_way_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
BEGIN
    IF TG_TABLE_NAME = 'accounts_user' THEN
        checked := NEW.id;
    ELSE
        checked := OLD.person_id;
    END IF;
    IF EXISTS (SELECT FROM accounts_user WHERE id = checked AND email IS NULL)
        AND NOT EXISTS (SELECT FROM accounts_pupil WHERE person_id = checked)
    THEN
        RAISE EXCEPTION 'user % has neither an address nor a code', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_has_a_way_in';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER user_has_a_way_in
    AFTER INSERT OR UPDATE OF email ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_check_way_in();

CREATE CONSTRAINT TRIGGER user_has_a_way_in
    AFTER UPDATE OR DELETE ON accounts_pupil
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_check_way_in();

CREATE FUNCTION accounts_refuse_pupil() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_user WHERE id = NEW.person_id AND email IS NULL) THEN
        RAISE EXCEPTION 'a pupil owns no club and pays for nothing'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER pupil_owns_no_club
    BEFORE INSERT OR UPDATE ON accounts_membership
    FOR EACH ROW WHEN (NEW.role = 'owner') EXECUTE FUNCTION accounts_refuse_pupil();

CREATE TRIGGER pupil_pays_for_nothing
    BEFORE INSERT OR UPDATE OF person_id ON accounts_subscription
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse_pupil();
"""

BACKWARDS = """
DROP TRIGGER pupil_pays_for_nothing ON accounts_subscription;
DROP TRIGGER pupil_owns_no_club ON accounts_membership;
DROP FUNCTION accounts_refuse_pupil();
DROP TRIGGER user_has_a_way_in ON accounts_pupil;
DROP TRIGGER user_has_a_way_in ON accounts_user;
DROP FUNCTION accounts_check_way_in();
ALTER TABLE accounts_pupil DROP CONSTRAINT pupil_consent_came_first;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_belts_are_never_rewritten")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
