"""A quiz has the questions that it began with, they and its answers are not taken out of it, one that was answered goes
only with its person, and of the quiz itself nothing but its end is ever written."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION practice_keep_quiz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.person_id, NEW.mode, NEW.belt, NEW.started_at)
            IS DISTINCT FROM (OLD.id, OLD.person_id, OLD.mode, OLD.belt, OLD.started_at) THEN
        RAISE EXCEPTION 'of a quiz that has begun only its end is written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quiz_is_as_it_began';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER quiz_is_as_it_began
    AFTER UPDATE ON practice_quizsession
    FOR EACH ROW EXECUTE FUNCTION practice_keep_quiz();

-- A row that is seen, and whose transaction has not ended, was made by this transaction (or one of its savepoints).
CREATE FUNCTION practice_check_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM practice_quizsession
         WHERE id = NEW.session_id AND finished_at IS NULL AND pg_xact_status(
                   (pg_current_xact_id()::text::bigint - age(practice_quizsession.xmin))::text::xid8
               ) = 'in progress'
    ) THEN
        RAISE EXCEPTION 'a quiz is asked the questions that it began with'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quiz_has_its_questions_from_its_start';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER quiz_has_its_questions_from_its_start
    BEFORE INSERT ON practice_quizitem
    FOR EACH ROW EXECUTE FUNCTION practice_check_item();

CREATE FUNCTION practice_keep_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM practice_quizsession WHERE id = OLD.session_id) THEN
        RAISE EXCEPTION 'a question goes only with its quiz'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quiz_item_goes_with_its_quiz';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER quiz_item_goes_with_its_quiz
    AFTER DELETE ON practice_quizitem DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION practice_keep_item();

-- When the transaction commits, the quiz may be gone, and with it whose it was. So its row is touched before that:
-- a deferred trigger is given the row as it was then.
CREATE FUNCTION practice_touch_quiz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE practice_quizsession SET person_id = person_id WHERE id = OLD.session_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the answers go before their quiz'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quiz_answer_goes_with_its_person';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER quiz_answer_is_missed
    AFTER DELETE ON practice_quizanswer
    FOR EACH ROW EXECUTE FUNCTION practice_touch_quiz();

CREATE FUNCTION practice_keep_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_user WHERE id = OLD.person_id) THEN
        RAISE EXCEPTION 'an answer goes only with its person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quiz_answer_goes_with_its_person';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER quiz_answer_goes_with_its_person
    AFTER UPDATE ON practice_quizsession DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD IS NOT DISTINCT FROM NEW) EXECUTE FUNCTION practice_keep_answers();

-- As before, but a row that is only touched is not changed.
CREATE OR REPLACE FUNCTION practice_check_quiz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL AND OLD IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'a finished quiz is final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finished_quiz_is_final';
    END IF;
    RETURN NEW;
END $$;
"""

BACKWARDS = """
CREATE OR REPLACE FUNCTION practice_check_quiz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL THEN
        RAISE EXCEPTION 'a finished quiz is final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finished_quiz_is_final';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER quiz_answer_goes_with_its_person ON practice_quizsession;
DROP FUNCTION practice_keep_answers();
DROP TRIGGER quiz_answer_is_missed ON practice_quizanswer;
DROP FUNCTION practice_touch_quiz();
DROP TRIGGER quiz_item_goes_with_its_quiz ON practice_quizitem;
DROP FUNCTION practice_keep_item();
DROP TRIGGER quiz_has_its_questions_from_its_start ON practice_quizitem;
DROP FUNCTION practice_check_item();
DROP TRIGGER quiz_is_as_it_began ON practice_quizsession;
DROP FUNCTION practice_keep_quiz();
"""


class Migration(migrations.Migration):
    dependencies = [("practice", "0005_cards_are_found_by_steps_and_lapses")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
