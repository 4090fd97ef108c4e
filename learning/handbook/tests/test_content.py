"""The shipped content is whole and true to the numbers of ITF Taekwon-Do."""

import pytest

from learning.handbook import shelf

MOVEMENTS = {
    "chon-ji": 19, "dan-gun": 21, "do-san": 24, "won-hyo": 28, "yul-gok": 38, "joong-gun": 32, "toi-gye": 37,
    "hwa-rang": 29, "choong-moo": 30, "kwang-gae": 39, "po-eun": 36, "ge-baek": 44, "eui-am": 45, "choong-jang": 52,
    "juche": 45, "sam-il": 33, "yoo-sin": 68, "choi-yong": 46, "yon-gae": 49, "ul-ji": 42, "moon-moo": 61, "so-san": 72,
    "se-jong": 24, "tong-il": 56,
}  # fmt: skip
IN_STEPS = {*list(MOVEMENTS)[:9], "saju-jirugi", "saju-makgi"}


@pytest.fixture(scope="module")
def content():
    return shelf.read()


def test_all_24_tuls_are_there_in_their_order_with_their_movements(content):
    tuls = {tul.slug: tul.movements for tul in content.tuls if tul.kind == "tul"}
    assert list(tuls.items()) == list(MOVEMENTS.items())


def test_the_colour_belt_tuls_and_the_four_direction_exercises_have_every_step(content):
    assert {tul.slug for tul in content.tuls if tul.steps} == IN_STEPS
    for tul in content.tuls:
        assert len(tul.steps) in {0, tul.movements}


def test_every_tul_means_something_in_three_languages(content):
    for tul in content.tuls:
        assert set(tul.meaning.as_dict()) == {"pl", "en", "ko"}


def test_every_tul_with_steps_ends_where_it_begins(content):
    assert all(tul.ends_at_start for tul in content.tuls if tul.steps)  # the entry itself checks the walk


def test_there_are_at_least_80_techniques_in_three_languages(content):
    assert len(content.techniques) >= 80
    for technique in content.techniques:
        assert technique.names.pl
        assert len(technique.key_points) >= 3
        assert all(point.pl for point in technique.key_points)


def test_there_is_a_syllabus_for_every_grading(content):
    assert [syllabus.belt for syllabus in content.syllabi] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_a_grading_asks_no_tul_of_a_later_belt(content):
    belts = {tul.slug: tul.belt for tul in content.tuls}
    for syllabus in content.syllabi:
        assert all(belts[slug] >= syllabus.belt for slug in syllabus.tuls)


def test_a_grading_asks_no_technique_of_a_later_belt(content):
    belts = {technique.slug: technique.min_belt for technique in content.techniques}
    for syllabus in content.syllabi:
        late = [slug for slug in syllabus.techniques if belts[slug] < syllabus.belt]
        assert late == [], f"{syllabus.belt}: {late}"


def test_a_kick_is_done_with_the_leg_one_does_not_stand_on(content):
    kicks = {technique.slug for technique in content.techniques if technique.category == "kick"}
    for tul in content.tuls:
        for number, step in enumerate(tul.steps, start=1):
            if step.technique in kicks and step.stance == "waebal-sogi":
                assert {step.side, step.stance_side} == {"left", "right"}, f"{tul.slug} {number}"
