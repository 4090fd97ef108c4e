"""The first page: what strangers are shown, and what a day has for a learner."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.belts import awarded
from learning.handbook.commands import put_plan
from learning.handbook.models import Question
from learning.handbook.rules import entries
from learning.handbook.tests.factories import TEXT, small_handbook
from learning.practice import commands, queries
from learning.practice.models import CardOrigin, Learner, PracticeDay, Progress, ReviewCard, Status
from learning.practice.rules.agenda import Doing, Facts, Task, agenda, pace
from learning.practice.rules.coverage import coverage
from learning.practice.rules.memory import Stage
from learning.practice.rules.subjects import Subject

from .deck_factories import put_question
from .factories import CardFactory, ReviewFactory
from .progress_factories import ProgressFactory, practised

HTMX = {"HX-Request": "true"}


class TestTheAgenda:
    """Pure: what there is, in ten minutes."""

    def test_reviews_come_first_and_as_many_as_fit(self):
        (task,) = agenda(Facts(due=500, new=10, seconds_a_review=6.0))
        assert task == Task(Doing.REVIEWS, minutes=10, count=100)

    def test_what_is_left_of_the_time_is_for_the_next_thing(self):
        reviews, new, quiz = agenda(Facts(due=30, new=5, seconds_a_review=8.0, quiz_left=20))
        assert (reviews.doing, reviews.count, reviews.minutes) == (Doing.REVIEWS, 30, 4)
        assert (new.doing, new.count, new.minutes) == (Doing.NEW, 5, 2)
        assert (quiz.doing, quiz.count, quiz.minutes) == (Doing.QUIZ, 20, 4)

    def test_of_a_quiz_all_that_is_left_is_told_however_little_of_it_fits(self):
        assert agenda(Facts(quiz_left=49)) == [Task(Doing.QUIZ, minutes=10, count=49)]
        assert agenda(Facts(due=500, quiz_left=49))[-1].doing == Doing.REVIEWS

    def test_a_plan_stands_there_only_when_it_fits(self):
        assert agenda(Facts(plan_minutes=39)) == []
        assert agenda(Facts(plan_minutes=11, done=frozenset({Doing.REVIEWS}))) == [Task(Doing.REVIEWS, is_done=True)]
        assert agenda(Facts(plan_minutes=10)) == [Task(Doing.PLAN, minutes=10)]
        assert [each.doing for each in agenda(Facts(due=30, plan_minutes=7))] == [Doing.REVIEWS]

    def test_what_is_done_shows_as_done_and_takes_no_time(self):
        facts = Facts(has_theory=True, plan_minutes=8, done=frozenset({Doing.REVIEWS, Doing.PLAN}))
        assert agenda(facts) == [
            Task(Doing.REVIEWS, is_done=True), Task(Doing.PLAN, is_done=True), Task(Doing.THEORY, minutes=4)
        ]  # fmt: skip

    def test_nothing_to_do_is_an_empty_list(self):
        assert agenda(Facts()) == []

    @given(
        st.builds(
            Facts,
            due=st.integers(0, 300), new=st.integers(0, 30), seconds_a_review=st.none() | st.floats(0, 1e6),
            quiz_left=st.integers(0, 50), has_weak_spot=st.booleans(), plan_minutes=st.integers(0, 90),
            has_theory=st.booleans(), done=st.frozensets(st.sampled_from(Doing)),
        )
    )  # fmt: skip
    def test_it_is_never_longer_than_it_says_and_always_in_the_same_order(self, facts):
        tasks = agenda(facts)
        opened = [task for task in tasks if not task.is_done]
        order = list(Doing)
        assert [task.doing for task in tasks] == sorted({task.doing for task in tasks}, key=order.index)
        assert {task.doing for task in tasks if task.is_done} == facts.done
        assert sum(task.minutes for task in opened) <= 10 + len(opened)
        assert all(task.minutes >= 1 for task in opened)
        assert 2 <= pace(facts) <= 60
        if facts.due and Doing.REVIEWS not in facts.done:
            assert tasks[0].doing == Doing.REVIEWS


class TestCoverage:
    DECK = [
        Subject("term", "charyot", "meaning"), Subject("technique", "ap-chagi", "meaning"),
        Subject("technique", "ap-chagi", "korean"), Subject("step", "chon-ji", "", "s1"),
        Subject("step", "chon-ji", "", "s2"), Subject("question", "q-1"),
    ]  # fmt: skip

    def test_what_is_learned_or_marked_counts_once(self):
        assert coverage(self.DECK, learned=set(), known=set()).share == 0
        assert coverage(self.DECK, learned={self.DECK[0], self.DECK[1]}, known=set()).covered == 2
        assert coverage(self.DECK, learned={self.DECK[1]}, known={("technique", "ap-chagi")}).covered == 2
        assert coverage(self.DECK, learned=set(), known={("tul", "chon-ji")}).covered == 2
        assert coverage(self.DECK, learned=set(self.DECK), known=set()).share == 1

    def test_nothing_to_cover_is_nothing_covered(self):
        assert coverage([], learned=set(), known=set()).share == 0

    def test_a_technique_of_the_same_name_as_a_tul_is_not_one(self):
        assert coverage(self.DECK, learned=set(), known={("technique", "chon-ji"), ("tul", "ap-chagi")}).covered == 0


pages = pytest.mark.django_db


@pytest.fixture
def handbook():
    small_handbook(now=timezone.now() - timedelta(days=1))


def belt_deck(person: User, *, belt: int) -> list[ReviewCard]:
    now = timezone.now()
    subjects = queries.subjects_of_deck(belt=belt, part="all", now=now)
    return commands.add_cards(person=person, subjects=subjects, origin=CardOrigin.DECK, now=now)


def known_for(cards: list[ReviewCard], days: float) -> None:
    """As if they had been reviewed just now."""
    now = timezone.now()
    ReviewCard.objects.filter(pk__in=[card.pk for card in cards]).update(
        stage=Stage.REVIEW, reviews=1, stability=days, difficulty=5.0, reviewed_at=now, interval=days,
        due_at=now + timedelta(days=days),
    )  # fmt: skip


def reviewed(card: ReviewCard, *, rating: int = 3, duration: int = 4000) -> None:
    now = timezone.now()
    given = commands.Given(uuid4(), card.pk, rating, now, duration)
    commands.accept_reviews(person=card.person, given=[given], sent_at=None, device="", now=now)


@pages
class TestStrangers:
    def test_are_shown_what_there_is(self, client, handbook):
        text = client.get("/").content.decode()
        assert "Every tul begins with one step." in text
        assert "/tuls/chon-ji/" in text

    def test_cost_a_constant_number_of_queries(self, client, handbook, django_assert_max_num_queries):
        with django_assert_max_num_queries(4):
            client.get("/")


@pages
class TestWhoHasNotBegun:
    def test_sees_what_to_do_first(self, signed_in, handbook):
        text = signed_in.get("/").content.decode()
        assert "Begin with what your next grading asks" in text
        assert 'action="/practise/decks/9/"' in text
        assert "in a row" not in text
        assert "fortnight" not in text

    def test_can_do_it_at_once(self, signed_in, handbook, ben):
        commands.change_settings(
            person=ben, algo="fsrs", retention=0.9, new_a_day=10, reviews_a_day=50,
            grading_on=timezone.localdate() + timedelta(days=30), reminder_hour=None, now=timezone.now(),
        )  # fmt: skip
        text = signed_in.get("/").content.decode()
        assert 'action="/practise/decks/9/"' in text
        signed_in.post("/practise/decks/9/", {"part": "all"})
        after = signed_in.get("/").content.decode()
        assert "Begin with what" not in after


@pages
class TestADay:
    def test_says_what_is_due_with_one_red_button(self, signed_in, handbook, ben):
        CardFactory.create_batch(3, person=ben)
        text = signed_in.get("/").content.decode()
        assert text.count("btn--primary") == 1
        assert "Due today" in text
        assert "Meet 3 new cards" in text

    def test_is_stamped_when_it_is_done(self, signed_in, handbook, ben):
        card = CardFactory(person=ben)
        reviewed(card, rating=4)
        text = signed_in.get("/").content.decode()
        assert "Done for today" in text
        assert "1 review. The rest comes by itself." in text
        assert "1 day in a row" in text

    def test_belongs_to_one_person(self, signed_in, handbook, ben, cleo):
        CardFactory.create_batch(5, person=cleo)
        practised(cleo, last=timezone.localdate(), days=9)
        text = signed_in.get("/").content.decode()
        assert "9 days" not in text
        assert "Due today" not in text

    def test_the_streak_of_yesterday_is_still_open(self, signed_in, handbook, ben):
        CardFactory(person=ben)
        today = queries.practice_day(person=ben, now=timezone.now()).on
        practised(ben, last=today - timedelta(days=1), days=4)
        text = signed_in.get("/").content.decode()
        assert "4 days in a row" in text
        assert "Today is still open." in text
        assert text.count("data-practised") == 4

    def test_an_unfinished_quiz_a_weak_spot_and_a_plan_are_offered(self, signed_in, handbook, ada, ben):
        awarded(ben, 9, ada)
        card = CardFactory(person=ben)
        reviewed(card, rating=4)
        ReviewCard.objects.filter(pk=card.pk).update(lapses=4)
        quiz_id = uuid4()
        ben.quizzes.create(id=quiz_id, mode="mixed", started_at=timezone.now())
        day = queries.today(person=ben, now=timezone.now())
        doings = [task.doing for task in day.tasks]
        assert Doing.WEAK_SPOT in doings
        assert Doing.PLAN in doings  # two rounds of two minutes
        assert day.place.card == card.pk
        assert day.place.plan.slug == "fast-hands"
        assert day.place.quiz == quiz_id
        assert Doing.QUIZ not in doings  # it has no question
        assert f"/practise/cards/{card.pk}/" in signed_in.get("/").content.decode()

    def test_the_plan_is_for_their_belt_and_not_longer_than_ten_minutes(self, handbook, ada, ben):
        now = timezone.now()

        def plan(slug, belt, minutes):
            items = [{"exercise": "push-ups", "work": 60, "rest": 0}]
            blocks = [{"name": TEXT, "rounds": minutes, "items": items}]
            entry = entries.Plan(slug=slug, belt=belt, names=TEXT, goal=TEXT, blocks=blocks)
            put_plan(entry=entry, editor=None, now=now)

        def offered():
            day = queries.today(person=ben, now=now)
            return day.place.plan.slug if Doing.PLAN in {task.doing for task in day.tasks} else None

        plan("everything", 10, 20)
        assert offered() is None, "one is for the 8th kup, the other takes too long"
        plan("first-steps", 10, 10)
        assert offered() == "first-steps"
        awarded(ben, 9, ada)
        assert offered() == "fast-hands"
        awarded(ben, 7, ada, awarded_on=now.date())
        assert offered() == "fast-hands"

    def test_of_an_open_quiz_all_questions_that_are_left_are_told(self, signed_in, handbook, ben):
        quiz = ben.quizzes.create(mode="mixed", started_at=timezone.now())
        for place in range(1, 36):
            put_question(now=timezone.now(), slug=f"question-{place}")
            question = Question.objects.get(slug=f"question-{place}")
            quiz.items.create(place=place, question=question, frozen={})
        assert "Go on with your quiz: 35 questions left" in signed_in.get("/").text

    def test_what_was_done_today_shows_as_done(self, signed_in, handbook, ben):
        now = timezone.now()
        CardFactory(person=ben)
        for item_type, item in (("plan", "fast-hands"), ("quiz", "theory")):
            commands.merge_progress(
                person=ben, item_type=item_type, item=item, status="done", score=100, occurred_at=now, now=now
            )
        day = queries.today(person=ben, now=now)
        assert {task.doing for task in day.tasks if task.is_done} == {Doing.PLAN, Doing.THEORY, Doing.QUIZ}
        assert "data-done" in signed_in.get("/").content.decode()

    def test_the_pace_is_the_median_of_the_last_reviews(self, ben, handbook, db):
        card = CardFactory(person=ben)
        for duration in (1000, 20_000, 30_000, 500_000, 0):
            ReviewFactory(card=card, duration=duration)
        ReviewCard.objects.filter(pk=card.pk).update(stage=Stage.NEW)
        CardFactory.create_batch(9, person=ben)
        day = queries.today(person=ben, now=timezone.now())
        new = next(task for task in day.tasks if task.doing == Doing.NEW)
        assert new.count == 8  # of 75 seconds each: three times the median of 25

    def test_the_button_works_in_every_language(self, client, handbook, ada, cleo):
        for person in (ada, cleo):
            CardFactory(person=person)
            client.force_login(person)
            assert client.get("/").status_code == 200


@pages
class TestTheGrading:
    def set_day(self, person, days):
        commands.change_settings(
            person=person, algo="fsrs", retention=0.9, new_a_day=10, reviews_a_day=50,
            grading_on=timezone.localdate() + timedelta(days=days), reminder_hour=None, now=timezone.now(),
        )  # fmt: skip

    def test_its_day_and_what_is_covered(self, signed_in, handbook, ada, ben):
        awarded(ben, 10, ada)
        self.set_day(ben, 30)
        cards = belt_deck(ben, belt=9)
        known_for(cards[:1], 100)
        text = signed_in.get("/").content.decode()
        assert "days left" in text
        share = round(100 / len(cards))
        assert f"{share}%" in text

    def test_a_card_that_is_fading_is_not_covered(self, handbook, ben, db):
        cards = belt_deck(ben, belt=9)
        known_for(cards, 2)
        now = timezone.now()
        assert queries.coverage_of(person=ben, belt=9, now=now).share == 1
        assert queries.coverage_of(person=ben, belt=9, now=now + timedelta(days=9)).share == 0

    def test_cards_that_are_put_away_or_learned_for_minutes_are_not_covered(self, handbook, ben, db):
        cards = belt_deck(ben, belt=9)
        known_for(cards, 100)
        now = timezone.now()
        commands.put_away(person=ben, card_id=cards[0].pk, now=now)
        ReviewCard.objects.filter(pk=cards[1].pk).update(stage=Stage.RELEARNING)
        found = queries.coverage_of(person=ben, belt=9, now=now)
        assert (found.total, found.covered) == (len(cards), len(cards) - 2)

    def test_a_tul_that_is_marked_as_known_is_covered(self, handbook, ben, db):
        now = timezone.now()
        before = queries.coverage_of(person=ben, belt=8, now=now)
        commands.merge_progress(
            person=ben, item_type="tul", item="chon-ji", status="done", score=0, occurred_at=now, now=now
        )
        after = queries.coverage_of(person=ben, belt=8, now=now)
        assert after.covered == before.covered + 2

    def test_what_to_expect_comes_as_a_piece(self, signed_in, handbook, ada, ben):
        awarded(ben, 9, ada)
        self.set_day(ben, 30)
        cards = belt_deck(ben, belt=8)
        known_for(cards, 60)
        assert 'hx-get="/practise/grading/expected/"' in signed_in.get("/").content.decode()
        piece = signed_in.get("/practise/grading/expected/", headers=HTMX).content.decode()
        assert "Expected recall on the day" in piece
        assert "<h1" not in piece
        assert "Add the others" not in piece
        commands.put_away(person=ben, card_id=cards[0].pk, now=timezone.now())
        piece = signed_in.get("/practise/grading/expected/", headers=HTMX).content.decode()
        assert f"You practise {len(cards) - 1} of its {len(cards)} cards." in piece
        assert 'href="/practise/decks/8/"' in piece

    def test_on_the_day_there_is_nothing_to_expect_any_more(self, signed_in, handbook, ada, ben):
        awarded(ben, 10, ada)
        self.set_day(ben, 0)
        Learner.objects.update(grading_on=queries.practice_day(person=ben, now=timezone.now()).on)
        known_for(belt_deck(ben, belt=9), 60)
        piece = signed_in.get("/practise/grading/expected/", headers=HTMX).content.decode()
        assert "It is today. Good luck!" in piece
        assert "Expected" not in piece

    def test_without_a_script_it_leads_to_the_page(self, signed_in, handbook):
        answer = signed_in.get("/practise/grading/expected/")
        assert (answer.status_code, answer["Location"]) == (303, "/practise/grading/")


@pages
class TestSayingHowFarOneIs:
    def test_nothing_is_written_by_looking(self, signed_in, handbook, ben):
        text = signed_in.get("/techniques/ap-cha-busigi/").content.decode()
        assert "How far am I?" in text
        assert not Progress.objects.exists()
        assert not PracticeDay.objects.exists()
        assert not Learner.objects.exists()

    def test_a_button_says_it_and_brings_back(self, signed_in, handbook, ben):
        told = {"item_type": "tul", "item": "chon-ji", "status": "2", "next": "/tuls/chon-ji/"}
        answer = signed_in.post("/practise/progress/", told)
        assert (answer.status_code, answer["Location"]) == (303, "/tuls/chon-ji/")
        assert Progress.objects.get().status == Status.IN_PROGRESS
        text = signed_in.get("/tuls/chon-ji/").content.decode()
        assert "I am learning it" in text
        signed_in.post("/practise/progress/", told | {"status": "3"})
        after = signed_in.get("/tuls/chon-ji/").content.decode()
        assert 'name="status"' not in after
        assert "I know it" in after

    @pytest.mark.parametrize(
        "wrong",
        [{"item": "nothing"}, {"item_type": "plan", "item": "fast-hands"}, {"status": "1"}, {"status": "x"},
         {"item_type": ""}, {"item": "a b"}],
    )  # fmt: skip
    def test_what_our_pages_do_not_send_is_not_found(self, signed_in, handbook, wrong):
        told = {"item_type": "tul", "item": "chon-ji", "status": "2", "next": "/"}
        assert signed_in.post("/practise/progress/", told | wrong).status_code == 404
        assert not Progress.objects.exists()

    def test_strangers_see_no_button_and_may_not(self, client, handbook):
        assert "How far am I?" not in client.get("/tuls/chon-ji/").content.decode()
        told = {"item_type": "tul", "item": "chon-ji", "status": "2"}
        assert client.post("/practise/progress/", told).status_code == 302
        assert not Progress.objects.exists()

    def test_looking_at_the_address_is_not_allowed(self, signed_in):
        assert signed_in.get("/practise/progress/").status_code == 405

    def test_another_site_is_not_gone_to(self, signed_in, handbook):
        told = {"item_type": "tul", "item": "chon-ji", "status": "2", "next": "https://evil.example/"}
        assert signed_in.post("/practise/progress/", told)["Location"] == "/"


@pages
@pytest.mark.parametrize("number", [1, 40])
def test_much_costs_as_many_queries_as_little(signed_in, handbook, ada, ben, django_assert_num_queries, number):
    awarded(ben, 10, ada)
    TestTheGrading().set_day(ben, 30)
    cards = belt_deck(ben, belt=9)
    known_for(cards, 5)
    today = queries.practice_day(person=ben, now=timezone.now()).on
    for each in range(number):
        CardFactory(person=ben)
        ReviewFactory(
            card=cards[each % len(cards)], reviewed_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=each)
        )
        ProgressFactory(person=ben, item_type="tul", item=f"tul-{each}", status=Status.DONE)
        practised(ben, last=today - timedelta(days=3 * each), days=2)
        ben.quizzes.create(mode="mixed", started_at=timezone.now() - timedelta(days=each))
    signed_in.get("/")
    with django_assert_num_queries(14):
        assert signed_in.get("/").status_code == 200


def test_pages_need_a_sign_in(db):
    for url in ("/practise/statistics/", "/practise/grading/expected/"):
        assert Client().get(url).status_code == 302
