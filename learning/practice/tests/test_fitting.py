import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bench import practice as bench
from learning.practice.rules import fitting
from learning.practice.rules.fsrs import DEFAULT, HIGHEST, LOWEST, Fsrs
from learning.practice.rules.memory import Rated, Rating
from learning.practice.rules.sm2 import Sm2

START = datetime(2026, 1, 1, 18, tzinfo=UTC)


def card(*answers):
    """Reviews of one card: (day, rating)."""
    return [
        Rated(START + timedelta(days=day), UUID(int=place), Rating(rating))
        for place, (day, rating) in enumerate(answers)
    ]


@pytest.fixture(scope="module")
def unlike():
    """The log of somebody who does not forget as the defaults believe."""
    return bench.made_log("half-life", reviews=2_000, seed=4)


@pytest.fixture(scope="module")
def found(unlike):
    return fitting.fit(unlike)


def test_with_few_reviews_the_defaults_stay(unlike):
    few = bench.made_log("half-life", reviews=fitting.AT_LEAST - 1, seed=4)
    with pytest.raises(fitting.TooFewReviews):
        fitting.fit(few)
    enough = bench.made_log("half-life", reviews=fitting.AT_LEAST, seed=4)
    assert fitting.fit(enough).reviews == fitting.AT_LEAST


def test_a_fit_predicts_what_it_has_not_seen_better_than_the_defaults_and_much_better_than_sm2(found):
    assert found.is_better
    assert found.log_loss_fitted < found.log_loss_default - 0.01
    assert found.log_loss_fitted < found.log_loss_sm2 - 0.05


def test_parameters_keep_within_the_bounds_of_the_package(found):
    assert len(found.parameters) == 21
    assert all(low <= each <= high for each, low, high in zip(found.parameters, LOWEST, HIGHEST, strict=True))
    Fsrs(found.parameters)


def test_the_same_log_gives_the_same_parameters_however_it_arrives(unlike, found):
    assert fitting.fit([list(reversed(each)) for each in unlike]) == found


def test_the_held_out_tail_is_never_trained_on(unlike):
    cut = fitting._split(unlike)
    spoiled = [
        [each if each.at < cut else Rated(each.at, each.id, Rating.AGAIN) for each in reviews] for reviews in unlike
    ]
    assert fitting.fit(spoiled).parameters == fitting.fit(unlike).parameters
    assert fitting.fit(spoiled).log_loss_fitted > fitting.fit(unlike).log_loss_fitted


def test_a_fit_that_is_no_better_on_the_tail_is_not_better(unlike, monkeypatch):
    monkeypatch.setattr(fitting, "fitted", lambda cards, *, before: DEFAULT)
    assert not fitting.fit(unlike).is_better


def test_without_any_second_day_there_is_nothing_to_learn():
    log = [card((0, 3)) for _ in range(fitting.AT_LEAST)]
    found = fitting.fit(log)
    assert found.parameters == DEFAULT
    assert found.log_loss_fitted == math.inf
    assert not found.is_better


def test_a_prediction_is_made_before_the_answer_and_not_within_a_day():
    reviews = card((0, 3), (0.01, 3), (3, 3), (20, 1))
    made = fitting.predictions([reviews], Sm2())
    assert [came_true for _, came_true in made] == [True, False]
    assert [recall for recall, _ in made] == [pytest.approx(0.9 ** (2 / 6)), pytest.approx(0.9 ** (17 / 15))]
    assert len(fitting.predictions([reviews], Sm2(), since=START + timedelta(days=10))) == 1


def test_log_loss_by_hand():
    assert fitting.log_loss([(0.9, True), (0.8, False)]) == pytest.approx(-(math.log(0.9) + math.log(0.2)) / 2)
    assert fitting.log_loss([]) == math.inf
    assert math.isfinite(fitting.log_loss([(1.0, False)]))
