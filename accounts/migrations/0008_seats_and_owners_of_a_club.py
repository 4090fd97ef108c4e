"""A membership holds a seat of its own club, and a club has an owner whenever a transaction commits."""

from django.db import migrations

FORWARDS = """
ALTER TABLE accounts_membership
    ADD CONSTRAINT membership_seat_is_of_its_club FOREIGN KEY (seat_id, club_id)
    REFERENCES accounts_seat (id, club_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION accounts_check_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid;
BEGIN
    IF TG_TABLE_NAME = 'accounts_club' THEN
        checked := NEW.id;
    ELSE
        checked := OLD.club_id;
    END IF;
    IF EXISTS (SELECT FROM accounts_club WHERE id = checked)
        AND NOT EXISTS (SELECT FROM accounts_membership WHERE club_id = checked AND role = 'owner')
    THEN
        RAISE EXCEPTION 'club % has no owner', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'club_has_an_owner';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER club_has_an_owner
    AFTER INSERT ON accounts_club
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_check_owner();

CREATE CONSTRAINT TRIGGER club_has_an_owner
    AFTER UPDATE OR DELETE ON accounts_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_check_owner();
"""

BACKWARDS = """
DROP TRIGGER club_has_an_owner ON accounts_membership;
DROP TRIGGER club_has_an_owner ON accounts_club;
DROP FUNCTION accounts_check_owner();
ALTER TABLE accounts_membership DROP CONSTRAINT membership_seat_is_of_its_club;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_notices_and_mail")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
