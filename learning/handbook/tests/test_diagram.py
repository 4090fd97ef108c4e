"""The picture of a tul."""

import pytest

from learning.handbook import shelf
from learning.handbook.rules import diagram, floor
from learning.handbook.rules.floor import Move, Stand


def draw(*stands: Stand) -> diagram.Diagram:
    return diagram.draw(stands, floor.walk(stands), ready="narani-junbi-sogi")


FORWARD = Stand("gunnun-sogi", "left", "D", [Move("left", "D")])
TO_B = Stand("gunnun-sogi", "left", "B", [Move("left", "B")])
KICK = Stand("waebal-sogi", "left", "D")


def test_the_student_begins_with_the_feet_a_shoulder_width_apart_looking_up_the_page():
    start = draw(FORWARD).start
    assert (start.left.x, start.left.y, start.left.angle) == (-20, 0, 0)
    assert (start.right.x, start.right.y) == (20, 0)


def test_up_the_page_is_d_and_left_is_b():
    assert draw(FORWARD).frames[0].left.y == -60
    assert draw(TO_B).frames[0].left.x == -60


def test_soles_look_where_the_stance_looks():
    to_b = draw(TO_B).frames[0]
    assert to_b.left.angle == -90
    assert to_b.right.angle == -65  # the rear foot of a walking stance opens by 25 degrees


def test_feet_in_a_walking_stance_are_drawn_a_shoulder_width_apart_sideways():
    frame = draw(FORWARD).frames[0]
    assert frame.right.x - frame.left.x == 40


def test_a_kicking_foot_is_raised_ahead_of_the_standing_one():
    frame = draw(FORWARD, KICK).frames[1]
    assert frame.right.is_raised
    assert not frame.left.is_raised
    assert frame.right.y < frame.left.y


def test_a_step_on_the_spot_leaves_no_stroke():
    strokes = draw(FORWARD, Stand("gunnun-sogi", "left", "D")).strokes
    assert strokes[0].path.startswith("M")
    assert strokes[1].path == ""


def test_a_spot_where_many_steps_end_names_the_first_four():
    on_the_spot = [Stand("gunnun-sogi", "left", "D")] * 5
    assert [label.text for label in draw(FORWARD, *on_the_spot).numbers] == ["1 2 3 4 …"]


@pytest.mark.parametrize("tul", [tul for tul in shelf.read().tuls if tul.steps], ids=lambda tul: tul.slug)
def test_everything_of_a_tul_is_inside_its_picture(tul):
    drawn = diagram.draw([step.stand() for step in tul.steps], tul.path(), ready=tul.ready)
    assert len(drawn.frames) == len(drawn.strokes) == tul.movements
    for frame in drawn.frames:
        for sole in (frame.left, frame.right):
            assert drawn.left + 16 < sole.x < drawn.left + drawn.width - 16
            assert drawn.top + 16 < sole.y < drawn.top + drawn.height - 16
    for letter in drawn.letters:
        assert drawn.left < letter.x < drawn.left + drawn.width
        assert drawn.top < letter.y < drawn.top + drawn.height
