"""Belts: the numbers, their colours, and the words that are always shown with a colour."""

import pytest
from django.utils import translation

from project.foundation.belts import HIGHEST, LOWEST, Belt
from project.foundation.http.templatetags.house import belt

EVERY = range(LOWEST, HIGHEST - 1, -1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("number", "name", "words"),
    [
        (10, "10th kup", "white belt"),
        (9, "9th kup", "white belt, yellow tag"),
        (8, "8th kup", "yellow belt"),
        (7, "7th kup", "yellow belt, green tag"),
        (6, "6th kup", "green belt"),
        (5, "5th kup", "green belt, blue tag"),
        (4, "4th kup", "blue belt"),
        (3, "3rd kup", "blue belt, red tag"),
        (2, "2nd kup", "red belt"),
        (1, "1st kup", "red belt, black tag"),
        (0, "1st dan", "black belt"),
        (-1, "2nd dan", "black belt"),
        (-2, "3rd dan", "black belt"),
        (-3, "4th dan", "black belt"),
        (-4, "5th dan", "black belt"),
        (-5, "6th dan", "black belt"),
        (-6, "7th dan", "black belt"),
        (-7, "8th dan", "black belt"),
        (-8, "9th dan", "black belt"),
    ],
)
def test_every_belt_has_its_name_and_the_words_for_its_colours(number, name, words):
    shown = belt(number)
    assert (shown["number"], shown["name"], shown["words"]) == (number, name, words)
    assert [shown["colour"], *([shown["tag"]] if shown["tag"] else [])] == [
        word for word in words.replace(",", "").split() if word not in {"belt", "tag"}
    ]


def test_a_belt_is_a_kup_or_a_dan_and_never_both():
    assert [Belt(number).kup for number in EVERY] == [*range(10, 0, -1), *[None] * 9]
    assert [Belt(number).dan for number in EVERY] == [*[None] * 10, *range(1, 10)]


@pytest.mark.parametrize("number", [11, -9, 100])
def test_there_is_no_belt_beyond_the_lowest_and_the_highest(number):
    with pytest.raises(ValueError, match=f"there is no belt {number}"):
        Belt(number)


def test_a_number_from_an_address_is_understood_as_text():
    assert belt("7")["name"] == "7th kup"
