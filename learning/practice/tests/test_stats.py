"""Statistics are what counting by hand gives; charts stand where they should."""

import random
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import uuid4
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from learning.practice import queries
from learning.practice.models import Fit, Learner, Retraction, Review, ReviewCard
from learning.practice.queries.stats import MATURE, cards_of, log_of
from learning.practice.rules import charts, curves
from learning.practice.rules.curves import Recalled
from learning.practice.rules.days import day_of
from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import Rating, Stage
from learning.practice.rules.streaks import runs

from .factories import CardFactory, LearnerFactory, ReviewFactory
from .progress_factories import practised

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


class TestTicks:
    @given(st.floats(1e-3, 1e9))
    def test_they_are_round_and_reach_the_highest(self, highest):
        marks = charts.ticks(highest)
        assert marks[0] == 0
        assert marks[-2] < highest * 1.001
        assert marks[-1] >= highest * 0.999
        steps = {round(after - before, 9) for before, after in pairwise(marks)}
        assert len({f"{step:.6g}" for step in steps}) == 1
        assert f"{steps.pop():.0e}"[0] in "125"
        assert 2 <= len(marks) <= 10

    def test_nothing_has_a_scale_too(self):
        assert charts.ticks(0) == [0.0, 1.0]

    def test_counted_things_have_no_halves(self):
        assert charts.whole_ticks(1) == [0, 1]
        assert all(each == int(each) for each in charts.whole_ticks(3))


class TestBars:
    @given(st.lists(st.integers(0, 10_000), max_size=60))
    def test_they_stand_in_the_field_beside_each_other(self, values):
        drawn = charts.bars(values)
        field = drawn.field
        for value, bar in zip(values, drawn.bars, strict=True):
            assert field.left <= bar.x
            assert bar.x + bar.width <= field.right + 0.2
            assert field.top - 0.2 <= bar.y
            assert abs(bar.y + bar.height - field.bottom) <= 0.2
            assert (bar.height == 0) == (value == 0) or bar.height < 0.1
        for before, after in pairwise(drawn.bars):
            assert before.x + before.width <= after.x + 0.2

    def test_twice_as_much_is_twice_as_high(self):
        low, high = charts.bars([50, 100]).bars
        assert high.height == pytest.approx(2 * low.height, abs=0.2)


class TestPlots:
    def test_what_is_more_is_higher(self):
        drawn = charts.plot([charts.Series([(0, 0.0), (10, 1.0)])])
        assert (
            drawn.lines[0].path
            == f"M{charts.LEFT} {charts.HEIGHT - charts.BOTTOM}L{charts.WIDTH - charts.RIGHT} {charts.TOP}"
        )

    def test_dots_say_how_much_they_stand_for_by_their_area(self):
        drawn = charts.plot([charts.Series([(1, 0.5), (2, 0.5)], [25, 100])])
        small, large = drawn.lines[0].dots
        assert (small.radius, large.radius) == (4, 6)

    def test_what_lies_below_stands_on_the_floor(self):
        (dot,) = charts.plot([charts.Series([(0, 0.1)], [1])], low=0.5).lines[0].dots
        assert dot.y == charts.HEIGHT - charts.BOTTOM

    def test_nothing_is_no_line(self):
        assert charts.plot([charts.Series([])]).lines[0] == charts.Line("", [])


class TestTheHeatmap:
    def test_weeks_are_columns_from_monday_down(self):
        drawn = charts.heatmap({}, today=TODAY)  # a Saturday
        assert drawn.squares[-1].day == TODAY
        assert drawn.squares[0].day.weekday() == 0
        assert len({square.x for square in drawn.squares}) == 53
        assert {square.y for square in drawn.squares if square.day.weekday() == 6} == {charts.MONTHS_HIGH + 6 * 15}
        assert len(drawn.squares) == 52 * 7 + 6

    @given(st.dictionaries(st.integers(0, 360).map(lambda back: TODAY - back * DAY), st.integers(0, 500)))
    def test_more_is_never_lighter(self, counts):
        squares = sorted(charts.heatmap(counts, today=TODAY).squares, key=lambda each: each.count)
        assert all(before.level <= after.level for before, after in pairwise(squares))
        assert all((square.level == 0) == (square.count == 0) for square in squares)
        assert all(square.level <= charts.LEVELS for square in squares)

    def test_every_day_is_drawn_once_in_the_layer_of_its_level(self):
        drawn = charts.heatmap({TODAY: 9, TODAY - timedelta(days=8): 1}, today=TODAY)
        where = {f"M{square.x + 1} {square.y + 1}h": square.level for square in drawn.squares}
        assert sum(path.count("z") for path in drawn.layers.values()) == len(drawn.squares)
        assert all(place in drawn.layers[level] for place, level in where.items())

    def test_every_month_is_named_once_where_it_begins(self):
        months = charts.heatmap({}, today=TODAY).months
        assert [each.first.month for each in months] == [12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]


