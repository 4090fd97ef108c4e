"""The log of reviews: it only grows, each review counts once, and the cards follow it whatever arrives when."""

from datetime import UTC, datetime, timedelta
from itertools import chain, groupby, permutations
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.tests.factories import UserFactory
from accounts.tests.test_seats import at_once
from learning.practice import commands, queries
from learning.practice.commands import Given
from learning.practice.models import PracticeDay, Retraction, Review, ReviewCard
from learning.practice.rules.fitting import Fitting
from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import Rated, Rating, Stage, fold
from learning.practice.rules.sm2 import Sm2
from learning.practice.tests.factories import WHEN, CardFactory, ReviewFactory


def review(card, rating=3, *, at=WHEN, client_id=None, duration=1200):
    return Given(client_id or uuid4(), card.pk, rating, at, duration)


def accept(person, *given_, now, sent_at=None):
    return commands.accept_reviews(person=person, given=given_, sent_at=sent_at, device="phone", now=now)


def results(outcomes):
    return [(each.result, each.reason) for each in outcomes]


def test_a_review_moves_its_card(ben, now):
    card = CardFactory(person=ben)
    (outcome,) = accept(ben, review(card, 4, at=now), now=now)
    assert outcome.result == "applied"
    card.refresh_from_db()
    assert card.memory == fold([Rated(now, outcome.client_id, Rating.EASY)], Fsrs()) == outcome.card.memory
    assert card.stage == Stage.REVIEW
    assert card.due_at > now + timedelta(days=1)


def test_a_review_that_arrives_twice_counts_once(ben, now):
    card, again = CardFactory(person=ben), uuid4()
    sent = review(card, client_id=again), review(card, 1, client_id=again)
    assert results(accept(ben, *sent, now=now)) == [("applied", ""), ("duplicate", "")]
    assert results(accept(ben, sent[0], now=now)) == [("duplicate", "")]
    assert [each.rating for each in Review.objects.all()] == [3]


def test_what_is_rejected_keeps_nothing_else_from_being_accepted(ben, cleo, now):
    mine, theirs = CardFactory(person=ben), CardFactory(person=cleo)
    broken = datetime(1970, 1, 1, tzinfo=UTC)
    outcomes = accept(
        ben, review(theirs), review(mine, 5), review(mine, 0), review(mine, at=broken), review(mine), now=now
    )
    assert results(outcomes) == [
        ("rejected", "not_found"),
        ("rejected", "no_such_rating"),
        ("rejected", "no_such_rating"),
        ("rejected", "no_such_time"),
        ("applied", ""),
    ]
    assert outcomes[0].card is None
    assert Review.objects.get().card == mine


def test_the_same_id_of_two_people_are_two_reviews(ben, cleo, now):
    shared = uuid4()
    assert results(accept(ben, review(CardFactory(person=ben), client_id=shared), now=now)) == [("applied", "")]
    assert results(accept(cleo, review(CardFactory(person=cleo), client_id=shared), now=now)) == [("applied", "")]


def test_a_clock_that_is_wrong_is_put_right_once(ben, now):
    card, wrong = CardFactory(person=ben), timedelta(hours=48)
    happened = now - timedelta(hours=3)
    first = review(card, at=happened + wrong)
    accept(ben, first, sent_at=now + wrong, now=now)
    accept(ben, first, sent_at=None, now=now + timedelta(days=3))
    row = Review.objects.get()
    assert (row.corrected_at, row.reviewed_at) == (happened, happened + wrong)


def test_no_review_is_of_tomorrow(ben, now):
    card = CardFactory(person=ben)
    accept(ben, review(card, at=now + timedelta(days=2)), now=now)
    assert Review.objects.get().corrected_at == now


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_reviews_at_one_instant_the_lower_id_comes_first(ben, now, order):
    """Each in a delivery of its own: the second may not simply go on from the first."""
    card = CardFactory(person=ben)
    both = review(card, 1, at=now, client_id=UUID(int=1)), review(card, 4, at=now, client_id=UUID(int=2))
    for place in order:
        accept(ben, both[place], now=now)
    card.refresh_from_db()
    assert card.memory == fold([Rated(now, each.client_id, Rating(each.rating)) for each in both], Fsrs())
    swapped = [Rated(now, UUID(int=3 - each.client_id.int), Rating(each.rating)) for each in both]
    assert card.memory != fold(swapped, Fsrs())


