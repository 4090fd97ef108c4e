"""Where the feet stand after a step."""

from math import hypot, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.handbook.rules import floor
from learning.handbook.rules.floor import Feet, Move, Point, Stand


def feet(left: tuple[float, float], right: tuple[float, float]) -> Feet:
    return Feet(Point(*left), Point(*right))


def walking(side: floor.Foot, facing: str, *moves: Move) -> Stand:
    return Stand("gunnun-sogi", side, facing, moves)


def test_a_left_walking_stance_puts_the_left_foot_one_and_a_half_shoulder_widths_ahead():
    assert floor.place(floor.START, walking("left", "B", Move("left", "B"))) == feet((-1.5, 0), (0, 0))


def test_a_right_l_stance_has_the_left_foot_in_front():
    stand = Stand("niunja-sogi", "right", "A", [Move("left", "A")])
    assert floor.place(floor.START, stand) == feet((1.5, 0), (0, 0))


def test_a_sitting_stance_stands_across_the_way_it_looks():
    stand = Stand("annun-sogi", None, "D", [Move("left", "B")])
    assert floor.place(floor.START, stand) == feet((-1.5, 0), (0, 0))


def test_a_step_back_puts_the_moving_foot_behind():
    stand = walking("left", "D", Move("right", "C"))
    assert floor.place(feet((0, 3), (0, 4.5)), stand) == feet((0, 3), (0, 1.5))


def test_a_foot_put_down_first_is_where_the_next_one_measures_from():
    stand = Stand("dwitbal-sogi", "left", "B", [Move("left", "B", 1.5), Move("right", "B")])
    placed = floor.place(floor.START, stand)
    assert placed == feet((-1.5, 0), (-2.5, 0))


def test_a_slide_carries_both_feet_and_lands_in_the_stance():
    stand = Stand("niunja-sogi", "right", "D", [Move("both", "D", 1)])
    assert floor.place(feet((0, 1.5), (0, 0)), stand) == feet((0, 2.5), (0, 1))


def test_a_kick_leaves_the_raised_foot_where_it_was():
    before = feet((0, 1.5), (0, 0))
    assert floor.place(before, Stand("waebal-sogi", "left", "D")) == before


def test_a_foot_that_goes_against_its_word_is_refused():
    with pytest.raises(floor.Impossible, match=r"said to move to A but ends 1\.50 the other way"):
        floor.place(floor.START, walking("left", "B", Move("left", "A")))


def test_slipping_on_the_spot_is_allowed():
    before = feet((-1.5, 0), (0, 0))
    assert floor.place(before, Stand("gojung-sogi", "left", "B", [Move("left", "B")])) == before


def test_an_earlier_move_must_say_how_far():
    with pytest.raises(floor.Impossible, match="how far"):
        floor.place(floor.START, walking("left", "B", Move("right", "D"), Move("left", "B")))


def test_a_stance_the_floor_does_not_know_is_named():
    with pytest.raises(floor.Impossible, match="handstand"):
        floor.place(floor.START, Stand("handstand", None, "D"))


def test_a_stance_with_a_front_foot_needs_a_side():
    with pytest.raises(floor.Impossible, match="needs a side"):
        floor.place(floor.START, Stand("gunnun-sogi", None, "D", [Move("left", "D")]))


def test_a_walk_names_the_step_that_cannot_be_done():
    with pytest.raises(floor.Impossible, match="step 2: "):
        floor.walk([walking("left", "D", Move("left", "D")), walking("right", "D", Move("right", "C"))])


def test_the_closing_foot_comes_beside_the_other():
    assert floor.close(feet((0, 1.5), (0, 0)), "left") == floor.START


@pytest.mark.parametrize(("away", "counts"), [(0, True), (1.0, True), (1.01, False)])
def test_ending_within_a_shoulder_width_counts_as_ending_where_it_began(away, counts):
    assert floor.ends_at_start(feet((0, away), (0, away))) is counts


headings = st.sampled_from(sorted(floor.HEADINGS))
sides = st.sampled_from(["left", "right"])
two_sided = st.sampled_from(
    sorted(name for name, shape in floor.SHAPES.items() if shape.named_after and not shape.one_leg)
)


@given(st.lists(st.tuples(two_sided, sides, headings, sides), min_size=1, max_size=40))
def test_whatever_is_walked_the_feet_stand_as_far_apart_as_the_last_stance_says(walk):
    placed = floor.START
    for stance, side, facing, moving in walk:
        placed = floor.place(placed, Stand(stance, side, facing, [Move(moving)]))
        apart = hypot(placed.left.x - placed.right.x, placed.left.y - placed.right.y)
        assert isclose(apart, floor.SHAPES[stance].length, abs_tol=1e-9)


@given(st.lists(st.tuples(sides, headings), min_size=1, max_size=30))
def test_only_the_moving_foot_moves(walk):
    placed = floor.START
    for moving, facing in walk:
        after = floor.place(placed, walking("left", facing, Move(moving)))
        assert after.at(floor.other(moving)) == placed.at(floor.other(moving))
        placed = after


@given(st.lists(st.tuples(sides, headings), min_size=1, max_size=30))
def test_a_mirrored_walk_is_the_mirror_of_the_walk(walk):
    swap = {"A": "B", "B": "A", "AC": "BC", "BC": "AC", "AD": "BD", "BD": "AD", "C": "C", "D": "D"}
    here = floor.walk(walking(side, facing, Move(side)) for side, facing in walk)
    there = floor.walk(walking(floor.other(side), swap[facing], Move(floor.other(side))) for side, facing in walk)
    for a, b in zip(here, there, strict=True):
        assert isclose(a.left.x, -b.right.x, abs_tol=1e-9)
        assert isclose(a.left.y, b.right.y, abs_tol=1e-9)
