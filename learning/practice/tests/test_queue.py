"""What is asked today, in which order, and what waits."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.handbook.commands import put_term
from learning.handbook.rules import entries
from learning.practice import commands, queries
from learning.practice.models import CardOrigin, Learner, ReviewCard
from learning.practice.queries.queue import NOTE, OF_A_NOTE
from learning.practice.rules import days, queueing
from learning.practice.rules.memory import Stage
from learning.practice.rules.subjects import Subject
from learning.practice.tests.factories import CardFactory, ReviewFactory

WARSAW = ZoneInfo("Europe/Warsaw")


def in_review(person, *, due, interval=10, stability=10.0, lapses=0, **fields):
    """A card that is known for days, past the log because only its state matters here."""
    return CardFactory(
        person=person, stage=Stage.REVIEW, due_at=due, reviewed_at=due - timedelta(days=interval), reviews=3,
        stability=stability, difficulty=5.0, interval=interval, lapses=lapses, **fields,
    )  # fmt: skip


def rate(person, card, rating, now):
    commands.accept_reviews(
        person=person, given=[commands.Given(uuid4(), card.pk, rating, now)], sent_at=None, device="", now=now
    )


@pytest.fixture
def word(now):
    def make(slug):
        entry = entries.Term(
            slug=slug, topic="commands", names={"pl": slug, "en": slug, "ko": "차렷"}, transliteration=slug, min_belt=10
        )
        put_term(entry=entry, editor=None, now=now)
        return [Subject("term", slug, direction) for direction in ("meaning", "korean")]

    return make


def test_the_likeliest_to_be_recalled_comes_first(ben, now):
    fading = in_review(ben, due=now - timedelta(days=1), stability=2.0)
    firm = in_review(ben, due=now - timedelta(days=1), stability=90.0)
    later = in_review(ben, due=now + timedelta(days=1))
    queue = queries.queue(person=ben, now=now)
    assert queue.cards == [firm, fading]
    assert later not in queue.cards
    assert (queue.due, queue.total) == (2, 2)


def test_a_card_is_due_on_its_day_and_not_at_its_minute(ben, now):
    """ben lives in Warsaw: his day of 21 November ends at 03:00 UTC of the next."""
    tonight = in_review(ben, due=datetime(2026, 11, 22, 2, 59, tzinfo=UTC))
    in_review(ben, due=datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
    assert queries.queue(person=ben, now=now).cards == [tonight]


def test_new_cards_are_limited_and_mixed_in(ben, now):
    for number in range(20):
        in_review(ben, due=now, stability=50.0 + number)
    for number in range(30):
        CardFactory(person=ben, created_at=now + timedelta(seconds=number))
    queue = queries.queue(person=ben, now=now)
    places = [place for place, card in enumerate(queue.cards) if card.stage == Stage.NEW]
    assert places == [2, 5, 8, 11, 14, 17, 20, 23, 26, 29]
    rate(ben, queue.cards[2], 4, now)
    rate(ben, queue.cards[5], 3, now)
    again = queries.queue(person=ben, now=now)
    assert again.fresh == 8, "two of the ten were met"
    assert again.done_today == 2
    assert queries.due_count(person=ben, now=now) == again.total


def test_a_card_in_its_minutes_is_asked_when_they_are_over_and_ahead_when_nothing_is_left(ben, now):
    first, second = CardFactory(person=ben), in_review(ben, due=now)
    rate(ben, first, 3, now - timedelta(minutes=5))
    assert queries.queue(person=ben, now=now).cards == [second, first]
    assert queries.queue(person=ben, now=now + timedelta(minutes=6)).cards == [first, second]
    early = queries.queue(person=ben, now=now - timedelta(minutes=16))
    assert (early.cards, early.next_at) == ([second], now + timedelta(minutes=5))


def test_of_a_word_one_direction_is_asked_a_day(ben, now, word):
    meaning, korean = commands.add_cards(
        person=ben, subjects=word("charyot"), origin=CardOrigin.LEARNER, now=now - timedelta(days=1)
    )
    assert queries.queue(person=ben, now=now).cards == [meaning]
    rate(ben, meaning, 4, now)
    assert queries.queue(person=ben, now=now).cards == []
    tomorrow = now + timedelta(days=1)
    assert queries.queue(person=ben, now=tomorrow).cards == [korean]
    ReviewCard.objects.update(stage=Stage.REVIEW, due_at=tomorrow, reviewed_at=now - timedelta(days=9), reviews=1)
    queue = queries.queue(person=ben, now=tomorrow)
    assert (len(queue.cards), queue.due) == (1, 1)


def test_due_siblings_of_what_was_asked_today_wait_too(ben, now, word):
    meaning, korean = commands.add_cards(
        person=ben, subjects=word("charyot"), origin=CardOrigin.LEARNER, now=now - timedelta(days=1)
    )
    ReviewCard.objects.update(
        stage=Stage.REVIEW, due_at=now, reviewed_at=now - timedelta(days=9), reviews=1, stability=9.0, difficulty=5.0
    )
    rate(ben, korean, 4, now)
    queue = queries.queue(person=ben, now=now)
    assert (queue.cards, queue.due) == ([], 0)
    ReviewCard.objects.filter(pk=korean.pk).update(due_at=now + timedelta(days=9))
    assert queries.queue(person=ben, now=now + timedelta(days=1)).cards == [meaning]


def test_new_siblings_of_due_cards_wait(ben, now, word):
    meaning, korean = commands.add_cards(
        person=ben, subjects=word("charyot"), origin=CardOrigin.LEARNER, now=now - timedelta(days=1)
    )
    due = {"stage": Stage.REVIEW, "due_at": now, "reviewed_at": now - timedelta(days=9), "reviews": 1}
    ReviewCard.objects.filter(pk=korean.pk).update(**due)
    queue = queries.queue(person=ben, now=now)
    assert (queue.cards, queue.fresh) == ([korean], 0)
    assert meaning.stage == Stage.NEW


class TestNotesOfAnki:
    """Several cards may be made of one note."""

    def brought(self, person, make, *guids, **fields):
        return [make(person=person, guid=guid, **fields) for guid in guids]

    def test_of_one_note_one_card_is_asked_a_day(self, ben, now):
        first, second, other = self.brought(
            ben, lambda **fields: in_review(due=now, **fields), "one:0", "one:1", "ones:1"
        )
        queue = queries.queue(person=ben, now=now)
        assert (len(queue.cards), queue.due, queue.total) == (2, 2, 2)
        assert other in queue.cards
        (asked,) = {first, second} & set(queue.cards)
        rate(ben, asked, 4, now)
        queue = queries.queue(person=ben, now=now)
        assert (queue.cards, queue.due) == ([other], 1)

    def test_new_ones_wait_for_each_other_too(self, ben, now):
        first, _second, other = self.brought(ben, CardFactory, "a:b:0", "a:b:11", "a:c:0")
        queue = queries.queue(person=ben, now=now)
        assert (len(queue.cards), queue.fresh) == (2, 2)
        rate(ben, first, 4, now)
        assert queries.queue(person=ben, now=now).cards == [other]

    def test_what_has_no_note_has_no_siblings(self, ben, cleo, now):
        guids = [f"dojang:{UUID(int=number)}" for number in range(2)]
        in_review(ben, due=now), in_review(ben, due=now), self.brought(ben, CardFactory, *guids)
        queue = queries.queue(person=ben, now=now)
        assert (len(queue.cards), queue.due, queue.fresh) == (4, 2, 2)
        rate(ben, queue.cards[0], 4, now)
        assert queries.queue(person=ben, now=now).total == 3

    def test_a_backlog_too_long_to_be_ordered_is_counted_the_same(self, ben, now, word, monkeypatch):
        words = [subject for slug in ("charyot", "joonbi") for subject in word(slug)]
        commands.add_cards(person=ben, subjects=words, origin=CardOrigin.LEARNER, now=now - timedelta(days=1))
        known = {"stage": Stage.REVIEW, "due_at": now, "reviewed_at": now - timedelta(days=9), "reviews": 1}
        ReviewCard.objects.update(**known, stability=9.0, difficulty=5.0)
        self.brought(ben, lambda **fields: in_review(due=now, **fields), "one:0", "one:1", "two:0")
        in_review(ben, due=now), in_review(ben, due=now)
        rate(ben, ReviewCard.objects.filter(guid="two:0").get(), 4, now)
        ordered = queries.queue(person=ben, now=now).due
        monkeypatch.setattr(import_module("learning.practice.queries.queue"), "MOST", 4)
        assert queries.queue(person=ben, now=now).due == ordered == 5  # two words, one note, two of their own

    def test_what_the_database_takes_for_the_note_is_it(self, ben, now):
        for guid in ("one:0", "a:b:12", "one", "", ":1", "one:x", "one:1x", f"dojang:{UUID(int=7)}"):
            card = CardFactory(person=ben, guid=guid)
            found = ReviewCard.objects.filter(OF_A_NOTE, pk=card.pk).values_list(NOTE, flat=True).first()
            assert (found or "") == queueing.note_of(guid)


class TestWhatWasDoneToday:
    @pytest.fixture
    def cards(self, ben, now):
        return [CardFactory(person=ben, created_at=now + timedelta(seconds=number)) for number in range(12)]

    def test_what_was_brought_is_nothing_that_was_done(self, ben, now, cards):
        ReviewFactory(card=cards[0], reviewed_at=now, source="import")
        queue = queries.queue(person=ben, now=now)
        assert (queue.done_today, queue.fresh) == (0, 10)

    def test_nor_is_what_was_taken_back(self, ben, now, cards):
        for card in cards[:2]:
            rate(ben, card, 4, now)
        last = queries.last_review(person=ben)
        commands.undo_last(person=ben, review_client_id=last.client_id, now=now)
        queue = queries.queue(person=ben, now=now)
        assert (queue.done_today, queue.fresh) == (1, 9)

    def test_nor_what_was_done_before_four_in_the_morning(self, ben, now, cards):
        rate(ben, cards[0], 4, datetime(2026, 11, 21, 2, 59, tzinfo=UTC))
        rate(ben, cards[1], 4, datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
        assert queries.queue(person=ben, now=now).done_today == 1

    def test_only_cards_that_are_met_for_the_first_time_are_new(self, ben, now, cards):
        known = cards[0]
        rate(ben, known, 4, now - timedelta(days=30))
        rate(ben, known, 3, now)
        for rating in (1, 3):
            rate(ben, cards[1], rating, now)
        queue = queries.queue(person=ben, now=now)
        assert (queue.done_today, queue.fresh) == (3, 9)


def test_the_next_card_in_its_minutes_is_told_when_it_is_further_away_than_one_may_learn_ahead(ben, now):
    ahead = [timedelta(minutes=minutes) for minutes in (-1, 20, 21, 90)]
    due = {"stage": Stage.LEARNING, "reviewed_at": now - timedelta(hours=1), "reviews": 1}
    cards = [CardFactory(person=ben, due_at=now + each, **due) for each in ahead]
    queue = queries.queue(person=ben, now=now)
    assert (queue.cards, queue.next_at) == (cards[:2], now + ahead[2])
    commands.put_away(person=ben, card_id=cards[2].pk, now=now)
    assert queries.queue(person=ben, now=now).next_at == now + ahead[3]
    commands.put_away(person=ben, card_id=cards[3].pk, now=now)
    assert queries.queue(person=ben, now=now).next_at is None


def test_buried_put_away_and_leeches_wait(ben, now):
    buried, away, leech, kept = (in_review(ben, due=now, lapses=8 if number > 1 else 7) for number in range(4))
    commands.bury(person=ben, card_id=buried.pk, now=now)
    commands.put_away(person=ben, card_id=away.pk, now=now)
    commands.keep_leech(person=ben, card_id=kept.pk, now=now)
    queue = queries.queue(person=ben, now=now)
    assert queue.cards == [kept]
    assert list(queries.leeches(person=ben)) == [leech]
    assert buried in queries.queue(person=ben, now=now + timedelta(days=1)).cards
    commands.bring_back(person=ben, card_id=away.pk, now=now)
    assert away in queries.queue(person=ben, now=now).cards


def test_to_keep_a_card_never_lowers_what_it_may_cost(ben, now):
    young, leech = in_review(ben, due=now, lapses=1), in_review(ben, due=now, lapses=9)
    kept = [commands.keep_leech(person=ben, card_id=card.pk, now=now) for card in (young, leech)]
    assert [card.leech_from for card in kept] == [8, 13]


def test_a_backlog_is_spread_over_the_days_of_catching_up(ben, now):
    for _ in range(140):
        in_review(ben, due=now - timedelta(days=10))
    CardFactory(person=ben)
    commands.catch_up(person=ben, days=7, now=now)
    shares = []
    for day in range(7):
        today = now + timedelta(days=day)
        queue = queries.queue(person=ben, now=today, limit=200)
        assert queue.is_catching_up
        assert queue.fresh == 0
        shares.append(queue.due)
        ReviewCard.objects.filter(pk__in=[card.pk for card in queue.cards]).update(due_at=now + timedelta(days=99))
    assert sum(shares) == 140
    assert max(shares) < 45
    assert queries.queue(person=ben, now=now + timedelta(days=7)).fresh == 1
    commands.end_catch_up(person=ben, now=now)
    assert not queries.queue(person=ben, now=now).is_catching_up


def test_what_becomes_due_while_catching_up_is_not_spread(ben, now):
    """Whatever its share would be: only what was left behind waits."""
    commands.catch_up(person=ben, days=7, now=now)
    later = {in_review(ben, due=now).pk for _ in range(40)}
    assert {card.pk for card in queries.queue(person=ben, now=now, limit=99).cards} == later
    left = [in_review(ben, due=datetime(2026, 11, 21, 2, 59, tzinfo=UTC)) for _ in range(40)]
    asked = {card.pk for card in queries.queue(person=ben, now=now, limit=99).cards}
    assert later < asked
    assert len(asked) < len(later) + len(left)


def test_sm2_orders_by_its_intervals(ben, now):
    short = in_review(ben, due=now - timedelta(days=3), interval=2, stability=None)
    long = in_review(ben, due=now - timedelta(days=3), interval=60, stability=None)
    Learner.objects.create(person=ben, algo="sm2", created_at=now)
    assert queries.queue(person=ben, now=now).cards == [long, short]


def test_nobody_is_asked_the_cards_of_others(ben, cleo, now):
    card = in_review(cleo, due=now)
    assert queries.queue(person=ben, now=now).cards == []
    with pytest.raises(ReviewCard.DoesNotExist):
        queries.card(viewer=ben, card_id=card.pk)
    with pytest.raises(ReviewCard.DoesNotExist):
        commands.put_away(person=ben, card_id=card.pk, now=now)


def test_the_number_of_queries_does_not_depend_on_the_cards(ben, now, django_assert_max_num_queries):
    for size in (3, 60):
        for _ in range(size):
            in_review(ben, due=now)
            CardFactory(person=ben)
        with django_assert_max_num_queries(10):
            queries.queue(person=ben, now=now)


def test_cards_are_added_once_and_in_their_order(ben, now, word):
    subjects = [*word("charyot"), *word("kyong-ye")]
    cards = commands.add_cards(person=ben, subjects=subjects, origin=CardOrigin.DECK, now=now)
    assert [(card.kind, card.direction) for card in cards] == [("term", each.direction) for each in subjects]
    commands.put_away(person=ben, card_id=cards[0].pk, now=now)
    again = commands.add_cards(person=ben, subjects=[*subjects, subjects[0]], origin=CardOrigin.LEARNER, now=now)
    assert again == cards
    assert ReviewCard.objects.filter(put_away_at__isnull=True, origin="deck").count() == 4


def test_what_the_handbook_does_not_have_is_refused_as_a_whole(ben, now, word):
    for wrong in (
        Subject("term", "nothing", "meaning"),
        Subject("step", "chon-ji", step_key="1"),
        Subject("house", "charyot"),
    ):
        with pytest.raises(commands.NoSuchSubject):
            commands.add_cards(person=ben, subjects=[*word("charyot"), wrong], origin=CardOrigin.DECK, now=now)
    assert not ReviewCard.objects.exists()


@given(st.lists(st.integers(), max_size=40), st.lists(st.integers(), max_size=40))
def test_mixing_loses_nothing_and_keeps_both_orders(reviews, fresh):
    mixed = queueing.mixed([("r", each) for each in reviews], [("n", each) for each in fresh])
    assert [each for kind, each in mixed if kind == "r"] == reviews
    assert [each for kind, each in mixed if kind == "n"] == fresh


@given(st.lists(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_of_siblings_the_first_stays(families, taken):
    kept = queueing.without_siblings(
        [queueing.Waiting(UUID(int=number), family) for number, family in enumerate(families)], taken=taken
    )
    assert [each.sibling for each in kept] == list(dict.fromkeys(each for each in families if each not in taken))


ZONES = [WARSAW, *map(ZoneInfo, ["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "UTC"])]


@given(st.timedeltas(timedelta(0), timedelta(days=3650)), st.sampled_from(ZONES))
def test_an_instant_lies_in_its_practice_day(later, zone):
    instant = datetime(2020, 1, 1, tzinfo=UTC) + later
    day = days.day_at(instant, zone)
    assert day.begins_at <= instant < day.ends_at
    assert days.day_of(day.ends_at, zone) == day.on + timedelta(days=1)


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 11, 1), 24)])
def test_days_of_clock_changes_are_shorter_and_longer(on, hours):
    begins = days.begins_at(on, WARSAW)
    assert days.begins_at(on + timedelta(days=1), WARSAW) - begins == timedelta(hours=hours)