@pytest.mark.parametrize(("said", "kept"), [(-1, 0), (0, 0), (1200, 1200), (600_000, 600_000), (600_001, 600_000)])
def test_nobody_looks_at_a_card_for_less_than_nothing_or_for_hours(ben, now, said, kept):
    accept(ben, review(CardFactory(person=ben), at=now, duration=said), now=now)
    assert Review.objects.get().duration == kept


def test_a_late_review_is_put_in_its_place(ben, now):
    """Two devices, in every order of arrival: the same state as if all had come in time."""
    ids = [UUID(int=number) for number in range(1, 5)]
    log = [(ids[0], 3, 0), (ids[1], 3, 1), (ids[2], 1, 9), (ids[3], 4, 20)]
    memories = set()
    for order in permutations(log):
        card = CardFactory(person=ben)
        for client_id, rating, days in order:
            unique = UUID(int=client_id.int + card.pk.int % 10**12 * 10)
            accept(ben, review(card, rating, at=WHEN + timedelta(days=days), client_id=unique), now=now)
        card.refresh_from_db()
        memories.add(card.memory)
    assert len(memories) == 1


def test_undo_takes_the_last_one_back_and_rewrites_nothing(ben, now):
    card = CardFactory(person=ben)
    accept(ben, review(card, 4, at=now - timedelta(days=9)), now=now)
    before = ReviewCard.objects.get().memory
    accept(ben, review(card, 1, at=now), now=now)
    assert undo(ben, now).memory == before
    assert Review.objects.count() == 2
    assert undo(ben, now).stage == Stage.NEW
    assert queries.last_review(person=ben) is None


def test_undo_takes_back_the_one_that_is_named_once(ben, now):
    card = CardFactory(person=ben)
    first, last = review(card, 4, at=now - timedelta(days=9)), review(card, 1, at=now)
    accept(ben, first, last, now=now)
    assert commands.undo_last(person=ben, review_client_id=first.client_id, now=now) is None
    for _ in range(2):
        undone = commands.undo_last(person=ben, review_client_id=last.client_id, now=now)
        assert (undone.pk, undone.reviews) == (card.pk, 1)


def test_what_was_brought_from_elsewhere_is_not_undone(ben, now):
    card = CardFactory(person=ben)
    accept(ben, review(card, at=now - timedelta(days=9)), now=now)
    brought = ReviewFactory(card=card, reviewed_at=now - timedelta(days=1), source="import")
    assert commands.undo_last(person=ben, review_client_id=brought.client_id, now=now) is None
    assert undo(ben, now).reviews == 1, "only what was brought is left"


def undo(person, now):
    last = queries.last_review(person=person)
    return commands.undo_last(person=person, review_client_id=last.client_id, now=now)


def test_many_are_taken_back_at_once(ben, cleo, now):
    cards = CardFactory.create_batch(2, person=ben)
    sent = [review(card, at=now - timedelta(days=days)) for card in cards for days in (9, 5)]
    accept(ben, *sent, now=now)
    theirs = review(CardFactory(person=cleo), at=now)
    accept(cleo, theirs, now=now)
    gone = [sent[0].client_id, sent[2].client_id, sent[3].client_id, uuid4(), theirs.client_id]
    found = commands.retract_many(person=ben, review_client_ids=[*gone, gone[0]], now=now)
    assert {each: (card.pk, card.reviews) for each, card in found.items()} == {
        gone[0]: (cards[0].pk, 1), gone[1]: (cards[1].pk, 0), gone[2]: (cards[1].pk, 0),
    }  # fmt: skip
    assert queries.counted(person=cleo).count() == 1
    assert Retraction.objects.count() == 5


