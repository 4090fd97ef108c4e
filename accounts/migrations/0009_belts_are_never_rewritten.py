"""A belt award is never changed, nobody examines or awards themselves, a correction corrects an award of the same
person, and a closed grading is final: all results are there, and everybody who passed has an award."""

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
    IF NEW.candidate_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM accounts_candidate
         WHERE id = NEW.candidate_id AND person_id = NEW.person_id AND belt = NEW.belt AND result = 'passed'
    ) THEN
        RAISE EXCEPTION 'what comes of a grading goes to the candidate who passed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'belt_award_is_of_its_candidate';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER belt_award_is_in_order
    BEFORE INSERT ON accounts_beltaward
    FOR EACH ROW EXECUTE FUNCTION accounts_check_award();

-- FOR SHARE waits for whoever closes the grading or names its examiner, and keeps them waiting.
CREATE FUNCTION accounts_check_candidate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    day accounts_grading;
BEGIN
    SELECT * INTO day FROM accounts_grading WHERE id = NEW.grading_id FOR SHARE;
    IF day.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a closed grading is final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_grading_is_final';
    END IF;
    IF EXISTS (SELECT FROM accounts_user WHERE id = NEW.person_id AND actor_id = day.examiner) THEN
        RAISE EXCEPTION 'nobody examines themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'candidate_is_not_the_examiner';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER candidate_is_in_order
    BEFORE INSERT OR UPDATE ON accounts_candidate
    FOR EACH ROW EXECUTE FUNCTION accounts_check_candidate();

CREATE FUNCTION accounts_check_candidate_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed timestamptz;
BEGIN
    SELECT grading.closed_at INTO closed
      FROM accounts_grading grading JOIN accounts_candidate candidate ON candidate.grading_id = grading.id
     WHERE candidate.id = NEW.candidate_id FOR SHARE OF grading;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'a closed grading is final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_grading_is_final';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER candidate_part_is_in_order
    BEFORE INSERT OR UPDATE ON accounts_candidatepart
    FOR EACH ROW EXECUTE FUNCTION accounts_check_candidate_part();

CREATE FUNCTION accounts_check_grading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL AND to_jsonb(NEW) - 'club_id' IS DISTINCT FROM to_jsonb(OLD) - 'club_id' THEN
        RAISE EXCEPTION 'a closed grading is final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_grading_is_final';
    END IF;
    IF NEW.closed_at IS NOT NULL AND EXISTS (SELECT FROM accounts_candidate WHERE grading_id = NEW.id AND result = '')
    THEN
        RAISE EXCEPTION 'a closed grading has a result for everybody'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_grading_has_all_results';
    END IF;
    IF NEW.examiner IS DISTINCT FROM OLD.examiner AND EXISTS (
        SELECT FROM accounts_candidate JOIN accounts_user ON accounts_user.id = accounts_candidate.person_id
         WHERE grading_id = NEW.id AND actor_id = NEW.examiner
    ) THEN
        RAISE EXCEPTION 'nobody examines themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'candidate_is_not_the_examiner';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER grading_is_in_order
    BEFORE UPDATE ON accounts_grading
    FOR EACH ROW EXECUTE FUNCTION accounts_check_grading();

CREATE FUNCTION accounts_check_awards_of_grading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_candidate candidate JOIN accounts_grading grading ON grading.id = candidate.grading_id
         WHERE grading.id = NEW.id AND grading.closed_at IS NOT NULL AND candidate.result = 'passed'
           AND NOT EXISTS (SELECT FROM accounts_beltaward WHERE candidate_id = candidate.id)
    ) THEN
        RAISE EXCEPTION 'everybody who passed has an award'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_grading_awards_who_passed';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER closed_grading_awards_who_passed
    AFTER UPDATE ON accounts_grading DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION accounts_check_awards_of_grading();
"""

BACKWARDS = """
DROP TRIGGER closed_grading_awards_who_passed ON accounts_grading;
DROP FUNCTION accounts_check_awards_of_grading();
DROP TRIGGER grading_is_in_order ON accounts_grading;
DROP FUNCTION accounts_check_grading();
DROP TRIGGER candidate_part_is_in_order ON accounts_candidatepart;
DROP FUNCTION accounts_check_candidate_part();
DROP TRIGGER candidate_is_in_order ON accounts_candidate;
DROP FUNCTION accounts_check_candidate();
DROP TRIGGER belt_award_is_in_order ON accounts_beltaward;
DROP FUNCTION accounts_check_award();
DROP TRIGGER belt_award_is_never_changed ON accounts_beltaward;
DROP FUNCTION accounts_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_seats_and_owners_of_a_club")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
