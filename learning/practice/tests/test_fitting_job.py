"""By night the scheduler is fitted to whoever has reviewed enough, and used only where that foresees better."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction

from learning.practice import commands, queries
from learning.practice.models import Fit, Learner, Retraction, Review, ReviewCard
from learning.practice.rules import fitting
from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import fold
from learning.practice.tests.factories import CardFactory, LearnerFactory
from project.foundation.jobs.models import Job
from project.schedules import SCHEDULES

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 2, 25, tzinfo=UTC)
OWN = tuple(round(each * 1.01, 6) for each in DEFAULT[:4]) + DEFAULT[4:]
"""Parameters that are not the default ones and lie within the bounds."""


def reviewed(person, *, cards, each):
    """A log as it came from the app; a third of it forgotten. The states are folded."""
    dice = random.Random(f"{person.pk} {cards}")
    made = CardFactory.create_batch(cards, person=person)
    log = []
    for card in made:
        at = NOW - timedelta(days=200)
        for _ in range(each):
            at += timedelta(days=dice.randint(1, 9))
            rating = 1 if dice.random() < 0.3 else 3
            log.append(Review(
                person=person, card=card, client_id=UUID(int=dice.getrandbits(128)), rating=rating, reviewed_at=at,
                corrected_at=at, accepted_at=at,
            ))  # fmt: skip
    Review.objects.bulk_create(log)
    with transaction.atomic():
        commands.refold(learner=commands.learner_for_update(person=person, now=NOW))
    return log


@pytest.fixture
def found(monkeypatch):
    """What the calculation finds, said beforehand; it counts how often it was asked."""

    def say(*, fitted, default=0.5):
        asked = []

        def fit(log):
            reviews = sum(map(len, log))
            if reviews < fitting.AT_LEAST:
                raise fitting.TooFewReviews
            asked.append(reviews)
            return fitting.Fitting(OWN, default, fitted, 0.6, reviews, reviews // 5)

        monkeypatch.setattr(fitting, "fit", fit)
        return asked

    return say


@pytest.fixture
def learner(ben):
    LearnerFactory(person=ben)
    reviewed(ben, cards=50, each=8)
    return ben


class TestFitting:
    def test_a_better_fit_is_used_and_every_card_is_folded_with_it(self, learner, found):
        found(fitted=0.4)
        before = {card.pk: card.memory for card in ReviewCard.objects.all()}
        kept = commands.fit_learner(person=learner, now=NOW)
        assert (kept.is_used, kept.reviews, tuple(kept.parameters)) == (True, 400, OWN)
        assert (kept.log_loss_default, kept.log_loss_fitted) == (0.5, 0.4)
        assert tuple(Learner.objects.get().parameters) == OWN
        logs = queries.logs(person=learner)
        for card in ReviewCard.objects.all():
            assert card.memory == fold(logs[card.pk], Fsrs(OWN))
            assert card.memory != before[card.pk]

    def test_a_worse_one_is_written_down_and_not_used(self, learner, found):
        found(fitted=0.5)
        before = {card.pk: card.memory for card in ReviewCard.objects.all()}
        assert commands.fit_learner(person=learner, now=NOW).is_used is False
        assert Learner.objects.get().parameters is None
        assert {card.pk: card.memory for card in ReviewCard.objects.all()} == before

    def test_the_database_refuses_to_use_a_worse_one(self, learner):
        with pytest.raises(IntegrityError, match="fit_is_used_only_when_better"), transaction.atomic():
            Fit.objects.create(
                person=learner, fitted_at=NOW, reviews=400, parameters=list(OWN), log_loss_default=0.5,
                log_loss_fitted=0.5, is_used=True,
            )  # fmt: skip

    def test_the_real_calculation_on_a_real_log(self, learner):
        kept = commands.fit_learner(person=learner, now=NOW)
        assert kept.reviews == 400
        assert kept.is_used is (kept.log_loss_fitted < kept.log_loss_default)
        assert (Learner.objects.get().parameters is not None) is kept.is_used

    def test_too_few_reviews_leave_the_defaults_and_no_row(self, ben, found):
        found(fitted=0.1)
        LearnerFactory(person=ben)
        reviewed(ben, cards=57, each=7)
        assert commands.fit_learner(person=ben, now=NOW) is None
        assert Fit.objects.count() == 0

    def test_reviews_that_were_taken_back_do_not_count(self, learner, found):
        found(fitted=0.1)
        review = Review.objects.first()
        Retraction.objects.create(person=learner, review_client_id=review.client_id, retracted_at=NOW)
        assert commands.fit_learner(person=learner, now=NOW) is None
        assert queries.to_fit() == []

    def test_whoever_practises_by_sm2_keeps_their_states_until_they_come_back(self, learner, found):
        found(fitted=0.4)
        change = {
            "algo": "sm2", "retention": 0.9, "new_a_day": 10, "reviews_a_day": 50, "grading_on": None,
            "reminder_hour": None,
        }  # fmt: skip
        commands.change_settings(person=learner, **change, now=NOW)
        before = {card.pk: card.memory for card in ReviewCard.objects.all()}
        assert commands.fit_learner(person=learner, now=NOW).is_used
        assert {card.pk: card.memory for card in ReviewCard.objects.all()} == before
        commands.change_settings(person=learner, **change | {"algo": "fsrs"}, now=NOW)
        logs = queries.logs(person=learner)
        card = ReviewCard.objects.first()
        assert card.memory == fold(logs[card.pk], Fsrs(OWN))

    def test_the_same_log_is_fitted_once(self, learner, found):
        asked = found(fitted=0.4)
        assert commands.fit_learner(person=learner, now=NOW) is not None
        assert commands.fit_learner(person=learner, now=NOW + timedelta(days=1)) is None
        assert (Fit.objects.count(), len(asked)) == (1, 2)

    def test_a_log_without_anything_to_judge_by_changes_nothing(self, learner, found):
        found(fitted=float("inf"), default=float("inf"))
        assert commands.fit_learner(person=learner, now=NOW) is None
        assert Fit.objects.count() == 0

    def test_somebody_who_has_left_is_nobody(self, learner):
        assert commands.fit_somebody(actor=UUID(int=1), now=NOW) is None


class TestByNight:
    def fitted_before(self, person, reviews):
        Fit.objects.create(
            person=person, fitted_at=NOW - timedelta(days=1), reviews=reviews, parameters=list(OWN),
            log_loss_default=0.5, log_loss_fitted=0.5, is_used=False,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("before", "is_asked"), [(None, True), (400, False), (364, False), (363, True), (299, True), (200, True)]
    )
    def test_a_log_that_has_grown_by_a_tenth_or_by_a_hundred(self, learner, before, is_asked):
        if before is not None:
            self.fitted_before(learner, before)
        assert queries.to_fit() == ([learner.actor_id] if is_asked else [])

    def test_a_hundred_is_enough_for_a_long_log(self, learner):
        self.fitted_before(learner, 400)
        reviewed(learner, cards=4, each=10)
        assert queries.to_fit() == [learner.actor_id]  # 440 are a tenth more
        reviewed(learner, cards=86, each=10)
        for before, is_asked in [(1201, False), (1200, True)]:
            Fit.objects.all().delete()
            self.fitted_before(learner, before)
            assert (queries.to_fit() == [learner.actor_id]) is is_asked

    def test_only_the_last_try_counts(self, learner):
        self.fitted_before(learner, 400)
        Fit.objects.create(
            person=learner, fitted_at=NOW - timedelta(days=9), reviews=100, parameters=list(OWN),
            log_loss_default=0.5, log_loss_fitted=0.5, is_used=False,
        )  # fmt: skip
        assert queries.to_fit() == []

    def test_one_query_whoever_practises(self, learner, cleo, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert len(queries.to_fit()) == 1
        reviewed(cleo, cards=50, each=8)
        with django_assert_num_queries(1):
            assert len(queries.to_fit()) == 2

    def test_a_job_for_each_of_them_once_with_their_pseudonym(self, learner):
        for _ in range(2):
            assert commands.fit(now=NOW) == 1
        [job] = Job.objects.filter(kind="practice.fit_learner")
        assert job.arguments == {"actor": str(learner.actor_id)}

    def test_the_clock_asks_in_the_night(self):
        [schedule] = [each for each in SCHEDULES if each.kind == "practice.fit"]
        assert schedule.cron == "25 3 * * *"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_keep_one_fit(ben, found):
    """Both have calculated before either writes; the one that comes second gives way."""
    LearnerFactory(person=ben)
    reviewed(ben, cards=50, each=8)
    found(fitted=0.4)
    calculated = Barrier(2)
    whole = fitting.fit

    def fit(log):
        done = whole(log)
        calculated.wait(timeout=20)
        return done

    fitting.fit = fit  # the fixture takes it back

    def work(_):
        try:
            return commands.fit_learner(person=ben, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        kept = list(pool.map(work, range(2)))
    assert sorted(each is None for each in kept) == [False, True]
    assert Fit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_review_that_comes_during_the_calculation_is_in_the_fold(ben, found, monkeypatch):
    LearnerFactory(person=ben)
    reviewed(ben, cards=50, each=8)
    found(fitted=0.4)
    whole, card = fitting.fit, ReviewCard.objects.first()

    def fit(log):
        done = whole(log)
        given = [commands.Given(UUID(int=1), card.pk, 1, NOW - timedelta(minutes=1))]
        commands.accept_reviews(person=ben, given=given, sent_at=None, device="", now=NOW)
        return done

    monkeypatch.setattr(fitting, "fit", fit)
    kept = commands.fit_learner(person=ben, now=NOW)
    assert kept.reviews == 400
    card.refresh_from_db()
    assert card.reviews == 9
    assert card.memory == fold(queries.logs(person=ben)[card.pk], Fsrs(OWN))