@pytest.mark.parametrize("number", [1, 40])
def test_to_take_many_back_costs_as_much_as_one(ben, now, number, django_assert_num_queries):
    sent = [review(card, at=now) for card in CardFactory.create_batch(number, person=ben)]
    accept(ben, *sent, now=now)
    with django_assert_num_queries(10):
        commands.retract_many(person=ben, review_client_ids=[each.client_id for each in sent], now=now)


def test_a_retraction_may_come_before_its_review(ben, now):
    card, sent = CardFactory(person=ben), uuid4()
    assert commands.retract(person=ben, review_client_id=sent, now=now) is None
    accept(ben, review(card, client_id=sent), now=now)
    card.refresh_from_db()
    assert card.stage == Stage.NEW
    commands.retract(person=ben, review_client_id=sent, now=now)
    assert Retraction.objects.count() == 1


def test_another_algorithm_and_back(ben, now):
    cards = [CardFactory(person=ben) for _ in range(3)]
    for number, card in enumerate(cards):
        for day, rating in enumerate([3, 3, 1, 4, 2]):
            accept(ben, review(card, rating, at=WHEN + timedelta(days=day * (number + 1))), now=now)
    wanted = {"retention": 0.9, "new_a_day": 10, "reviews_a_day": 50, "grading_on": None, "reminder_hour": None}
    before = {card.pk: card.memory for card in ReviewCard.objects.all()}
    commands.change_settings(person=ben, algo="sm2", **wanted, now=now)
    switched = {card.pk: card.memory for card in ReviewCard.objects.all()}
    logs = queries.logs(person=ben)
    assert switched == {pk: fold(logs[pk], Sm2()) for pk in before}
    assert switched != before
    commands.change_settings(person=ben, algo="fsrs", **wanted, now=now)
    assert {card.pk: card.memory for card in ReviewCard.objects.all()} == before
    commands.change_settings(person=ben, algo="fsrs", **wanted | {"retention": 0.8}, now=now)
    assert all(card.due_at > before[card.pk].due_at for card in ReviewCard.objects.filter(stage=Stage.REVIEW))


def test_the_night_belongs_to_the_day_before(ben, now):
    ben.time_zone = "Asia/Seoul"
    ben.save()
    card = CardFactory(person=ben)
    at_three, at_four = datetime(2026, 11, 10, 18, 59, tzinfo=UTC), datetime(2026, 11, 10, 19, 0, tzinfo=UTC)
    accept(ben, review(card, at=at_three), review(card, at=at_four), now=now)
    assert [str(each.day) for each in PracticeDay.objects.order_by("day")] == ["2026-11-10", "2026-11-11"]


def test_the_day_is_that_of_the_corrected_stamp(ben, now):
    wrong = timedelta(days=2)
    accept(ben, review(CardFactory(person=ben), at=now + wrong), sent_at=now + wrong, now=now)
    assert [str(each.day) for each in PracticeDay.objects.all()] == ["2026-11-21"]


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_from_two_tabs_at_once(now):
    person = UserFactory()
    cards = [CardFactory(person=person) for _ in range(4)]
    batch = [review(card, rating, at=WHEN + timedelta(days=rating)) for card in cards for rating in (3, 1, 4)]
    both = at_once(
        lambda: results(accept(person, *batch, now=now)),
        lambda: results(accept(person, *reversed(batch), now=now)),
        lambda: results(accept(person, *batch[:5], now=now)),
    )
    assert sum(each == ("applied", "") for each in chain(*both)) == len(batch)
    assert Review.objects.count() == len(batch)
    logs = queries.logs(person=person)
    assert {card.pk: card.memory for card in ReviewCard.objects.all()} == {
        pk: fold(log, Fsrs()) for pk, log in logs.items()
    }


RATINGS = st.integers(1, 4)
OTHER = tuple(each * 1.05 if place < 4 else each for place, each in enumerate(DEFAULT))
HISTORY = st.tuples(st.integers(-48, 48), st.integers(-48, 48)).flatmap(
    lambda clocks: st.lists(
        st.tuples(st.integers(0, 2), RATINGS, st.integers(0, 60 * 24 * 40), st.sampled_from(clocks)),
        min_size=1,
        max_size=12,
    )
)
"""Reviews of two devices: the card, the rating, the minute, and by how many hours the clock of the device is wrong."""


