"""The grading day in the queue: its deck follows the plan for the day, everything else its own due dates."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.cache import cache

from accounts import commands as people
from accounts.tests.belts import awarded
from accounts.tests.clubs import a_club, joined
from learning.handbook.tests.factories import small_handbook
from learning.practice import commands, queries
from learning.practice.models import CardOrigin, Review, ReviewCard
from learning.practice.rules.memory import Rating, Stage
from learning.practice.rules.subjects import Subject
from learning.practice.tests.deck_factories import put_term
from learning.practice.tests.factories import CardFactory
from learning.practice.tests.test_queue import in_review, rate

SETTINGS = {"algo": "fsrs", "retention": 0.9, "new_a_day": 10, "reviews_a_day": 50, "reminder_hour": None}


def learn(person, now, *, belt=8):
    """All cards of a belt's deck."""
    from learning.handbook import queries as handbook

    deck = [Subject(*entry[:4]) for entry in handbook.deck_of(belt=belt, now=now)]
    return commands.add_cards(person=person, subjects=deck, origin=CardOrigin.DECK, now=now)


@pytest.fixture
def grading(ada, ben, now):
    """Ben's club holds a grading in twenty days; he wears 9th kup."""
    small_handbook(now=now)
    club = a_club(ada, seats=5)
    joined(club, ben)
    people.award_belt(person=ben, belt=9, awarded_on=now.date(), by=ada, now=now, club=club)
    return people.plan_grading(
        club=club, held_on=now.date() + timedelta(days=20), by=ada, examiner=None, guest_examiner="Master Kim", now=now
    )


def test_the_day_is_that_of_the_club_or_the_learners_own(ben, ada, cleo, grading, now):
    day = queries.next_grading_day(person=ben, now=now)
    assert (day.day, day.belt, day.is_own) == (grading.held_on, 8, False)
    people.enrol(grading=grading, person=ben, belt=7, by=ada, now=now)
    assert queries.next_grading_day(person=ben, now=now).belt == 7
    commands.change_settings(person=ben, **SETTINGS, grading_on=now.date() + timedelta(days=9), now=now)
    assert queries.next_grading_day(person=ben, now=now).day == now.date() + timedelta(days=9)
    later = now + timedelta(days=10)
    assert queries.next_grading_day(person=ben, now=later).day == grading.held_on, "one's own day is over"
    assert queries.next_grading_day(person=cleo, now=now) is None
    assert queries.aim(person=cleo, now=now) is None


@pytest.mark.parametrize(("worn", "learned"), [(None, 9), (10, 9), (8, 7), (1, 0), (0, 0), (-4, 0)])
def test_everywhere_the_same_belt_is_learned_for(signed_in, ben, ada, now, worn, learned):
    """With a day of one's own or without, in the queue and where there is no network."""
    if worn is not None:
        awarded(ben, worn, ada)
    put_term(now=now, min_belt=learned)
    assert queries.belt_to_learn(person=ben) == learned
    assert queries.today(person=ben, now=now).belt == learned
    assert queries.reading_of(person=ben, now=now).terms == ["charyot"]
    commands.change_settings(person=ben, **SETTINGS, grading_on=now.date() + timedelta(days=9), now=now)
    assert queries.next_grading_day(person=ben, now=now).belt == learned
    assert queries.today(person=ben, now=now).belt == learned
    assert queries.aim(person=ben, now=now).deck == 2


def test_a_grading_of_the_club_is_not_that_of_a_black_belt(ben, ada, cleo, grading, now):
    joined(grading.club, cleo)
    assert queries.next_grading_day(person=cleo, now=now).belt == 9, "a beginner's first"
    awarded(cleo, 0, ada)
    assert queries.next_grading_day(person=cleo, now=now) is None


def test_the_deck_follows_the_plan_and_the_rest_its_due_dates(ben, grading, now):
    deck = learn(ben, now)
    other = in_review(ben, due=now)
    queue = queries.queue(person=ben, now=now)
    plan = queries.grading_deck(person=ben, learner=queries.learner_of(person=ben), now=now)
    assert {card.pk for card in queue.cards} == {other.pk, *plan.todays()}
    assert set(plan.todays()) <= {card.pk for card in deck}
    assert queue.total == len(queue.cards) > 1
    first = next(card for card in queue.cards if card != other)
    rate(ben, first, 3, now)
    assert first not in queries.queue(person=ben, now=now + timedelta(hours=1)).cards, "once a day is enough"