class TestTheForgettingCurve:
    def test_too_few_cards_are_no_curve(self):
        assert curves.forgetting({}, fitted=None) is None
        assert curves.forgetting({"3": {1: Recalled(19, 19)}}, fitted=None) is None

    def test_only_cards_with_the_same_first_day_are_compared(self):
        found = curves.forgetting({"3": {1: Recalled(30, 27)}, "13": {1: Recalled(25, 5)}}, fitted=None)
        assert list(found.said) == [Rating.GOOD]
        assert [(each.days, each.share, each.number) for each in found.observed] == [(1, 0.9, 30)]
        assert found.fitted == []

    def test_the_model_is_the_schedulers(self):
        fitted = tuple(value * 1.05 if place < 4 else value for place, value in enumerate(DEFAULT))
        found = curves.forgetting({"3": {9: Recalled(30, 27)}}, fitted=fitted)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        for parameters, line in ((DEFAULT, found.default), (fitted, found.fitted)):
            scheduler = Fsrs(parameters)
            memory = scheduler.after(curves.UNSEEN, Rating.GOOD, at)
            assert [share for _, share in line] == [scheduler.recall(memory, at + day * DAY) for day in range(10)]

    @given(st.dictionaries(st.integers(1, 400), st.integers(1, 50).map(lambda n: Recalled(n, n // 2)), min_size=1))
    def test_bins_hold_every_card_once(self, found):
        points = curves.binned(found)
        assert sum(each.number for each in points) == sum(each.asked for each in found.values())
        assert all(each.first <= each.days <= each.last for each in points)
        assert all(before.last < after.first for before, after in pairwise(points))


def counted_by_hand(log, zone):
    """The same as log_of, from (card, at, rating, duration) of every review that counts."""
    reviews, seconds = Counter(), Counter()
    young, mature, firsts = defaultdict(Recalled), defaultdict(Recalled), defaultdict(Recalled)
    by_card = defaultdict(lambda: defaultdict(list))
    for card, at, rating, duration in sorted(log, key=lambda row: (row[1], row[2])):
        day = day_of(at, zone)
        reviews[day] += 1
        seconds[day] += duration / 1000
        by_card[card][day].append(rating)
    for days in by_card.values():
        for place, (before, day) in enumerate(pairwise(sorted(days))):
            known, rested = Recalled(1, int(days[day][0] > 1)), (day - before).days
            month = day.replace(day=1)
            kind = mature if rested >= MATURE else young
            kind[month] = kind[month].plus(known)
            if place == 0:
                key = ("".join(map(str, days[before])), rested)
                firsts[key] = firsts[key].plus(known)
    return reviews, seconds, young, mature, firsts


@pytest.mark.django_db
class TestTheLog:
    @pytest.mark.parametrize("zone", ["Europe/Warsaw", "Asia/Seoul", "America/Los_Angeles", "Australia/Lord_Howe"])
    def test_it_is_what_counting_by_hand_gives(self, ben, cleo, zone):
        ben.time_zone = zone
        ben.save()
        dice = random.Random(zone)
        log = []
        for _ in range(12):
            card = CardFactory(person=ben)
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=dice.random() * 5000)
            for _ in range(9):
                rating, duration = dice.randint(1, 4), dice.randrange(60_000)
                review = ReviewFactory(card=card, rating=rating, reviewed_at=at, duration=duration)
                if dice.random() < 0.15:
                    Retraction.objects.create(person=ben, review_client_id=review.client_id, retracted_at=at)
                else:
                    log.append((card.pk, at, rating, duration))
                at += timedelta(hours=dice.choice([0.2, 1, 9, 26, 80, 700]))
        ReviewFactory(card=CardFactory(person=cleo))
        found = log_of(person=ben)
        reviews, seconds, young, mature, firsts = counted_by_hand(log, ZoneInfo(zone))
        assert found.reviews == reviews
        assert found.seconds == pytest.approx(seconds)
        assert {each.first: each.young for each in found.months if each.young.asked} == young
        assert {each.first: each.mature for each in found.months if each.mature.asked} == mature
        assert {(said, rested): each for said, days in found.firsts.items() for rested, each in days.items()} == firsts

    def test_what_was_taken_back_before_it_came_does_not_count(self, ben):
        review = ReviewFactory.build(card=CardFactory(person=ben))
        Retraction.objects.create(person=ben, review_client_id=review.client_id, retracted_at=review.reviewed_at)
        review.save()
        assert log_of(person=ben).total == 0

    def test_a_review_at_three_in_the_night_is_of_the_day_before(self, ben):
        at = datetime(2026, 11, 21, 3, 59, tzinfo=ZoneInfo("Europe/Warsaw"))
        ReviewFactory(card=CardFactory(person=ben), reviewed_at=at)
        assert list(log_of(person=ben).reviews) == [date(2026, 11, 20)]


@pytest.mark.django_db
class TestTheCards:
    def make(self, person, **columns):
        card = CardFactory(person=person)
        at = datetime(2026, 11, 21, 9, tzinfo=UTC)
        values = {"stage": Stage.REVIEW, "reviews": 1, "reviewed_at": at, "due_at": at, "stability": 10.0} | columns
        ReviewCard.objects.filter(pk=card.pk).update(**values)
        return card

    def test_each_is_counted_where_it_belongs(self, ben, cleo):
        at = datetime(2026, 11, 21, 9, tzinfo=UTC)
        CardFactory(person=ben)
        self.make(ben, due_at=at - 20 * DAY)  # late: today
        self.make(ben, due_at=at, stability=0.5)
        self.make(ben, due_at=at + DAY, stability=365.0)
        self.make(ben, due_at=at + 29 * DAY, stability=None, interval=30)
        self.make(ben, due_at=at + 30 * DAY, stability=29.9)
        self.make(ben, stage=Stage.RELEARNING, stability=500.0)
        self.make(ben, put_away_at=at)
        self.make(cleo)
        found = cards_of(person=ben)
        assert (found.total, found.new, found.learning, found.review) == (7, 1, 1, 5)
        assert found.stabilities == [1, 0, 0, 1, 1, 1, 0, 0, 0, 1]

    def test_the_days_ahead_begin_with_what_waits_today(self, ben, now):
        late, day_after, last, beyond = (now + days * DAY for days in (-20, 1, 29, 30))
        for due_at in (late, late, now, day_after, last, beyond):
            self.make(ben, due_at=due_at)
        CardFactory(person=ben)
        found = queries.stats(person=ben, now=now)
        assert [(days, number) for days, number in enumerate(found.ahead) if number] == [(0, 4), (1, 1), (29, 1)]
        assert found.ahead[0] == queries.queue(person=ben, now=now).total
        assert len(found.ahead) == 30

    def test_the_days_ahead_are_the_learners(self, ben):
        ben.time_zone = "Asia/Seoul"
        ben.save()
        self.make(ben, due_at=datetime(2026, 11, 22, 18, 59, tzinfo=UTC))  # before four in the morning of the 23rd
        self.make(ben, due_at=datetime(2026, 11, 22, 19, 0, tzinfo=UTC))
        found = queries.stats(person=ben, now=datetime(2026, 11, 22, 9, tzinfo=UTC))
        assert list(found.ahead[:2]) == [1, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_the_database_finds_the_same_runs_as_the_rule(ben, seed):
    dice = random.Random(seed)
    days = {TODAY - DAY * dice.randrange(60) for _ in range(30)}
    for day in days:
        practised(ben, last=day, days=1)
    assert queries.runs(person=ben) == {queries.WHOLE: runs(days)}


@pytest.fixture
def full(ben):
    """A learner with some months of reviews, a fit, and a card of every kind."""
    now = timezone.now()
    LearnerFactory(person=ben, parameters=list(DEFAULT))
    for number in range(24):
        card = CardFactory(person=ben)
        for back, rating in ((60, 3), (57, 3 if number % 5 else 1), (20, 3), (3, 4)):
            ReviewFactory(card=card, rating=rating, reviewed_at=now - back * DAY, duration=4000)
        ReviewCard.objects.filter(pk=card.pk).update(
            stage=Stage.REVIEW, reviews=4, reviewed_at=now, due_at=now + number * DAY, stability=number + 0.5
        )
    Fit.objects.create(
        person=ben, fitted_at=now, reviews=400, parameters=list(DEFAULT), log_loss_default=0.4417,
        log_loss_fitted=0.4389, is_used=True,
    )  # fmt: skip
    return ben


@pytest.mark.django_db
class TestThePage:
    URL = "/practise/statistics/"

    def test_somebody_who_has_not_begun_is_told_what_to_do(self, signed_in):
        text = signed_in.get(self.URL).content.decode()
        assert "Nothing to count yet" in text
        assert '<svg class="heat"' not in text

    def test_every_chart_is_named_described_and_a_table_too(self, signed_in, full):
        text = signed_in.get(self.URL).content.decode()
        drawings = re.findall(r"<svg[^>]*role=\"img\".*?</svg>", text, re.DOTALL)
        assert len(drawings) == 6
        for drawing in drawings:
            root = ElementTree.fromstring(drawing)
            assert root.find("title").text.strip()
            assert root.find("desc").text.strip()
            labels = root.get("aria-labelledby").split()
            assert labels == [root.find("title").get("id"), root.find("desc").get("id")]
        assert text.count("<caption") == 7
        assert "0.4389" in text
        assert "style=" not in text.split("<main", 1)[1].split("</main>")[0]

    @pytest.mark.parametrize("language", ["pl", "ko", "en"])
    def test_numbers_for_people_are_localised_and_numbers_for_drawings_are_not(self, client, full, language):
        full.locale = language
        full.save()
        client.force_login(full)
        text = client.get(self.URL).content.decode()
        assert ("0,4389" if language == "pl" else "0.4389") in text
        for name in ("x", "y", "width", "height", "cx", "cy", "r", "x1", "y1"):
            assert not re.search(rf' {name}="[^"]*,[^"]*"', text), name

    def test_the_axes_say_what_they_count(self, signed_in, full):
        text = signed_in.get(self.URL).text
        assert [text.count(f'">{word}</text>') for word in ("minutes", "cards", "days")] == [1, 2, 2]

    @pytest.mark.parametrize("language", ["pl", "ko", "en"])
    def test_shares_are_written_in_one_way(self, client, full, language):
        full.locale = language
        full.save()
        client.force_login(full)
        text = client.get(self.URL).text
        assert re.search(r'">\d+%</text>', text)
        assert not re.search(r"\d\s%", text)

    def test_thousands_are_apart_everywhere(self, signed_in, full):
        card = ReviewCard.objects.first()
        Review.objects.bulk_create(
            Review(
                person=full, card=card, client_id=uuid4(), rating=3, reviewed_at=at, corrected_at=at, accepted_at=at,
                duration=1, source="practice",
            )
            for at in [timezone.now() - DAY] * 1000
        )  # fmt: skip
        ReviewCard.objects.filter(pk=card.pk).update(stability=1.5)
        text = signed_in.get(self.URL).text
        assert text.count("1,096") > 1
        assert "1,000" in text
        assert not re.search(r">\s*(1096|1000)\s*<", text)

    def test_what_is_past_its_first_minutes_is_in_review_and_not_known_for_days(self, signed_in, full):
        assert "24 in review" in signed_in.get(self.URL).text

    def test_the_model_says_how_it_stands(self, signed_in, full):
        """Three times nothing is fitted, each for another reason."""

        def said():
            text = signed_in.get(self.URL).text
            return [each for each in (few, tonight, defaults, never) if each in text]

        few, tonight = "96 of 400 reviews", "it is fitted tonight"
        defaults, never = "The defaults predict you as well", "SM-2 is not fitted"

        assert said() == []
        Learner.objects.update(parameters=None)
        Fit.objects.update(is_used=False)
        assert said() == [defaults]
        Fit.objects.all().delete()
        assert said() == [few]
        card = ReviewCard.objects.first()
        for number in range(304):
            ReviewFactory(card=card, reviewed_at=timezone.now() - timedelta(minutes=number))
        assert said() == [tonight]
        Learner.objects.update(algo="sm2")
        assert said() == [never]

    def test_much_costs_as_many_queries_as_little(self, signed_in, full):
        def asked():
            with CaptureQueriesContext(
                connection,
            ) as found:
                assert signed_in.get(self.URL).status_code == 200
            return len(found)

        few = asked()
        for _ in range(30):
            ReviewFactory(card=CardFactory(person=full), reviewed_at=timezone.now() - DAY)
        # Who asks, how they practise, the log, the cards, the fits, the days; the queue of today, and what comes later.
        assert asked() == few == 12
