"""Quizzes: begun, answered once each, over for good; and what the database refuses on its own."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest

from accounts.tests.belts import refused, sql
from learning.handbook import queries as handbook
from learning.handbook.tests.factories import published_technique, published_tul
from learning.handbook.tests.question_factories import bank, put_question, put_term, retire_all_but, unasked
from learning.practice import commands, queries
from learning.practice.models import (
    PracticeDay,
    Progress,
    QuizAnswer,
    QuizItem,
    QuizMode,
    QuizSession,
    Status,
)
from learning.practice.rules import quizzes as rules
from learning.practice.rules.marking import Flaw, is_right
from learning.practice.rules.quizzes import Frozen
from learning.practice.tests.quiz_factories import answered, begun, finished, frozen, right, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions(now):
    bank(10, now=now)


@pytest.fixture
def quiz(ben, questions, now):
    return begun(ben, now=now)


class TestDrawing:
    def test_only_questions_of_the_mode(self, ben, questions, now):
        put_question("word", now=now, modules=["terminology", "commands"])
        quiz = begun(ben, now=now, mode=QuizMode.TERMS)
        assert [item.question.slug for item in quiz.items.all()] == ["word"]
        assert {item.question.slug for item in begun(ben, now=now, n=50, mode=QuizMode.MIXED).items.all()} == {
            "word", *(f"q-{each}" for each in range(1, 11)),
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("belt", "slugs"),
        [(10, {"all", "low"}), (8, {"all"}), (5, {"all", "high"}), (0, {"all", "high"}), (-3, {"all", "high"})],
    )  # fmt: skip
    def test_only_what_a_learner_of_the_belt_has_met(self, ben, belt, slugs, now):
        put_question("all", now=now, belts=(10, 0))
        put_question("low", now=now, belts=(10, 9))
        put_question("high", now=now, belts=(6, 0))
        assert {item.question.slug for item in begun(ben, now=now, belt=belt).items.all()} == slugs

    def test_nothing_that_is_retired(self, ben, questions, now):
        retire_all_but("q-7")
        assert [item.question.slug for item in begun(ben, now=now).items.all()] == ["q-7"]

    def test_none_at_all_is_refused_and_nothing_is_begun(self, ben, now):
        with pytest.raises(commands.NothingToAsk):
            begun(ben, now=now)
        assert not QuizSession.objects.exists()

    def test_what_went_wrong_comes_again_more_often(self, ben, now):
        bank(60, now=now, kind="single")
        finished(ben, now=now, n=5, wrong=5)
        lately = {item.question.slug for item in QuizItem.objects.all()}
        again = sum(
            item.question.slug in lately for seed in range(30) for item in begun(ben, now=now, seed=seed).items.all()
        )
        assert again > 2 * 30 * 5 * 5 / 60

    def test_by_chance_over_the_whole_bank(self, ben, now):
        bank(40, now=now, kind="single")
        seen = {item.question.slug for seed in range(40) for item in begun(ben, now=now, seed=seed).items.all()}
        assert len(seen) == 40

    def test_what_it_is_about_is_named_as_the_handbook_names_it_now(self, ben, now):
        published_technique(now=now, slug="ap-sogi")
        published_tul(now=now, slug="chon-ji")
        put_term(now)
        for about in ("technique:ap-sogi", "tul:chon-ji", "term:charyot", "article:gone"):
            put_question(about.replace(":", "-"), now=now, about=about)
        found = handbook.questions(n=9, weights={}, chance=Random(1), now=now)
        assert {each.slug: each.about and each.about[2]["en"] for each in found} == {
            "technique-ap-sogi": "ap-sogi en",
            "tul-chon-ji": "Chon-Ji",
            "term-charyot": "attention",
            "article-gone": None,
        }

    @pytest.mark.parametrize("number", [4, 30])
    def test_in_as_many_queries_however_many(self, ben, number, now, django_assert_num_queries):
        bank(30, now=now, about="term:charyot")
        with django_assert_num_queries(4):
            handbook.questions(n=number, weights={}, chance=Random(1), now=now)


class TestBeginning:
    def test_questions_are_frozen_as_they_are(self, ben, quiz, now):
        before = [item.frozen for item in quiz.items.all()]
        for each in range(1, 11):
            put_question(f"q-{each}", now=now, kind="type", answers=["other"])
        assert [item.frozen for item in QuizSession.objects.get().items.all()] == before
        assert quiz.items.count() == len(before) == 5

    def test_the_same_id_begins_one_quiz(self, ben, questions, now):
        made = uuid4()
        assert begun(ben, now=now, id=made) == begun(ben, now=now, id=made, seed=2)
        assert (QuizSession.objects.count(), QuizItem.objects.count()) == (1, 5)

    def test_the_id_of_somebody_else_begins_nothing(self, ben, cleo, quiz, now):
        with pytest.raises(commands.IdTaken):
            begun(cleo, now=now, id=quiz.pk)
        assert QuizSession.objects.get().person == ben


class TestAnswering:
    def test_right_and_wrong(self, quiz, now):
        for place in range(1, 5):
            assert answered(quiz, place, now=now, is_right=place % 2 == 0).answer.is_right == (place % 2 == 0)
        assert queries.quiz(viewer=quiz.person, quiz_id=quiz.pk).next_place == 5

    def test_the_same_client_id_has_the_same_result_whatever_comes_with_it(self, quiz, now):
        client_id = uuid4()
        first = answered(quiz, 1, now=now, is_right=False, client_id=client_id)
        again = answered(quiz, 1, now=now + timedelta(hours=1), is_right=True, client_id=client_id)
        assert (first.answer, first.is_new) == (again.answer, True)
        assert (again.is_new, again.answer.is_right) == (False, False)
        assert QuizAnswer.objects.count() == 1

    def test_the_first_answer_counts(self, quiz, now):
        first = answered(quiz, 1, now=now, is_right=False)
        with pytest.raises(commands.AnsweredAlready) as refusal:
            answered(quiz, 1, now=now)
        assert refusal.value.marked.answer == first.answer
        assert QuizAnswer.objects.get().is_right is False

    def test_a_client_id_belongs_to_one_question(self, quiz, now):
        client_id = uuid4()
        answered(quiz, 1, now=now, client_id=client_id)
        with pytest.raises(commands.ClientIdTaken):
            answered(quiz, 2, now=now, client_id=client_id)

    def test_only_questions_of_the_quiz(self, quiz, now):
        given = {"person": quiz.person, "quiz_id": quiz.pk, "client_id": uuid4(), "given": [1], "now": now}
        with pytest.raises(QuizItem.DoesNotExist):
            commands.answer(place=6, answered_at=now, **given)

    def test_somebody_elses_quiz_is_not_there(self, cleo, quiz, now):
        with pytest.raises(QuizSession.DoesNotExist):
            answered(quiz, 1, now=now, person=cleo)
        with pytest.raises(QuizSession.DoesNotExist):
            queries.quiz(viewer=cleo, quiz_id=quiz.pk)
        with pytest.raises(QuizSession.DoesNotExist):
            commands.end_quiz(person=cleo, quiz_id=quiz.pk, now=now)
        with pytest.raises(QuizSession.DoesNotExist):
            commands.discard_quiz(person=cleo, quiz_id=quiz.pk, now=now)
        with pytest.raises(QuizSession.DoesNotExist):
            commands.practise_question(person=cleo, quiz_id=quiz.pk, place=1, now=now)
        with pytest.raises(QuizSession.DoesNotExist):
            commands.begin_again(person=cleo, of=quiz.pk, id=uuid4(), chance=Random(1), now=now)
        assert not queries.quizzes(viewer=cleo)

    def test_what_is_no_answer_is_not_kept(self, quiz, now):
        with pytest.raises(commands.BadAnswer) as refusal:
            answered(quiz, 1, now=now, given=[])
        assert refusal.value.flaw in {Flaw.NOTHING, Flaw.SHAPE}
        assert not QuizAnswer.objects.exists()
        assert answered(quiz, 1, now=now).is_new

    @pytest.mark.parametrize(("hours", "kept"), [(-48, 0), (-1, 0), (1, 1), (48, 2)])
    def test_it_was_given_after_the_beginning_and_not_in_the_future(self, quiz, hours, kept, now):
        later = now + timedelta(hours=2)
        marked = answered(quiz, 1, now=later, answered_at=now + timedelta(hours=hours))
        assert marked.answer.answered_at == now + timedelta(hours=kept)


class TestEnding:
    def test_the_last_answer_ends_it(self, ben, quiz, now):
        for place in (2, 1, 3, 5):
            answered(quiz, place, now=now)
        assert not queries.quiz(viewer=ben, quiz_id=quiz.pk).is_over
        answered(quiz, 4, now=now, is_right=False)
        sheet = queries.quiz(viewer=ben, quiz_id=quiz.pk)
        assert (sheet.is_over, sheet.next_place, sheet.score.percent) == (True, None, 80)

    def test_its_score_is_progress_which_does_not_go_down(self, ben, questions, now):
        finished(ben, now=now, wrong=1)
        finished(ben, now=now + timedelta(days=1), wrong=4, seed=2)
        progress = Progress.objects.get()
        assert (progress.item_type, progress.item, progress.status, progress.score) == (
            "quiz",
            "theory",
            Status.DONE,
            80,
        )

    def test_it_is_practised_on_the_days_of_its_answers(self, ben, quiz, now):
        answered(quiz, 1, now=now)
        answered(quiz, 2, now=now + timedelta(days=2), answered_at=now + timedelta(days=1))
        assert {each.day.isoformat() for each in PracticeDay.objects.filter(person=ben)} == {"2026-11-21", "2026-11-22"}

    def test_after_the_end_nothing_is_answered_but_what_arrived_is_told_again(self, ben, quiz, now):
        client_id = uuid4()
        answered(quiz, 1, now=now, client_id=client_id)
        commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now)
        with pytest.raises(commands.QuizOver):
            answered(quiz, 2, now=now)
        with pytest.raises(commands.AnsweredAlready):
            answered(quiz, 1, now=now)
        assert not answered(quiz, 1, now=now, client_id=client_id).is_new
        assert not Progress.objects.exists()

    def test_ending_twice_changes_nothing(self, ben, quiz, now):
        first = commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now).finished_at
        assert commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now + timedelta(hours=1)).finished_at == first


class TestDiscarding:
    def test_what_nobody_answered_can_go(self, ben, quiz, now):
        other = begun(ben, now=now, seed=2)
        commands.discard_quiz(person=ben, quiz_id=quiz.pk, now=now)
        assert QuizSession.objects.get() == other
        assert set(QuizItem.objects.values_list("session", flat=True)) == {other.pk}

    def test_also_one_that_was_ended(self, ben, quiz, now):
        commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now)
        commands.discard_quiz(person=ben, quiz_id=quiz.pk, now=now)
        assert not QuizSession.objects.exists()

    def test_with_one_answer_it_stays(self, ben, quiz, now):
        answered(quiz, 3, now=now, is_right=False)
        with pytest.raises(commands.HasAnswers):
            commands.discard_quiz(person=ben, quiz_id=quiz.pk, now=now)
        assert (QuizItem.objects.count(), QuizAnswer.objects.count()) == (5, 1)


class TestAgain:
    def test_what_was_wrong_and_others_about_the_same(self, ben, now):
        bank(5, now=now, about="term:charyot")
        quiz = finished(ben, now=now, wrong=2)
        for each in range(20):
            put_question(f"other-{each}", now=now)
        put_term(now)
        for each in range(3):
            put_question(f"more-{each}", now=now, about="term:charyot")
        again = commands.begin_again(person=ben, of=quiz.pk, id=uuid4(), chance=Random(1), now=now)
        slugs = {item.question.slug for item in again.items.all()}
        assert {item.question.slug for item in quiz.items.filter(place__lte=2)} <= slugs
        assert (again.mode, again.belt) == (quiz.mode, quiz.belt)

    def test_about_the_same_word(self, ben, now):
        put_term(now)
        bank(5, now=now, about="term:charyot")
        quiz = finished(ben, now=now, wrong=2)
        for each in range(20):
            put_question(f"other-{each}", now=now)
        again = commands.begin_again(person=ben, of=quiz.pk, id=uuid4(), chance=Random(1), now=now)
        slugs = {item.question.slug for item in again.items.all()}
        assert slugs == {f"q-{each}" for each in range(1, 6)}

    def test_nothing_wrong_is_nothing_to_ask(self, ben, questions, now):
        quiz = finished(ben, now=now)
        with pytest.raises(commands.NothingToAsk):
            commands.begin_again(person=ben, of=quiz.pk, id=uuid4(), chance=Random(1), now=now)

    def test_the_same_id_begins_one(self, ben, questions, now):
        quiz, made = finished(ben, now=now, wrong=1), uuid4()
        for seed in (1, 2):
            commands.begin_again(person=ben, of=quiz.pk, id=made, chance=Random(seed), now=now)
        assert QuizSession.objects.count() == 2


class TestSameWord:
    @pytest.mark.parametrize(
        "typed", ["charyot", " Charyot ", "CHARYOT", "char-yot", "cha ryot", "차렷", "charyut", "czaryot", "charyeot"]
    )
    def test_however_it_is_spelled(self, typed, now):
        assert handbook.is_same_word(given=typed, accepted=["charyot", "차렷"], now=now)

    @pytest.mark.parametrize("typed", ["junbi", "차려", "char", "charyotsogi", "", "???", "24"])
    def test_something_else_is_not_it(self, typed, now):
        assert not handbook.is_same_word(given=typed, accepted=["charyot", "차렷"], now=now)

    def test_diacritics_and_numbers(self, now):
        assert handbook.is_same_word(given="dwadziescia CZTERY", accepted=["24", "dwadzieścia cztery"], now=now)
        assert handbook.is_same_word(given="24", accepted=["24"], now=now)
        for typed in ("25", "224", "2 44"):
            assert not handbook.is_same_word(given=typed, accepted=["24"], now=now)

    def test_what_sounds_alike_but_is_the_name_of_something_else_is_not_it(self, now):
        assert handbook.is_same_word(given="balmok", accepted=["palmok", "팔목"], now=now)
        put_term(now, "palmok", {"pl": "przedramię", "en": "forearm", "ko": "팔목"}, "palmok")
        assert handbook.is_same_word(given="balmok", accepted=["palmok", "팔목"], now=now)
        put_term(now, "balmok", {"pl": "kostka", "en": "ankle", "ko": "발목"}, "balmok")
        assert not handbook.is_same_word(given="balmok", accepted=["palmok", "팔목"], now=now)
        assert handbook.is_same_word(given="palmok", accepted=["palmok"], now=now)

    def test_an_alias_that_sounds_like_it_is_still_it(self, now):
        put_term(now, "dollyo", {"pl": "okrężny", "en": "turning", "ko": "돌려"}, "dollyo", ("tollyo",))
        assert handbook.is_same_word(given="tollyo", accepted=["dollyo"], now=now)

    def test_short_words_are_too_much_alike_to_go_by_their_sound(self, now):
        assert not handbook.is_same_word(given="bal", accepted=["pal"], now=now)

    def test_what_is_spelled_exactly_asks_the_database_nothing(self, now, django_assert_num_queries):
        with django_assert_num_queries(0):
            handbook.is_same_word(given="차렷", accepted=["charyot", "차렷"], now=now)


class TestReading:
    @pytest.mark.parametrize("number", [5, 40])
    def test_a_quiz_in_two_queries_however_long(self, ben, number, now, django_assert_num_queries):
        bank(40, now=now)
        quiz = begun(ben, now=now, n=number)
        for place in range(1, number):
            answered(quiz, place, now=now, is_right=place % 2 == 0)
        with django_assert_num_queries(2):
            sheet = queries.quiz(viewer=ben, quiz_id=quiz.pk)
            assert [len(each.told) > 0 for each in sheet.asked].count(True) == number - 1
            assert sheet.score.answered == number - 1

    def test_what_was_wrong_about_nothing_in_the_handbook_is_not_lost(self, ben, now):
        put_term(now)
        put_question("named", now=now, about="term:charyot")
        bank(4, now=now)
        quiz = finished(ben, now=now, wrong=3)
        sheet = queries.quiz(viewer=ben, quiz_id=quiz.pk)
        named = next(each for each in sheet.asked if each.question.slug == "named")
        assert len(sheet.score.weak) == (named.place <= 3)
        assert [each.place for each in sheet.loose] == [place for place in (1, 2, 3) if place != named.place]

    def test_the_list_counts(self, ben, questions, now):
        finished(ben, now=now, wrong=2)
        begun(ben, now=now + timedelta(hours=1), n=7)
        assert [(each.asked, each.answered, each.right) for each in queries.quizzes(viewer=ben)] == [
            (7, 0, 0),
            (5, 5, 3),
        ]

    def test_answers_by_question_last_one_last(self, ben, questions, now):
        put_question("word", now=now, modules=["terminology"])
        for day, is_wrong in enumerate([1, 0, 1]):
            finished(ben, now=now + timedelta(days=day), wrong=is_wrong, mode=QuizMode.TERMS)
        history = queries.answers_by_question(person=ben)
        assert history == {"word": [False, True, False]}
        assert rules.weights(history) == {"word": rules.WRONG_LAST}


class TestTheDatabaseRefuses:
    def test_changing_a_question_or_an_answer(self, quiz, now):
        answered(quiz, 1, now=now)
        with refused("quiz_is_frozen"):
            sql("UPDATE practice_quizitem SET frozen = '{}'")
        with refused("quiz_is_frozen"):
            sql("UPDATE practice_quizitem SET place = 9 WHERE place = 1")
        with refused("quiz_is_frozen"):
            sql("UPDATE practice_quizanswer SET is_right = NOT is_right")

    def test_a_second_answer_to_a_question(self, quiz, now):
        answered(quiz, 1, now=now)
        item = quiz.items.get(place=1)
        with refused("practice_quizanswer_item_id_key"):
            self.insert_answer(quiz, item, now)

    def test_a_client_id_twice(self, quiz, now):
        marked = answered(quiz, 1, now=now)
        with refused("answer_arrives_once"):
            self.insert_answer(quiz, quiz.items.get(place=2), now, client_id=marked.answer.client_id)

    def test_an_answer_to_a_question_of_another_quiz(self, ben, quiz, now):
        other = begun(ben, now=now, seed=3)
        with refused("answer_is_to_a_question_of_its_quiz"):
            self.insert_answer(quiz, other.items.get(place=1), now)

    def test_an_answer_after_the_end(self, ben, quiz, now):
        commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now)
        with refused("quiz_is_answered_before_its_end"):
            self.insert_answer(quiz, quiz.items.get(place=1), now)

    def test_opening_a_quiz_that_is_over(self, ben, quiz, now):
        commands.end_quiz(person=ben, quiz_id=quiz.pk, now=now)
        with refused("finished_quiz_is_final"):
            sql("UPDATE practice_quizsession SET finished_at = NULL")

    def test_an_end_before_the_beginning(self, quiz):
        with refused("quiz_ends_after_its_start"):
            sql("UPDATE practice_quizsession SET finished_at = started_at - interval '1 second'")

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("mode = 'poems'", "quiz_mode_is_known"),
            ("belt = 11", "quiz_belt_exists"),
            ("belt = -1", "quiz_belt_exists"),
        ],
    )
    def test_what_there_is_not(self, quiz, change, constraint):
        with refused(constraint):
            sql(f"UPDATE practice_quizsession SET {change}")

    @pytest.mark.parametrize("place", [0, 51])
    def test_a_fifty_first_question(self, quiz, place):
        with refused("quiz_has_fifty_questions_at_most"):
            self.insert_item(quiz, place, self.another(quiz))

    def test_two_questions_at_one_place_and_one_question_at_two(self, quiz):
        with refused("one_question_per_place"):
            self.insert_item(quiz, 1, self.another(quiz))
        with refused("quiz_asks_a_question_once"):
            self.insert_item(quiz, 9, quiz.items.get(place=1).question)

    def another(self, quiz):
        return unasked(set(quiz.items.values_list("question", flat=True)))

    def insert_answer(self, quiz, item, now, client_id=None):
        sql(
            "INSERT INTO practice_quizanswer (session_id, item_id, client_id, given, is_right, answered_at)"
            " VALUES (%s, %s, %s, '[1]', true, %s)",
            quiz.pk, item.pk, client_id or uuid4(), now,
        )  # fmt: skip

    def insert_item(self, quiz, place, question):
        sql(
            "INSERT INTO practice_quizitem (session_id, place, question_id, frozen) VALUES (%s, %s, %s, '{}')",
            quiz.pk, place, question.pk,
        )  # fmt: skip


@pytest.mark.usefixtures("shipped_handbook")
class TestTheShippedBank:
    @pytest.mark.parametrize("mode", QuizMode)
    @pytest.mark.parametrize("belt", [10, 7, 0])
    def test_every_mode_and_belt_has_a_quiz_that_can_be_answered(self, ben, mode, belt, now):
        def same_word(typed, accepted):
            return handbook.is_same_word(given=typed, accepted=accepted, now=now)

        quiz = begun(ben, now=now, n=50, mode=mode, belt=belt)
        questions = [Frozen.of_json(item.frozen) for item in quiz.items.all()]
        assert len(questions) == 50 or (mode, belt) == (QuizMode.TUL, 10)
        assert all(is_right(each, right(each), same_word=same_word) for each in questions)
        assert not any(is_right(each, wrong(each), same_word=same_word) for each in questions)

    def test_all_kinds_come(self, ben, now):
        quizzes = [begun(ben, now=now, n=50, mode=QuizMode.MIXED, seed=seed) for seed in range(8)]
        kinds = {frozen(quiz, place).kind for quiz in quizzes for place in range(1, 51)}
        assert kinds == {"single", "multiple", "order", "match", "type"}
