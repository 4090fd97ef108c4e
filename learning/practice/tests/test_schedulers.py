"""Our schedulers against the reference: the package itself for FSRS, the formula written down plainly for SM-2."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import fsrs as package
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.practice.rules.fsrs import DEFAULT, HIGHEST, LOWEST, Fsrs
from learning.practice.rules.memory import UNSEEN, Rating, Stage, choices
from learning.practice.rules.sm2 import Sm2

START = datetime(2026, 1, 1, 18, tzinfo=UTC)
SECONDS = {"at once": 0, "a minute": 60, "a day less a second": 86_399, "a day": 86_400, "a year": 31_536_000}

gaps = st.one_of(st.sampled_from(list(SECONDS.values())), st.integers(0, 3_600), st.integers(0, 200 * 86_400))
histories = st.lists(st.tuples(gaps, st.sampled_from(Rating)), min_size=1, max_size=25)
parameters = st.one_of(
    st.just(DEFAULT),
    st.tuples(*(st.floats(low, high, allow_subnormal=False) for low, high in zip(LOWEST, HIGHEST, strict=True))),
)


def instants(history):
    at = START
    for gap, rating in history:
        at += timedelta(seconds=gap)
        yield at, rating


@given(histories, parameters, st.floats(0.7, 0.97))
def test_fsrs_says_exactly_what_the_package_says(history, weights, retention):
    ours, memory = Fsrs(weights, retention), UNSEEN
    theirs = package.Scheduler(weights, desired_retention=retention, enable_fuzzing=False)
    card = package.Card(card_id=7, due=START)
    for at, rating in instants(history):
        assert ours.recall(memory, at) == theirs.get_card_retrievability(card, at)
        memory = ours.after(memory, rating, at)
        card, _ = theirs.review_card(card, package.Rating(int(rating)), at)
        assert (memory.stability, memory.difficulty, memory.due_at, memory.step, memory.reviewed_at) == (
            card.stability, card.difficulty, card.due, card.step, card.last_review,
        )  # fmt: skip
        assert memory.stage.name == card.state.name.upper()
    assert memory.reviews == len(history)


@given(histories)
def test_sm2_is_its_formula(history):
    scheduler, memory = Sm2(), UNSEEN
    ease, successes, interval = 2.5, 0, 0
    for at, rating in instants(history):
        q = [None, 1, 3, 4, 5][rating]
        if q < 3:
            successes, interval = 0, 1
        else:
            successes += 1
            interval = 1 if successes == 1 else 6 if successes == 2 else min(36_500, round(interval * ease))
        ease = max(1.3, ease + 0.1 - (5 - q) * (0.08 + (5 - q) * 0.02))
        memory = scheduler.after(memory, rating, at)
        assert (memory.ease, memory.repetitions, memory.interval) == (ease, successes, interval)
        assert memory.due_at == at + timedelta(days=interval)


def test_sm2_by_hand():
    scheduler, memory, given_ = Sm2(), UNSEEN, []
    for rating in (Rating.GOOD, Rating.GOOD, Rating.GOOD, Rating.HARD, Rating.GOOD, Rating.AGAIN, Rating.EASY):
        memory = scheduler.after(memory, rating, START)
        given_.append((memory.interval, round(memory.ease, 2)))
    assert given_ == [(1, 2.5), (6, 2.5), (15, 2.5), (38, 2.36), (90, 2.36), (1, 1.82), (1, 1.92)]
    assert memory.lapses == 1


@pytest.mark.parametrize("scheduler", [Fsrs(), Sm2()], ids=["fsrs", "sm2"])
class TestBoth:
    def test_whoever_never_saw_a_card_does_not_know_it(self, scheduler):
        assert scheduler.recall(UNSEEN, START) == 0

    @given(history=histories, days=st.integers(0, 1_000))
    def test_recall_is_a_probability_that_only_falls(self, scheduler, history, days):
        memory = UNSEEN
        for at, rating in instants(history):
            memory = scheduler.after(memory, rating, at)
        recalled = [scheduler.recall(memory, memory.reviewed_at + timedelta(days=day)) for day in (0, days, days + 30)]
        assert recalled[0] == 1
        assert recalled == sorted(recalled, reverse=True)
        assert all(0 <= each <= 1 for each in recalled)

    @given(history=histories)
    def test_a_better_answer_never_brings_a_card_back_sooner(self, scheduler, history):
        memory = UNSEEN
        for at, rating in instants(history):
            due = [each.due_at for _, each in sorted(choices(memory, scheduler, at).items())]
            assert due == sorted(due)
            memory = scheduler.after(memory, rating, at)

    def test_the_same_instant_in_another_zone_is_the_same_review(self, scheduler):
        seoul = START.astimezone(ZoneInfo("Asia/Seoul"))
        assert scheduler.after(UNSEEN, Rating.GOOD, seoul) == scheduler.after(UNSEEN, Rating.GOOD, START)
        assert scheduler.after(UNSEEN, Rating.GOOD, seoul).reviewed_at.tzinfo is UTC


def test_a_lapse_is_a_card_known_for_days_and_then_forgotten():
    scheduler, memory, lapses = Fsrs(), UNSEEN, []
    for day, rating in enumerate((1, 3, 3, 1, 1, 3, 1)):
        memory = scheduler.after(memory, Rating(rating), START + timedelta(days=day))
        lapses.append((memory.stage, memory.lapses, memory.interval > 0))
    learning, review, relearning = Stage.LEARNING, Stage.REVIEW, Stage.RELEARNING
    assert lapses == [
        (learning, 0, False), (learning, 0, False), (review, 0, True),
        (relearning, 1, False), (relearning, 1, False), (review, 1, True), (relearning, 2, False),
    ]  # fmt: skip


@given(weights=parameters, days=st.integers(0, 3_650))
def test_the_curve_for_the_database_is_the_curve(weights, days):
    scheduler = Fsrs(weights)
    memory = scheduler.after(UNSEEN, Rating.EASY, START)
    by_hand = (1 + scheduler.factor * days / memory.stability) ** scheduler.decay
    assert by_hand == pytest.approx(scheduler.recall(memory, START + timedelta(days=days)))


def test_parameters_out_of_bounds_are_refused():
    with pytest.raises(ValueError, match="out of bounds"):
        Fsrs([*DEFAULT[:-1], 0.9])
    with pytest.raises(ValueError, match="Expected 21"):
        Fsrs(DEFAULT[:19])
