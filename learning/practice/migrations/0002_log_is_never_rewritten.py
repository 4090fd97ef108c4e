"""A review and its retraction are never changed, go only with their person, and belong to a card of that person."""

from django.db import migrations

FORWARDS = """
ALTER TABLE practice_review ADD CONSTRAINT review_is_of_a_card_of_its_person
    FOREIGN KEY (card_id, person_id) REFERENCES practice_reviewcard (id, person_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION practice_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of reviews is never changed; take a review back by a retraction'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_is_never_changed';
END $$;

CREATE TRIGGER review_is_never_changed
    BEFORE UPDATE ON practice_review
    FOR EACH ROW EXECUTE FUNCTION practice_refuse_rewriting();

CREATE TRIGGER retraction_is_never_changed
    BEFORE UPDATE ON practice_retraction
    FOR EACH ROW EXECUTE FUNCTION practice_refuse_rewriting();

CREATE FUNCTION practice_keep_the_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_user WHERE id = OLD.person_id) THEN
        RAISE EXCEPTION 'the log of reviews goes only with its person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'log_goes_with_its_person';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER log_goes_with_its_person
    AFTER DELETE ON practice_review DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION practice_keep_the_log();

CREATE CONSTRAINT TRIGGER retractions_go_with_their_person
    AFTER DELETE ON practice_retraction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION practice_keep_the_log();
"""

BACKWARDS = """
DROP TRIGGER retractions_go_with_their_person ON practice_retraction;
DROP TRIGGER log_goes_with_its_person ON practice_review;
DROP FUNCTION practice_keep_the_log();
DROP TRIGGER retraction_is_never_changed ON practice_retraction;
DROP TRIGGER review_is_never_changed ON practice_review;
DROP FUNCTION practice_refuse_rewriting();
ALTER TABLE practice_review DROP CONSTRAINT review_is_of_a_card_of_its_person;
"""


class Migration(migrations.Migration):
    dependencies = [("practice", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
