"""Aiming at a day: what the plan never does, and that it pays, tried on made-up learners of `bench/learners.py`."""

from datetime import UTC, datetime, timedelta
from statistics import mean
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import practice as bench
from learning.practice.rules import aiming
from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import UNSEEN, Memory, Rated, Rating, fold
from learning.practice.rules.sm2 import Sm2

DAWN = datetime(2026, 3, 1, 4, tzinfo=UTC)
OUTLOOK = aiming.Outlook(Fsrs())

reviews = st.builds(
    Rated,
    at=st.integers(-86_400 * 60, 3_600 * 20).map(lambda each: DAWN + timedelta(seconds=each)),
    id=st.uuids(),
    rating=st.sampled_from(Rating),
)
logs = st.lists(reviews, max_size=5)
decks = st.lists(logs, max_size=30)


def goal(*, days: int, cap: int = 20, done: int = 0) -> aiming.Goal:
    return aiming.Goal(DAWN, DAWN + timedelta(days=days), cap, done)


def deck_of(logs, scheduler=Fsrs()):  # noqa: B008
    return {f"card {number}": fold(log, scheduler) for number, log in enumerate(logs)}


@given(logs=decks, days=st.integers(-3, 90), cap=st.integers(0, 40), done=st.integers(0, 45), trust=st.floats(0.25, 2))
def test_never_more_than_the_cap_never_twice_and_never_what_was_seen_today(logs, days, cap, done, trust):
    for scheduler in (Fsrs(), Sm2()):
        deck = deck_of(logs, scheduler)
        chosen = aiming.todays(deck, goal(days=days, cap=cap, done=done), aiming.Outlook(Fsrs(), trust))
        assert len(chosen) <= max(0, cap - done)
        assert len(set(chosen)) == len(chosen)
        assert not [card for card in chosen if deck[card].reviewed_at and deck[card].reviewed_at > DAWN]
        if days <= 0:
            assert chosen == []


@given(logs=decks, days=st.integers(1, 60), cap=st.integers(1, 20))
def test_the_rest_of_the_day_is_the_rest_of_the_morning_s_plan(logs, days, cap):
    deck = deck_of([[each for each in log if each.at < DAWN] for log in logs])
    morning = aiming.todays(deck, goal(days=days, cap=cap), OUTLOOK)
    half = len(morning) // 2
    for card in morning[:half]:
        deck[card] = Fsrs().after(deck[card], Rating.GOOD, DAWN + timedelta(hours=14))
    rest = aiming.todays(deck, goal(days=days, cap=cap, done=half), OUTLOOK)
    assert set(rest) <= set(morning[half:])


@given(logs=decks, days=st.integers(0, 60), cap=st.integers(1, 20))
def test_a_forecast_keeps_to_the_cap_and_to_its_word(logs, days, cap):
    deck = list(deck_of(logs).values())
    aim = aiming.forecast(deck, goal(days=days, cap=cap, done=min(cap, 2)), OUTLOOK)
    assert len(aim.per_day) == days
    assert sum(aim.per_day) == aim.reviews
    assert all(each <= cap for each in aim.per_day)
    assert 0 <= aim.expected_recall <= 1
    assert aim == aiming.forecast(deck, goal(days=days, cap=cap, done=min(cap, 2)), OUTLOOK)


@given(
    log=st.lists(reviews, min_size=1, max_size=6),
    days=st.integers(1, 300),
    weights=st.sampled_from([DEFAULT, (*(each * 1.04 for each in DEFAULT[:7]), *DEFAULT[7:20], 0.2)]),
)
def test_the_outlook_is_fsrs(log, days, weights):
    scheduler = Fsrs(weights)
    outlook, memory = aiming.Outlook(scheduler), fold(log, scheduler)
    at = memory.reviewed_at + timedelta(days=days)
    recall = scheduler.recall(memory, at)
    assert outlook.recall(days, memory.stability) == pytest.approx(recall)
    for rating, said in ((Rating.GOOD, outlook.good), (Rating.AGAIN, outlook.again)):
        after = scheduler.after(memory, rating, at)
        assert said(memory.stability, memory.difficulty, recall) == pytest.approx((after.stability, after.difficulty))
    assert outlook.known(memory, at + timedelta(hours=3)) == pytest.approx(recall)
    for rating in Rating:
        first = scheduler.after(UNSEEN, rating, at)
        assert outlook.first(rating) == pytest.approx((first.stability, first.difficulty))


