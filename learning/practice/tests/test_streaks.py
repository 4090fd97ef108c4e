"""Streaks are worked out from the days practised, over changes of the clock and travels."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.practice.rules.days import day_of
from learning.practice.rules.streaks import Run, Streak, runs, streak

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
days_around = st.lists(st.integers(-40, 0).map(lambda back: TODAY + back * DAY))


def days_back(*back):
    return [TODAY - each * DAY for each in back]


@pytest.mark.parametrize(
    ("practised", "expected"),
    [
        ([], Streak(0, 0, False)),
        (days_back(0), Streak(1, 1, True)),
        (days_back(1), Streak(1, 1, False)),
        (days_back(0, 1, 2), Streak(3, 3, True)),
        (days_back(1, 2, 3), Streak(3, 3, False)),
        (days_back(2, 3, 4), Streak(0, 3, False)),
        (days_back(0, 2, 3, 4), Streak(1, 3, True)),
        (days_back(0, 1, 5, 6, 7, 8), Streak(2, 4, True)),
    ],
)  # fmt: skip
def test_today_does_not_break_it_before_it_is_over(practised, expected):
    assert streak(runs(practised), today=TODAY) == expected


@given(days_around, st.randoms())
def test_order_and_repetition_do_not_matter(days, dice):
    told = days * 2
    dice.shuffle(told)
    assert runs(told) == runs(days)


@given(days_around)
def test_it_is_what_counting_day_by_day_gives(days):
    practised = set(days)
    current, day = 0, TODAY if TODAY in practised else TODAY - DAY
    while day in practised:
        current, day = current + 1, day - DAY
    found = streak(runs(days), today=TODAY)
    assert found.current == current
    assert found.longest >= current
    assert found.practised_today == (TODAY in practised)
    assert sum(run.days for run in runs(days)) == len(practised)


@given(days_around, st.integers(1, 39))
def test_what_a_phone_tells_late_never_shortens_it(days, back):
    before, after = (streak(runs(each), today=TODAY) for each in (days, [*days, TODAY - back * DAY]))
    assert after.current >= before.current
    assert after.longest >= before.longest


def test_a_day_that_is_filled_late_joins_two_runs():
    assert streak(runs(days_back(0, 1, 3, 4)), today=TODAY).current == 2
    assert streak(runs(days_back(0, 1, 2, 3, 4)), today=TODAY).current == 5


class TestTravels:
    def test_who_flies_west_over_the_line_loses_no_day(self):
        """Practised on the evening of the 21st in Seoul, landed in Los Angeles on the morning of the 20th."""
        seoul, angeles = ZoneInfo("Asia/Seoul"), ZoneInfo("America/Los_Angeles")
        evenings = [datetime(2026, 11, each, 11, tzinfo=UTC) for each in (19, 20, 21)]
        days = [day_of(each, seoul) for each in evenings]
        landed = day_of(evenings[-1] + timedelta(hours=1), angeles)
        assert landed == days[-1] or landed == days[-1] - DAY
        assert streak(runs(days), today=landed).current == 3

    def test_who_flies_east_has_until_the_end_of_the_next_day(self):
        """The last evening was the 20th in Los Angeles; in Seoul it is the 21st at once."""
        assert streak(runs(days_back(1, 2)), today=TODAY).current == 2

    def test_a_clock_that_is_weeks_ahead_gives_nothing(self):
        ahead = [TODAY + each * DAY for each in range(10, 20)]
        assert streak(runs(ahead), today=TODAY) == Streak(0, 0, False)

    def test_a_run_into_the_future_counts_up_to_tomorrow(self):
        assert streak([Run(TODAY, TODAY + 9 * DAY)], today=TODAY).current == 2


@pytest.mark.parametrize(
    ("zone", "first_night"),
    [
        ("Europe/Warsaw", date(2026, 3, 28)),  # to summer time
        ("Europe/Warsaw", date(2026, 10, 24)),  # and back
        ("America/New_York", date(2026, 3, 7)),
        ("Australia/Lord_Howe", date(2026, 4, 4)),  # by half an hour
        ("Asia/Seoul", date(2026, 3, 28)),  # never
    ],
)
def test_practising_late_every_night_is_one_day_each_when_the_clock_changes(zone, first_night):
    """At half past one and a minute before four by the clock on the wall: still the evening before."""
    place = ZoneInfo(zone)
    nights = [first_night + each * DAY for each in range(4)]
    at = [datetime(n.year, n.month, n.day, h, m, tzinfo=place) for n in nights for h, m in ((1, 30), (3, 59))]
    days = [day_of(each.astimezone(UTC), place) for each in at]
    assert set(days) == {night - DAY for night in nights}
    assert streak(runs(days), today=nights[-1]).current == 4
    assert day_of(datetime(first_night.year, first_night.month, first_night.day, 4, tzinfo=place), place) == first_night
