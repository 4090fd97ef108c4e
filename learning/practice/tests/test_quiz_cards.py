"""What a learner practises after a question of a quiz: the word or the movement that it asked for, or the question."""

import pytest
from django.urls import reverse

from learning.handbook.tests.factories import published_technique, published_tul
from learning.handbook.tests.question_factories import bank, put_question, put_term
from learning.practice import commands, queries
from learning.practice.models import CardOrigin, ReviewCard
from learning.practice.rules.subjects import Subject
from learning.practice.tests.quiz_factories import answered, begun

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def asking(person, slug, *, now, about=None):
    """A quiz of this one question."""
    put_question(slug, now=now, about=about)
    return begun(person, now=now)


def cards_of(quiz, *, now):
    sheet = queries.quiz(viewer=quiz.person, quiz_id=quiz.pk)
    return queries.quiz_cards(viewer=quiz.person, sheet=sheet, now=now)


def subject(card):
    about = card.term or card.technique or card.tul or card.question
    return (card.kind, about.slug, card.direction, card.step_key)


@pytest.fixture
def handbook(now):
    put_term(now)
    published_technique(now=now, slug="ap-sogi")
    published_tul(now=now, slug="chon-ji")


@pytest.mark.usefixtures("handbook")
class TestWhatBecomesACard:
    @pytest.mark.parametrize(
        ("slug", "about", "wanted"),
        [
            ("means-technique-ap-sogi", "technique:ap-sogi", ("technique", "ap-sogi", "meaning", "")),
            ("called-technique-ap-sogi", "technique:ap-sogi", ("technique", "ap-sogi", "korean", "")),
            ("written-term-charyot", "term:charyot", ("term", "charyot", "korean", "")),
            ("next-chon-ji-1", "tul:chon-ji", ("step", "chon-ji", "", "2")),
            ("next-chon-ji-9", "tul:chon-ji", ("question", "next-chon-ji-9", "", "")),
            ("match-term-charyot", "term:charyot", ("question", "match-term-charyot", "", "")),
            ("movements-chon-ji", "tul:chon-ji", ("question", "movements-chon-ji", "", "")),
            ("what-stands", "technique:ap-sogi", ("question", "what-stands", "", "")),
            ("means-term-gone", "term:gone", ("question", "means-term-gone", "", "")),
            ("what-else", None, ("question", "what-else", "", "")),
        ],
    )
    def test_after_a_wrong_answer_and_by_wish(self, ben, cleo, slug, about, wanted, now):
        quiz = asking(ben, slug, now=now, about=about)
        card = answered(quiz, 1, now=now, is_right=False).card
        assert subject(card) == wanted
        assert cards_of(quiz, now=now) == {1: card}
        wished = commands.practise_question(person=cleo, quiz_id=begun(cleo, now=now).pk, place=1, now=now)
        assert subject(wished) == wanted

    def test_a_card_that_is_there_is_not_made_again(self, ben, now):
        wanted = [Subject("technique", "ap-sogi", "korean")]
        (held,) = commands.add_cards(person=ben, subjects=wanted, origin=CardOrigin.DECK, now=now)
        quiz = asking(ben, "called-technique-ap-sogi", now=now, about="technique:ap-sogi")
        assert answered(quiz, 1, now=now, is_right=False).card == held
        assert ReviewCard.objects.get().origin == "deck"

    def test_the_other_direction_is_another_card(self, ben, now):
        wanted = [Subject("technique", "ap-sogi", "meaning")]
        commands.add_cards(person=ben, subjects=wanted, origin=CardOrigin.DECK, now=now)
        quiz = asking(ben, "called-technique-ap-sogi", now=now, about="technique:ap-sogi")
        answered(quiz, 1, now=now)
        assert cards_of(quiz, now=now) == {}

    def test_what_is_practised_already_is_said_and_not_offered(self, ben, signed_in, now):
        wanted = [Subject("technique", "ap-sogi", "korean")]
        (held,) = commands.add_cards(person=ben, subjects=wanted, origin=CardOrigin.DECK, now=now)
        quiz = asking(ben, "called-technique-ap-sogi", now=now, about="technique:ap-sogi")
        answered(quiz, 1, now=now)
        page = signed_in.get(reverse("practice:quiz", args=[quiz.pk]) + "?place=1").content.decode()
        assert "Among your reviews" in page
        assert "Add to my reviews" not in page
        signed_in.post(reverse("practice:quiz-card", args=[quiz.pk]), {"place": 1, "away": "1"})
        held.refresh_from_db()
        assert held.put_away_at is not None
        page = signed_in.get(reverse("practice:quiz", args=[quiz.pk]) + "?place=1").content.decode()
        assert "Add to my reviews" in page

    def test_cards_of_others_are_not_mine(self, ben, cleo, now):
        wanted = [Subject("technique", "ap-sogi", "korean")]
        commands.add_cards(person=cleo, subjects=wanted, origin=CardOrigin.DECK, now=now)
        quiz = asking(ben, "called-technique-ap-sogi", now=now, about="technique:ap-sogi")
        answered(quiz, 1, now=now)
        assert cards_of(quiz, now=now) == {}