class Switches(TestCase):
    """What a learner, or the night, changes about the fold of a log."""

    def switch(self, person, algo, now):
        commands.change_settings(
            person=person, algo=algo, retention=0.9, new_a_day=10, reviews_a_day=50, grading_on=None,
            reminder_hour=None, now=now,
        )  # fmt: skip

    def fit(self, person, parameters, now):
        """As the night does; what it calculates is not what this is about."""
        before = queries.last_fit(person=person)
        reviews = before.reviews + 1 if before else 400
        found = Fitting(parameters, 0.5, 0.4, log_loss_sm2=0.6, reviews=reviews, held_out=80)
        with patch("learning.practice.rules.fitting.fit", return_value=found):
            assert commands.fit_learner(person=person, now=now).is_used

    def states(self, person):
        return {card.pk: card.memory for card in ReviewCard.objects.filter(person=person)}


class AnotherAlgorithmAndBack(Switches):
    @given(history=HISTORY, others=st.lists(st.sampled_from(["sm2", "fsrs", OTHER]), min_size=1, max_size=4))
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    def test_gives_the_old_schedule(self, history, others):
        now = WHEN + timedelta(days=60)
        person = UserFactory()
        cards = [CardFactory(person=person) for _ in range(3)]
        accept(
            person,
            *(review(cards[card], rating, at=WHEN + timedelta(minutes=minute)) for card, rating, minute, _ in history),
            now=now,
        )
        before = self.states(person)
        for other in others:
            if other is OTHER:
                self.fit(person, OTHER, now)
            else:
                self.switch(person, other, now)
        if OTHER in others:
            self.fit(person, DEFAULT, now)
        self.switch(person, "fsrs", now)
        assert self.states(person) == before
        assert all(memory.ease is None for memory in before.values())


class DevicesConverge(Switches):
    """Two devices that were offline, with clocks that are wrong, sending in parts, again, and in any order, with a
    change of algorithm and of parameters in between: every review once, and the states that the corrected stamps
    give."""

    @given(history=HISTORY, data=st.data())
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    def test_all_orders_give_the_same(self, history, data):
        now = WHEN + timedelta(days=60)
        person = UserFactory()
        cards = [CardFactory(person=person) for _ in range(3)]
        sent = [
            (review(cards[which], rating, at=WHEN + timedelta(minutes=minute, hours=skew)), skew)
            for which, rating, minute, skew in history
        ]
        parts = _parts(data.draw(st.permutations([*sent, *data.draw(st.lists(st.sampled_from(sent), max_size=6))])))
        switch, fit = (data.draw(st.integers(0, len(parts))) for _ in range(2))
        for place, (reviews, skew) in enumerate(parts):
            if place == switch:
                self.switch(person, "sm2", now)
            if place == fit:
                self.fit(person, OTHER, now)
            accept(person, *reviews, sent_at=now + timedelta(hours=skew), now=now)
        self.switch(person, "fsrs", now)
        truth = {
            card.pk: [
                Rated(min(each.reviewed_at - timedelta(hours=skew), now), each.client_id, Rating(each.rating))
                for each, skew in sent
                if each.card_id == card.pk
            ]
            for card in cards
        }
        assert Review.objects.filter(person=person).count() == len(sent)
        scheduler = Fsrs(OTHER) if fit < len(parts) else Fsrs()
        assert self.states(person) == {pk: fold(log, scheduler) for pk, log in truth.items()}


def _parts(deliveries):
    """What one device has in a row goes in one request, with what its clock says."""
    runs = groupby(deliveries, key=lambda each: each[1])
    return [([given_ for given_, _ in run], skew) for skew, run in runs]