@pytest.mark.parametrize(
    ("cards", "days", "cap"), [(200, 60, 50), (200, 60, 10), (30, 10, 5), (5, 2, 20), (40, 400, 3)]
)
def test_every_new_card_is_met_when_the_cap_allows_it(cards, days, cap):
    deck = [UNSEEN] * cards
    aim = aiming.forecast(deck, goal(days=days, cap=cap), OUTLOOK)
    assert aim.reviews >= cards
    assert aim.expected_recall > 0.85


def test_new_cards_come_in_the_deck_s_order_and_evenly():
    deck = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", UNSEEN)
    asked = goal(days=aiming.BEGIN, cap=20)
    assert aiming.todays(deck, asked, OUTLOOK) == ["a", "b"]
    assert aiming.todays(deck, goal(days=aiming.BEGIN + 1, cap=20), OUTLOOK) == []


def test_a_weak_card_waits_long_before_and_not_short_before_the_day():
    """Three weeks before, 0.79 is good enough to wait for a better time; when the last pass comes it is not."""
    memory = Memory(**(_known(stability=25.0, days=84)))
    assert OUTLOOK.recall(84, 25.0) == pytest.approx(0.79, abs=0.01)
    assert aiming.todays({"weak": memory}, goal(days=20), OUTLOOK) == []
    assert aiming.todays({"weak": memory}, goal(days=1), OUTLOOK) == ["weak"]


@given(logs=decks.filter(any), days=st.integers(2, 80), rating=st.sampled_from(Rating), number=st.integers(0))
def test_what_a_key_says_is_what_the_plan_does(logs, days, rating, number):
    """Where the cap is no hindrance and there is no last pass yet, to the day."""
    deck = deck_of([[each for each in log if each.at < DAWN] for log in logs])
    card = sorted(deck)[number % len(deck)]
    deck[card] = Fsrs().after(deck[card], rating, DAWN + timedelta(hours=1))
    first = goal(days=days, cap=100)
    said = aiming.asked_again_after(deck[card], first, OUTLOOK, cards=len(deck))
    assert said >= 1
    for day in range(1, min(said, days - 1) + 1):
        dawn = DAWN + timedelta(days=day)
        if days - day == 1:
            break  # the last pass
        asked = aiming.todays(deck, aiming.Goal(dawn, first.exam_begins, 100), OUTLOOK)
        assert (card in asked) == (day == said)


def test_what_is_failed_comes_tomorrow_and_what_is_known_for_good_after_the_day():
    failed = fold([Rated(DAWN + timedelta(hours=2), UUID(int=1), Rating.AGAIN)], Fsrs())
    assert aiming.asked_again_after(failed, goal(days=20), OUTLOOK, cards=50) == 1
    strong = Memory(**_known(stability=2_000.0, days=0) | {"interval": 300})
    assert aiming.asked_again_after(strong, goal(days=20), OUTLOOK, cards=50) == 300
    assert aiming.asked_again_after(strong, goal(days=400), OUTLOOK, cards=50) > 300


def test_what_is_known_well_enough_is_left_alone():
    strong = Memory(**_known(stability=2_000.0, days=3))
    assert aiming.todays({"strong": strong}, goal(days=1), OUTLOOK) == []


def test_when_not_all_fit_those_that_gain_most_go_first():
    deck = {f"strong {number}": Memory(**_known(stability=60.0, days=20)) for number in range(20)}
    deck |= {"weak": Memory(**_known(stability=3.0, days=20))}
    assert aiming.todays(deck, goal(days=1, cap=1), OUTLOOK) == ["weak"]


def test_a_day_of_23_hours_is_a_day():
    assert aiming.Goal(DAWN, DAWN + timedelta(days=30, hours=-1), 20).days_left == 30
    assert aiming.Goal(DAWN, DAWN + timedelta(hours=25), 20).days_left == 1
    assert aiming.Goal(DAWN, DAWN - timedelta(days=3), 20).days_left == 0