class TestCards:
    @pytest.fixture
    def quiz(self, ben, now):
        bank(10, now=now)
        return begun(ben, now=now)

    def test_what_was_right_becomes_none_unless_the_learner_wants_it(self, ben, quiz, now):
        assert answered(quiz, 1, now=now).card is None
        card = commands.practise_question(person=ben, quiz_id=quiz.pk, place=1, now=now)
        assert commands.practise_question(person=ben, quiz_id=quiz.pk, place=1, now=now) == card
        assert ReviewCard.objects.get().origin == "learner"

    def test_what_was_wrong_becomes_one_after_a_mistake(self, quiz, now):
        marked = answered(quiz, 1, now=now, is_right=False)
        assert (marked.card, marked.card.origin) == (ReviewCard.objects.get(), "mistake")

    def test_one_that_was_put_away_is_not_brought_back_by_a_mistake(self, ben, quiz, now):
        card = commands.practise_question(person=ben, quiz_id=quiz.pk, place=1, now=now)
        commands.put_away(person=ben, card_id=card.pk, now=now)
        answered(quiz, 1, now=now, is_right=False)
        assert ReviewCard.objects.get().put_away_at == now

    def test_one_that_was_put_away_is_not_shown_as_practised(self, ben, quiz, now):
        marked = answered(quiz, 1, now=now, is_right=False)
        commands.put_away(person=ben, card_id=marked.card.pk, now=now)
        assert cards_of(quiz, now=now) == {}

    def test_what_is_not_answered_tells_nothing(self, ben, quiz, now):
        commands.practise_question(person=ben, quiz_id=quiz.pk, place=1, now=now)
        assert cards_of(quiz, now=now) == {}

    @pytest.mark.parametrize("number", [5, 40])
    def test_in_one_query_however_many(self, ben, number, now, django_assert_num_queries):
        bank(40, now=now)
        quiz = begun(ben, now=now, n=number)
        for place in range(1, number):
            answered(quiz, place, now=now, is_right=False)
        sheet = queries.quiz(viewer=ben, quiz_id=quiz.pk)
        with django_assert_num_queries(1):
            assert len(queries.quiz_cards(viewer=ben, sheet=sheet, now=now)) == number - 1


class TestTheButton:
    """htmx gives the focus back to the element of the same id; what is said of it is announced."""

    def test_it_keeps_its_id_whatever_it_says(self, ben, signed_in, now):
        bank(5, now=now)
        quiz = begun(ben, now=now)
        answered(quiz, 2, now=now)
        address = reverse("practice:quiz-card", args=[quiz.pk])
        added = signed_in.post(address, {"place": 2}, headers=HTMX).content.decode()
        assert added.count('id="card-2"') == 1
        assert '<span class="chip chip--good" role="status">' in added
        away = signed_in.post(address, {"place": 2, "away": "1"}, headers=HTMX).content.decode()
        assert away.count('id="card-2"') == 1
        assert "chip--good" not in away