ATTACKS = {
    "UPDATE practice_review SET rating = 1": "review_is_never_changed",
    "UPDATE practice_retraction SET retracted_at = now()": "review_is_never_changed",
    "DELETE FROM practice_review": "log_goes_with_its_person",
    "DELETE FROM practice_retraction": "log_goes_with_its_person",
    "INSERT INTO practice_review (person_id, card_id, client_id, rating, reviewed_at, corrected_at, accepted_at,"
    " duration, device, source) SELECT person_id, card_id, client_id, rating, reviewed_at, corrected_at, accepted_at,"
    " 0, '', source FROM practice_review": "review_arrives_once",
    "INSERT INTO practice_review (person_id, card_id, client_id, rating, reviewed_at, corrected_at, accepted_at,"
    " duration, device, source) SELECT %(cleo)s, card_id, client_id, rating, reviewed_at, corrected_at, accepted_at,"
    " 0, '', source FROM practice_review": "review_is_of_a_card_of_its_person",
    "INSERT INTO practice_review (person_id, card_id, client_id, rating, reviewed_at, corrected_at, accepted_at,"
    " duration, device, source) SELECT person_id, card_id, gen_random_uuid(), 5, reviewed_at, corrected_at,"
    " accepted_at, 0, '', source FROM practice_review": "review_rating_is_known",
    "INSERT INTO practice_review (person_id, card_id, client_id, rating, reviewed_at, corrected_at, accepted_at,"
    " duration, device, source) SELECT person_id, card_id, gen_random_uuid(), 4, reviewed_at,"
    " accepted_at + interval '1 second', accepted_at, 0, '', source FROM practice_review": "review_is_not_of_tomorrow",
    "UPDATE practice_reviewcard SET front = ''": "own_card_has_a_text",
    "UPDATE practice_reviewcard SET kind = 'term'": "card_is_about_one_thing",
    "UPDATE practice_reviewcard SET direction = 'korean'": "word_is_asked_in_a_direction",
    "UPDATE practice_reviewcard SET step_key = '1'": "step_card_names_its_step",
    "UPDATE practice_reviewcard SET stage = 2": "card_is_new_without_reviews",
    "UPDATE practice_reviewcard SET origin = 'x'": "card_origin_is_known",
    "UPDATE practice_learner SET retention = 0.98": "learner_retention_is_possible",
    "UPDATE practice_learner SET algo = 'sm5'": "learner_algo_is_known",
    "UPDATE practice_learner SET parameters = '{1, 2}'": "learner_has_all_parameters",
    "UPDATE practice_learner SET reviews_a_day = 4": "learner_load_is_bearable",
    "UPDATE practice_learner SET reminder_hour = 24": "learner_reminder_is_an_hour",
    "UPDATE practice_learner SET catch_up_from = '2026-11-02'": "learner_catches_up_from_a_day_to_a_day",
}


@pytest.mark.parametrize(("sql", "constraint"), ATTACKS.items())
def test_the_database_refuses(sql, constraint, ben, cleo, now):
    with transaction.atomic():
        commands.learner_for_update(person=ben, now=now)
    ReviewFactory(card__person=ben)
    Retraction.objects.create(person=ben, review_client_id=uuid4(), retracted_at=now)
    sql = f"{sql}; SET CONSTRAINTS ALL IMMEDIATE".replace("%(cleo)s", str(cleo.pk))
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert refused.value.__cause__.diag.constraint_name == constraint


@pytest.mark.django_db
def test_the_card_of_a_review_is_found_by_itself_also_where_nothing_was_counted():
    """How PostgreSQL looks whether a review is of a card of its person, in a copy of which it knows nothing yet."""
    with connection.cursor() as sql:
        sql.execute("CREATE TABLE young (LIKE practice_reviewcard INCLUDING ALL)")
        sql.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        sql.execute(
            "PREPARE looked (uuid, bigint) AS SELECT FROM ONLY young WHERE id = $1 AND person_id = $2 FOR KEY SHARE"
        )
        sql.execute("EXPLAIN EXECUTE looked (gen_random_uuid(), 1)")
        plan = [line.strip() for (line,) in sql.fetchall()]
        sql.execute("DEALLOCATE looked")
    assert plan[-1] in {"Index Cond: (id = $1)", "Index Cond: ((person_id = $2) AND (id = $1))"}
