"""A question can be answered: checked when a transaction commits.

single: exactly one right option of at least three; multiple: at least one right and one wrong;
order: at least three, none right; match: at least three pairs; type: answers and no options.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION handbook_check_question() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    asked record;
    total integer;
    rights integer;
    pairs integer;
    answerable boolean;
BEGIN
    IF TG_TABLE_NAME = 'handbook_question' THEN
        checked := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        checked := OLD.question_id;
    ELSE
        checked := NEW.question_id;
    END IF;
    SELECT kind, cardinality(answers) AS answers INTO asked FROM handbook_question WHERE id = checked;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT count(*), count(*) FILTER (WHERE is_right), count(pair) INTO total, rights, pairs
        FROM handbook_questionoption WHERE question_id = checked;
    answerable := CASE asked.kind
        WHEN 'single' THEN total >= 3 AND rights = 1
        WHEN 'multiple' THEN rights BETWEEN 1 AND total - 1
        WHEN 'order' THEN total >= 3 AND rights = 0
        WHEN 'match' THEN total >= 3 AND pairs = total
        WHEN 'type' THEN total = 0 AND asked.answers > 0
    END;
    IF NOT answerable THEN
        RAISE EXCEPTION 'question % (%) cannot be answered: % options, % right, % pairs',
            checked, asked.kind, total, rights, pairs
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_can_be_answered';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER question_can_be_answered
    AFTER INSERT OR UPDATE ON handbook_question
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION handbook_check_question();

CREATE CONSTRAINT TRIGGER question_can_be_answered
    AFTER INSERT OR UPDATE OR DELETE ON handbook_questionoption
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION handbook_check_question();
"""

BACKWARDS = """
DROP TRIGGER question_can_be_answered ON handbook_questionoption;
DROP TRIGGER question_can_be_answered ON handbook_question;
DROP FUNCTION handbook_check_question();
"""


class Migration(migrations.Migration):
    dependencies = [("handbook", "0003_glossary_theory_questions_plans")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