def test_an_sm2_learner_can_aim_too():
    memory = fold([Rated(DAWN - timedelta(days=day), UUID(int=day), Rating.GOOD) for day in (30, 29, 23)], Sm2())
    assert memory.interval == 15
    aim = aiming.forecast([memory], goal(days=1, cap=1, done=1), OUTLOOK)
    assert aim.expected_recall == pytest.approx(OUTLOOK.recall(24, 15.0))


def test_what_is_known_now_is_told_of_either_algorithm_and_as_far_as_the_learner_is_trusted():
    log = [Rated(DAWN - timedelta(days=day), UUID(int=day), Rating.GOOD) for day in (30, 29, 23)]
    doubted = aiming.Outlook(Fsrs(), 0.5)
    for scheduler, stability in ((Sm2(), 15.0), (Fsrs(), fold(log, Fsrs()).stability)):
        memory = fold(log, scheduler)
        assert OUTLOOK.known(memory, DAWN) == pytest.approx(OUTLOOK.recall(23, stability))
        assert doubted.known(memory, DAWN) < OUTLOOK.known(memory, DAWN)
        assert OUTLOOK.known(memory, memory.reviewed_at - timedelta(hours=1)) == 1
    assert OUTLOOK.known(UNSEEN, DAWN) == 0


class TestTrust:
    def test_without_answers_the_scheduler_is_believed(self):
        assert aiming.trust([], Fsrs()) == 1
        assert aiming.trust([[Rated(DAWN, UUID(int=1), Rating.GOOD)]], Fsrs()) == 1

    def test_who_forgets_faster_is_trusted_less(self):
        log = [
            [Rated(DAWN + timedelta(days=day), UUID(int=day), Rating.AGAIN if day else Rating.EASY) for day in (0, 6)]
            for _ in range(30)
        ]
        assert aiming.trust(log, Fsrs()) < 0.5

    def test_who_is_as_believed_is_believed(self):
        logs = bench.made_log("as FSRS believes", reviews=1_000, seed=3)
        assert aiming.trust(logs, Fsrs()) == pytest.approx(1, abs=0.25)

    def test_who_never_forgets_is_trusted_more(self):
        log = [[Rated(DAWN + timedelta(days=30 * n), UUID(int=n), Rating.GOOD) for n in range(4)] for _ in range(30)]
        assert aiming.trust(log, Fsrs()) > 1.25


SMALL = {"cards": 60, "days": 30, "cap": 15}


@pytest.mark.parametrize("learner", ["as FSRS believes", "half-life"])
def test_aiming_knows_more_with_fewer_reviews_than_a_fixed_retention(learner):
    ours = [bench.run(learner, "aiming", seed, **SMALL) for seed in range(2)]
    fixed = [bench.run(learner, "fixed 0.90", seed, **SMALL) for seed in range(2)]
    assert all(each.most_a_day <= SMALL["cap"] for each in ours)
    assert mean(each.recall for each in ours) > 0.94
    assert mean(each.recall for each in ours) > mean(each.recall for each in fixed)
    assert mean(each.reviews for each in ours) <= 4 * SMALL["cards"]
    assert mean(each.reviews for each in ours) < 0.7 * mean(each.reviews for each in fixed)


def test_a_forecast_comes_true_for_who_forgets_as_believed():
    told = aiming.forecast([UNSEEN] * 60, goal(days=30, cap=15), OUTLOOK)
    came = [bench.run("as FSRS believes", "aiming", seed, **SMALL) for seed in range(4)]
    assert told.expected_recall == pytest.approx(mean(each.recall for each in came), abs=0.02)
    assert told.reviews == pytest.approx(mean(each.reviews for each in came), rel=0.15)


def test_more_time_a_day_is_not_for_nothing():
    half, normal, double = (aiming.forecast([UNSEEN] * 200, goal(days=60, cap=cap), OUTLOOK) for cap in (5, 10, 20))
    assert half.expected_recall < normal.expected_recall < double.expected_recall


def _known(*, stability: float, days: int):
    memory = fold([Rated(DAWN - timedelta(days=days, hours=-14), UUID(int=1), Rating.EASY)], Fsrs())
    fields = {name: getattr(memory, name) for name in Memory.__slots__}
    return fields | {"stability": stability, "difficulty": 5.0}