def test_siblings_of_the_deck_wait_for_another_day_until_there_is_none(ben, grading, now):
    """A word is asked one way today and the other way tomorrow; the last day before the grading asks both."""
    for slug in ("charyot", "junbi", "sijak"):
        put_term(now=now, slug=slug, min_belt=8)
    deck = learn(ben, now)

    def asked(days):
        commands.change_settings(person=ben, **SETTINGS, grading_on=now.date() + timedelta(days=days), now=now)
        cards = queries.queue(person=ben, now=now).cards
        assert {card.pk for card in cards} <= {card.pk for card in deck}
        return [card.term_id for card in cards if card.term_id]

    families = asked(3)
    assert len(families) == len(set(families)) > 0
    assert max(Counter(asked(1)).values()) == 2
    first = next(card for card in queries.queue(person=ben, now=now).cards if card.kind == "term")
    commands.change_settings(person=ben, **SETTINGS, grading_on=now.date() + timedelta(days=3), now=now)
    rate(ben, first, Rating.GOOD, now)
    assert first.term_id not in {card.term_id for card in queries.queue(person=ben, now=now).cards}


def test_the_expectation_follows_what_was_answered_however_many_answers_there_were(ben, grading, now):
    (card, *_) = learn(ben, now)
    rate(ben, card, Rating.EASY, now)
    easy = queries.aim(person=ben, now=now).expected
    commands.retract(person=ben, review_client_id=Review.objects.get().client_id, now=now)
    rate(ben, card, Rating.AGAIN, now)
    assert queries.aim(person=ben, now=now).expected < easy


def test_the_keys_of_its_cards_say_what_the_plan_does(ben, grading, now):
    """A failed one comes tomorrow, not within the sitting; any other card within minutes."""
    learn(ben, now)
    other = CardFactory(person=ben)
    queue = queries.queue(person=ben, now=now)
    turns = {turn.card: turn for turn in queries.turns(cards=queue.cards, person=ben, now=now, deck=queue.deck)}
    ours = next(card for card in turns if card != other)
    assert turns[ours].keys[Rating.AGAIN].interval == 1
    assert turns[ours].then == {}
    assert turns[other].keys[Rating.AGAIN].interval == 0
    assert Rating.AGAIN in turns[other].then
    rate(ben, ours, Rating.AGAIN, now)
    assert ours not in queries.queue(person=ben, now=now + timedelta(minutes=15)).cards
    assert ours in queries.queue(person=ben, now=now + timedelta(days=1)).cards


def test_the_cap_is_kept(ben, grading, now):
    learn(ben, now)
    soon = now.date() + timedelta(days=2)
    commands.change_settings(person=ben, **SETTINGS | {"reviews_a_day": 5}, grading_on=soon, now=now)
    asked = 0
    for _ in range(20):
        cards = queries.queue(person=ben, now=now).cards
        if not cards:
            break
        rate(ben, cards[0], 3, now)
        asked += 1
    assert 0 < asked <= 5


def test_the_aim_says_what_to_expect(ben, grading, now):
    learn(ben, now)
    aim = queries.aim(person=ben, now=now)
    assert (aim.days_left, aim.grading.belt) == (20, 8)
    assert aim.cards == aim.deck > 0
    assert aim.known == 0
    assert aim.less.expected <= aim.expected + 0.02 <= aim.more.expected + 0.04
    assert 0.7 < aim.expected <= 1
    assert (len(aim.load), sum(reviews for _, reviews in aim.load)) == (20, aim.chosen.reviews)
    ReviewCard.objects.update(put_away_at=now)
    assert queries.aim(person=ben, now=now).cards == 0


def test_what_is_not_practised_is_not_expected_to_be_known(ben, grading, now):
    cards = learn(ben, now)
    known = {"stage": Stage.REVIEW, "reviews": 1, "stability": 90.0, "difficulty": 5.0, "interval": 90}
    ReviewCard.objects.update(reviewed_at=now - timedelta(days=30), due_at=now + timedelta(days=60), **known)
    whole = queries.aim(person=ben, now=now)
    assert whole.known > 0.9
    ReviewCard.objects.exclude(pk=cards[0].pk).update(put_away_at=now)
    aim = queries.aim(person=ben, now=now)
    assert (aim.cards, aim.deck) == (1, len(cards))
    assert aim.known == pytest.approx(whole.known / len(cards))
    for load in (aim.chosen, aim.less, aim.more):
        assert 0 < load.expected <= 1 / len(cards)


