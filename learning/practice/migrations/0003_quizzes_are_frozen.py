"""A question of a quiz and its answer are never changed, nothing is answered after the end, and the end is final."""

from django.db import migrations

FORWARDS = """
ALTER TABLE practice_quizanswer ADD CONSTRAINT answer_is_to_a_question_of_its_quiz
    FOREIGN KEY (item_id, session_id) REFERENCES practice_quizitem (id, session_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION practice_refuse_changing_quiz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'questions and answers of a quiz are frozen'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'quiz_is_frozen';
END $$;

CREATE TRIGGER quiz_item_is_frozen
    BEFORE UPDATE ON practice_quizitem
    FOR EACH ROW EXECUTE FUNCTION practice_refuse_changing_quiz();

CREATE TRIGGER quiz_answer_is_frozen
    BEFORE UPDATE ON practice_quizanswer
    FOR EACH ROW EXECUTE FUNCTION practice_refuse_changing_quiz();

CREATE FUNCTION practice_check_quiz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL THEN
        RAISE EXCEPTION 'a finished quiz is final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finished_quiz_is_final';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER finished_quiz_is_final
    BEFORE UPDATE ON practice_quizsession
    FOR EACH ROW EXECUTE FUNCTION practice_check_quiz();

-- FOR SHARE waits for whoever finishes the quiz, and keeps them waiting.
CREATE FUNCTION practice_check_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended timestamptz;
BEGIN
    SELECT finished_at INTO ended FROM practice_quizsession WHERE id = NEW.session_id FOR SHARE;
    IF ended IS NOT NULL THEN
        RAISE EXCEPTION 'nothing is answered after the end of a quiz'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quiz_is_answered_before_its_end';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER quiz_is_answered_before_its_end
    BEFORE INSERT ON practice_quizanswer
    FOR EACH ROW EXECUTE FUNCTION practice_check_answer();
"""

BACKWARDS = """
DROP TRIGGER quiz_is_answered_before_its_end ON practice_quizanswer;
DROP FUNCTION practice_check_answer();
DROP TRIGGER finished_quiz_is_final ON practice_quizsession;
DROP FUNCTION practice_check_quiz();
DROP TRIGGER quiz_answer_is_frozen ON practice_quizanswer;
DROP TRIGGER quiz_item_is_frozen ON practice_quizitem;
DROP FUNCTION practice_refuse_changing_quiz();
ALTER TABLE practice_quizanswer DROP CONSTRAINT answer_is_to_a_question_of_its_quiz;
"""


class Migration(migrations.Migration):
    dependencies = [("practice", "0002_log_is_never_rewritten")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
