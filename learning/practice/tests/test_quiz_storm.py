"""One quiz answered from several tabs and devices at once."""

from collections import Counter
from random import Random
from uuid import uuid4

import pytest

from accounts.tests.belts import at_once
from learning.handbook.tests.question_factories import bank
from learning.practice import commands, queries
from learning.practice.models import PracticeDay, Progress, QuizAnswer, QuizItem, QuizSession, ReviewCard
from learning.practice.tests.quiz_factories import answered, begun, frozen, right, wrong

pytestmark = pytest.mark.django_db(transaction=True)

TABS = 6


@pytest.fixture
def quiz(ben, now):
    bank(8, now=now)
    return begun(ben, now=now, n=5)


def giving(quiz, place, *, now, client_id=None, is_right=True):
    question = frozen(quiz, place)
    given = right(question) if is_right else wrong(question)
    client_id = client_id or uuid4()
    return lambda: commands.answer(
        person=quiz.person, quiz_id=quiz.pk, place=place, client_id=client_id, given=given, answered_at=now, now=now
    )


def test_of_many_answers_to_one_question_one_counts(quiz, now):
    came = at_once([giving(quiz, 1, now=now, is_right=tab % 2 == 0) for tab in range(TABS)])
    assert came == {"Marked": 1, "AnsweredAlready": TABS - 1}
    assert QuizAnswer.objects.count() == 1
    assert ReviewCard.objects.count() == (not QuizAnswer.objects.get().is_right)


def test_one_answer_that_is_sent_many_times_counts_once(quiz, now):
    client_id = uuid4()
    assert at_once([giving(quiz, 1, now=now, client_id=client_id) for _ in range(TABS)]) == {"Marked": TABS}
    assert QuizAnswer.objects.count() == 1


def test_one_client_id_for_two_questions_counts_for_one(quiz, now):
    client_id = uuid4()
    came = at_once([giving(quiz, place, now=now, client_id=client_id) for place in (1, 2)])
    assert came == {"Marked": 1, "ClientIdTaken": 1}


def test_the_last_answers_from_two_tabs_end_it_once(quiz, now):
    for place in (1, 2, 3):
        answered(quiz, place, now=now)
    assert at_once([giving(quiz, 4, now=now), giving(quiz, 5, now=now, is_right=False)]) == {"Marked": 2}
    sheet = queries.quiz(viewer=quiz.person, quiz_id=quiz.pk)
    assert (sheet.is_over, sheet.score.answered, sheet.score.percent) == (True, 5, 80)
    assert Progress.objects.get().score == 80
    assert PracticeDay.objects.filter(item_type="quiz").count() == 1


def test_all_questions_in_two_tabs_at_once(quiz, now):
    came = at_once([giving(quiz, place, now=now, is_right=place > 2) for place in range(1, 6) for _ in range(2)])
    assert came == {"Marked": 5, "AnsweredAlready": 5}
    sheet = queries.quiz(viewer=quiz.person, quiz_id=quiz.pk)
    assert (sheet.is_over, sheet.score.right) == (True, 3)
    assert ReviewCard.objects.count() == 2


def test_an_answer_and_the_end_at_once_leave_no_answer_after_the_end(quiz, now):
    for _ in range(3):
        other = begun(quiz.person, now=now, n=5)
        end = lambda: commands.end_quiz(person=quiz.person, quiz_id=other.pk, now=now)  # noqa: B023, E731
        came = at_once([giving(other, 1, now=now), end])
        assert came in (Counter(Marked=1, QuizSession=1), Counter(QuizOver=1, QuizSession=1))
        assert other.answers.count() == came["Marked"]


def test_an_answer_and_the_bin_at_once_leave_either_the_quiz_or_nothing(quiz, now):
    for _ in range(3):
        other = begun(quiz.person, now=now, n=5)
        discard = lambda: commands.discard_quiz(person=quiz.person, quiz_id=other.pk, now=now)  # noqa: B023, E731
        came = at_once([giving(other, 1, now=now), discard])
        assert came in (Counter(Marked=1, HasAnswers=1), Counter(DoesNotExist=1, NoneType=1))
        assert QuizAnswer.objects.filter(session=other.pk).count() == came["Marked"]
        assert QuizItem.objects.filter(session=other.pk).count() == 5 * came["Marked"]


def test_one_start_that_is_pressed_many_times_begins_one_quiz(quiz, now):
    made = uuid4()
    came = at_once([lambda seed=seed: begun(quiz.person, now=now, id=made, seed=seed) for seed in range(TABS)])
    assert came == {"QuizSession": TABS}
    assert QuizItem.objects.filter(session=made).count() == 5
    assert QuizSession.objects.count() == 2


def test_answers_and_a_quiz_of_the_weak_spots_do_not_wait_for_each_other_for_ever(quiz, now):
    answered(quiz, 1, now=now, is_right=False)
    again = [
        lambda seed=seed: commands.begin_again(person=quiz.person, of=quiz.pk, id=uuid4(), chance=Random(seed), now=now)
        for seed in range(2)
    ]
    reviews = [lambda: commands.practise_question(person=quiz.person, quiz_id=quiz.pk, place=2, now=now)] * 2
    came = at_once([*again, *reviews, *(giving(quiz, place, now=now) for place in (3, 4))])
    assert came == {"QuizSession": 2, "ReviewCard": 2, "Marked": 2}