def test_what_is_known_today_is_told_with_sm2_too(ben, grading, now):
    commands.change_settings(person=ben, **SETTINGS | {"algo": "sm2"}, grading_on=None, now=now)
    cards = learn(ben, now)
    for card in cards:
        rate(ben, card, 3, now - timedelta(days=1))
    assert queries.aim(person=ben, now=now).known == pytest.approx(0.9, abs=0.01)


def test_the_days_ahead_begin_with_the_queue_and_go_on_with_the_plan(ben, grading, now):
    cards = learn(ben, now)
    for days in (-3, 0, 1, 1, 25):
        in_review(ben, due=now + timedelta(days=days))
    CardFactory(person=ben)
    rate(ben, queries.queue(person=ben, now=now).cards[0], 4, now)
    ahead = queries.reviews_ahead(person=ben, now=now, days=30)
    assert list(ahead) == [now.date() + timedelta(days=days) for days in range(30)]
    today, *later = ahead.values()
    assert today == queries.due_count(person=ben, now=now)
    plan = [number for _, number in queries.aim(person=ben, now=now).load]
    assert later[:19] == [plan[1] + 2, *plan[2:]]
    assert plan[1] < len(cards)
    assert later[24] == 1
    assert list(queries.stats(person=ben, now=now).ahead) == [today, *later]


def test_new_cards_of_the_plan_and_others_share_what_there_is_for_a_day(ben, grading, now):
    learn(ben, now)
    CardFactory.create_batch(9, person=ben)
    soon = now.date() + timedelta(days=3)
    commands.change_settings(person=ben, **SETTINGS | {"new_a_day": 3}, grading_on=soon, now=now)

    def fresh():
        new = [card for card in queries.queue(person=ben, now=now).cards if card.stage == Stage.NEW]
        return [card for card in new if card.kind != "own"], [card for card in new if card.kind == "own"]

    planned, others = fresh()
    assert (len(planned), len(others)) == (2, 1)
    rate(ben, planned[0], 4, now)
    assert [len(each) for each in fresh()] == [1, 1], "one of three was met"
    commands.change_settings(person=ben, **SETTINGS | {"new_a_day": 0}, grading_on=soon, now=now)
    assert [len(each) for each in fresh()] == [1, 0], "the plan may ask for more"


def test_a_day_that_is_far_away_says_when_its_cards_begin(ben, grading, now):
    learn(ben, now)
    assert queries.aim(person=ben, now=now).begins_on is None
    commands.change_settings(person=ben, **SETTINGS, grading_on=now.date() + timedelta(days=60), now=now)
    aim = queries.aim(person=ben, now=now)
    assert now.date() + timedelta(days=20) < aim.begins_on < aim.grading.day
    assert queries.queue(person=ben, now=now).total == 0


def test_a_leech_and_a_buried_card_of_the_deck_wait(ben, grading, now):
    learn(ben, now)
    plan = queries.grading_deck(person=ben, learner=queries.learner_of(person=ben), now=now).todays()
    commands.bury(person=ben, card_id=plan[0], now=now)
    assert plan[0] not in {card.pk for card in queries.queue(person=ben, now=now).cards}


def test_the_number_of_queries_does_not_depend_on_the_deck(ben, grading, now, django_assert_max_num_queries):
    learn(ben, now)
    for size in (1, 40):
        for _ in range(size):
            in_review(ben, due=now)
        cache.clear()
        with django_assert_max_num_queries(25):
            queries.queue(person=ben, now=now)


def test_a_forecast_is_made_without_a_cache(ben, grading, now, settings):
    learn(ben, now)
    first = queries.aim(person=ben, now=now)
    settings.CACHES = {name: each | {"LOCATION": "redis://127.0.0.1:1/0"} for name, each in settings.CACHES.items()}
    assert queries.aim(person=ben, now=now).expected == first.expected
    assert queries.queue(person=ben, now=now).cards[0].stage == Stage.NEW
    assert isinstance(first.grading.day, date)
