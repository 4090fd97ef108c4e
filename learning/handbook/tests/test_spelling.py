import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.handbook.rules.spelling import normalised, search_text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  Chon-Ji ", "chon ji"),
        ("Pięść", "piesc"),
        ("ŁOKIEĆ", "lokiec"),
        ("앞차기", "앞차기"),
        ("an_palmok's", "an palmok s"),
        ("", ""),
        ("- -", ""),
    ],
)
def test_spellings_are_brought_together(typed, meant):
    assert normalised(typed) == meant


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalised(normalised(text)) == normalised(text)


def test_a_thing_is_found_by_each_of_its_names_once():
    assert search_text(["Ap Chagi", "ap-chagi", "", "앞차기"]) == "ap chagi | 앞차기"
