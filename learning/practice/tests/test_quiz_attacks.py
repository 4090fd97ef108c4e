"""What the database itself keeps of a quiz: its questions, its answers, and what it was when it began."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts.tests.belts import at_once, refused, sql
from learning.handbook.tests.question_factories import bank, unasked
from learning.practice import commands
from learning.practice.models import QuizAnswer, QuizItem, QuizSession
from learning.practice.tests.quiz_factories import answered, begun, finished
from project.foundation import privacy

pytestmark = pytest.mark.django_db

INSERT = (
    "INSERT INTO practice_quizitem (session_id, place, question_id, frozen)"
    " SELECT session_id, 40, %s, frozen FROM practice_quizitem WHERE place = 1"
)
WHOLE = [
    "DELETE FROM practice_quizanswer",
    "DELETE FROM practice_quizitem",
    "DELETE FROM practice_quizsession",
]


@pytest.fixture
def quiz(ben, now):
    bank(10, now=now)
    return begun(ben, now=now)


def all_of(*statements):
    """As one transaction: what is checked when it commits is checked at its end."""
    with transaction.atomic():
        for each in statements:
            sql(each)
        sql("SET CONSTRAINTS ALL IMMEDIATE")


class TestAnswers:
    def test_one_cannot_be_taken_out(self, quiz, now):
        answered(quiz, 1, now=now, is_right=False)
        with refused("quiz_answer_goes_with_its_person"):
            all_of("DELETE FROM practice_quizanswer")
        assert QuizAnswer.objects.count() == 1

    def test_nor_after_the_end(self, ben, quiz, now):
        finished(ben, now=now, seed=2)
        with refused("quiz_answer_goes_with_its_person"):
            all_of("DELETE FROM practice_quizanswer")

    @pytest.mark.parametrize("order", [WHOLE, [WHOLE[2], *WHOLE[:2]]], ids=["quiz last", "quiz first"])
    def test_nor_with_its_quiz(self, quiz, now, order):
        answered(quiz, 1, now=now)
        with refused("quiz_answer_goes_with_its_person"):
            all_of(*order)
        assert (QuizSession.objects.count(), QuizItem.objects.count(), QuizAnswer.objects.count()) == (1, 5, 1)

    def test_nor_by_the_models(self, quiz, now):
        answered(quiz, 1, now=now)
        with refused("quiz_answer_goes_with_its_person"), transaction.atomic():
            quiz.delete()
            sql("SET CONSTRAINTS ALL IMMEDIATE")


class TestQuestions:
    def test_one_cannot_be_taken_out(self, quiz):
        with refused("quiz_item_goes_with_its_quiz"):
            all_of("DELETE FROM practice_quizitem WHERE place = 1")

    def test_nor_put_back_otherwise(self, quiz):
        with refused("quiz_item_goes_with_its_quiz"):
            all_of(
                "CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM practice_quizitem WHERE place = 1",
                "DELETE FROM practice_quizitem WHERE place = 1",
                "INSERT INTO practice_quizitem (session_id, place, question_id, frozen)"
                " SELECT session_id, place, question_id, '{}' FROM kept",
            )

    def test_none_comes_to_one_that_is_over(self, ben, quiz, now):
        commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now)
        with refused("quiz_has_its_questions_from_its_start"):
            self.insert()

    def test_none_comes_to_what_is_no_quiz(self, quiz):
        with refused("quiz_has_its_questions_from_its_start"):
            sql(
                "INSERT INTO practice_quizitem (session_id, place, question_id, frozen)"
                " SELECT gen_random_uuid(), place, question_id, frozen FROM practice_quizitem"
            )

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("before", ["SELECT 1", "SELECT * FROM practice_quizsession FOR UPDATE"])
    def test_none_comes_after_the_start(self, quiz, before):
        """Only the transaction that begins a quiz gives it its questions; the other tests are one transaction each."""
        with refused("quiz_has_its_questions_from_its_start"), transaction.atomic():
            sql(before)
            self.insert()
        assert quiz.items.count() == 5

    @pytest.mark.django_db(transaction=True)
    def test_none_comes_to_one_that_was_touched(self, quiz):
        with refused("quiz_answer_goes_with_its_person"), transaction.atomic():
            sql("UPDATE practice_quizsession SET mode = mode")
            self.insert()
        assert quiz.items.count() == 5

    @pytest.mark.django_db(transaction=True)
    def test_a_quiz_that_begins_within_something_greater_gets_its_questions(self, ben, quiz, now):
        with transaction.atomic():
            with transaction.atomic():
                other = begun(ben, now=now, seed=2)
            assert other.items.count() == 5

    def insert(self):
        sql(INSERT, unasked(set(QuizItem.objects.values_list("question", flat=True))).pk)


class TestTheQuizItself:
    @pytest.mark.parametrize(
        "change",
        [
            "mode = 'terms'",
            "belt = 3",
            "started_at = started_at - interval '1 day'",
            "id = gen_random_uuid()",
            "person_id = %(cleo)s",
            "finished_at = started_at, mode = 'terms'",
        ],
    )
    def test_it_stays_what_it_was_when_it_began(self, quiz, cleo, change):
        with refused("quiz_is_as_it_began"):
            sql(f"UPDATE practice_quizsession SET {change}".replace("%(cleo)s", str(cleo.pk)))

    def test_its_end_is_written_once(self, quiz):
        sql("UPDATE practice_quizsession SET finished_at = started_at")
        with refused("finished_quiz_is_final"):
            sql("UPDATE practice_quizsession SET finished_at = started_at + interval '1 day'")


class TestWhatMayGo:
    def test_with_their_person_all_of_it(self, ben, cleo, quiz, now):
        answered(quiz, 1, now=now, is_right=False)
        finished(ben, now=now, seed=2)
        hers = begun(cleo, now=now)
        privacy.erase(ben, now=now)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert QuizSession.objects.get() == hers
        assert QuizItem.objects.count() == 5

    @pytest.mark.parametrize("is_over", [False, True])
    def test_without_answers_the_quiz(self, ben, quiz, now, is_over):
        if is_over:
            commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now)
        commands.discard_quiz(person=ben, quiz_id=quiz.pk, now=now)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        assert not QuizItem.objects.exists()


class TestOneIdForTwo:
    def test_who_comes_second_is_told(self, ben, cleo, quiz, now, monkeypatch):
        """Each holds their own learner, so neither sees the other's quiz before it is there."""
        monkeypatch.setattr(commands.quizzes, "_begun", lambda *asked: None)
        with pytest.raises(commands.IdTaken):
            begun(cleo, now=now, id=quiz.pk)
        assert QuizItem.objects.count() == 5

    @pytest.mark.django_db(transaction=True)
    def test_both_at_once(self, ben, cleo, quiz, now):
        for seed in range(5):
            made = uuid4()
            came = at_once(
                [lambda who=who: begun(who, now=now + timedelta(days=1), id=made, seed=seed) for who in (ben, cleo)]  # noqa: B023
            )
            assert came == {"QuizSession": 1, "IdTaken": 1}
            assert QuizItem.objects.filter(session=made).count() == 5
