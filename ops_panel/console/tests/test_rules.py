from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_panel.console import rules

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
paces = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60).map(
    lambda figures: [(START + timedelta(minutes=n), good, failed) for n, (good, failed) in enumerate(figures)]
)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0:00"), (0, "0:00"), (7.9, "0:07"), (185, "3:05"), (3599, "59:59"), (3845, "1:04:05"), (90000, "25:00:00")],
)
def test_a_span_is_read_like_a_clock(seconds, said):
    assert rules.clock(seconds) == said


@pytest.mark.parametrize(
    ("error", "said"),
    [("", ""), ("\n \n", ""), ("it broke", "it broke"), ("Traceback:\n  File\nValueError: no\n\n", "ValueError: no")],
)
def test_the_last_line_says_what_went_wrong(error, said):
    assert rules.last_line(error) == said


@given(paces)
def test_every_bar_stays_in_the_drawing_and_bars_of_a_kind_are_on_one_scale(pace):
    drawn = rules.bars(pace)
    assert len(drawn) == sum((good > 0) + (failed > 0) for _, good, failed in pace)
    for bar in drawn:
        assert bar.x >= 0
        assert bar.x + bar.width <= rules.WIDTH + 0.01
        if bar.failed:
            assert bar.y == rules.UP
            assert 0 < bar.height <= rules.DOWN
        else:
            assert 0 <= bar.y < rules.UP
            assert bar.y + bar.height == pytest.approx(rules.UP, abs=0.02)


@given(paces)
def test_the_table_says_what_the_bars_say(pace):
    found = rules.stretches(pace)
    assert sum(each.good for each in found) == sum(good for _, good, _ in pace)
    assert sum(each.failed for each in found) == sum(failed for _, _, failed in pace)
    assert [each.shortest_ago for each in found] == list(range(0, len(pace), 5))
    if pace:
        assert found[-1].longest_ago == len(pace)
