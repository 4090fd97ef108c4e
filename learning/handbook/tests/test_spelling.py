"""Four ways of writing one name, and what divides two of them."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from learning.handbook.rules import ranking, spelling
from learning.handbook.rules.spelling import normalised, slipped, slips, sound, words

LETTERS = st.text("abcdefghiklmnoprstuwyz", min_size=1, max_size=12)


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


class TestHangul:
    @pytest.mark.parametrize("typed", ["ㅇ", "아", "앞", "앞ㅊ", "앞차", "앞착", "앞차기"])
    def test_every_state_of_the_input_method_begins_the_word(self, typed):
        assert words("앞차기")[0].startswith(words(typed)[0])

    def test_a_word_is_found_from_each_of_its_syllables(self):
        found = spelling.lexemes(names=["앞차기"], romans=[], tags=[], body=[])
        assert {words("앞차기")[0], words("차기")[0], words("기")[0]} <= set(found)


class TestSound:
    @pytest.mark.parametrize(
        "spellings",
        [
            "gunnun gunnon gunun kunnun geonneun",
            "dollyo dolyo doryo dollyeo tollyo",
            "sogi seogi soki",
            "chagi cagi jagi czagi",
            "jirugi jireugi chirugi zirugi",
            "makgi maki makki maggi",
            "joong jung choong chung",
            "moo mu",
            "joomuk jumeok jumok chumuk",
            "yop yeop yob",
            "hyong hyung hyeong",
            "sabum sabeom saboom",
            "taekwon-do taekwondo tekwondo",
        ],
    )
    def test_the_usual_spellings_of_one_word_sound_alike(self, spellings):
        heard = {sound("".join(words(each))) for each in spellings.split()}
        assert len(heard) == 1
        assert "" not in heard

    @pytest.mark.parametrize("pair", ["ap yop", "an bakat", "chagi makgi", "sonkal palmok", "gunnun niunja"])
    def test_different_words_sound_different(self, pair):
        one, other = pair.split()
        assert sound(one) != sound(other)

    def test_hangul_is_read_not_heard(self):
        assert sound("차기") == ""


class TestSlips:
    @given(LETTERS.filter(lambda word: len(word) > 2), st.randoms(use_true_random=False), st.sampled_from("awsx"))
    def test_one_slip_never_hides_a_word(self, word, dice, kind):
        typed = slip(word, dice, kind)
        assume(len(typed) > 2)
        assert set(slips(typed)) & set(slips(word))
        assert slipped(typed, word) <= 1

    @given(LETTERS, LETTERS)
    def test_slips_are_counted_the_same_both_ways(self, one, other):
        assert slipped(one, other) == slipped(other, one)
        assert (slipped(one, other) == 0) == (one == other)

    @pytest.mark.parametrize(
        ("typed", "known", "meant"),
        [
            ("postwa", ["postawa", "podstawa"], ["postawa"]),
            ("sgoi", ["sogi", "soga"], ["sogi"]),
            ("abc", ["xyz"], []),
            ("kopniecei", ["kopniecie", "kopniecia"], ["kopniecie"]),
            ("word", [], []),
        ],
    )
    def test_the_nearest_word_was_meant(self, typed, known, meant):
        assert spelling.corrections(typed, known) == meant


def slip(word: str, dice: random.Random, kind: str) -> str:
    """One letter added, wrong, swapped with its neighbour, or left out."""
    at = dice.randrange(len(word))
    match kind:
        case "a":
            return word[:at] + dice.choice("abcde") + word[at:]
        case "w":
            return word[:at] + dice.choice("abcde") + word[at + 1 :]
        case "s":
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :]


class TestNearness:
    def near(self, typed, *names):
        spelt = [" ".join(words(each)) for each in names]
        spelt += ["=" + " ".join(map(sound, words(each))) for each in names]
        return ranking.nearness(words(typed), spelt)

    def test_the_steps_from_exact_to_elsewhere(self):
        typed = [
            ("gunnun sogi", ranking.EXACT),
            ("gunnunsogi", ranking.EXACT),
            ("kunnun seogi", ranking.SOUNDS_EXACT),
            ("gunnun so", ranking.BEGINS),
            ("kunnun so", ranking.SOUNDS_BEGUN),
            ("sogi", ranking.HAS_WORDS),
            ("seogi", ranking.SOUNDS_WORDS),
            ("chagi", ranking.ELSEWHERE),
        ]
        assert [self.near(each, "gunnun sogi")[0] for each, _ in typed] == [step for _, step in typed]

    def test_the_nearest_of_several_names_counts(self):
        assert self.near("wiosna", "postawa", "wiosna ludów")[0] == ranking.BEGINS


class TestMarks:
    def told(self, text, typed):
        return "".join(f"[{each.text}]" if each.is_meant else each.text for each in ranking.marked(text, words(typed)))

    @pytest.mark.parametrize(
        ("text", "typed", "told"),
        [
            ("Dollyo chagi", "dolyo", "[Dollyo] chagi"),
            ("turning kick", "kic", "turning [kic]k"),
            ("kopnięcie okrężne", "kopniecie", "[kopnięcie] okrężne"),
            ("앞차부수기", "차부", "[앞차부수기]"),
            ("a <b> & c", "b", "a <[b]> & c"),
            ("nothing", "", "nothing"),
        ],
    )
    def test_the_words_that_answer_are_marked(self, text, typed, told):
        assert self.told(text, typed) == told

    @given(st.text(max_size=80), st.text(max_size=20))
    def test_marking_loses_nothing(self, text, typed):
        assert "".join(each.text for each in ranking.marked(text, words(typed))) == text

    @given(st.text(max_size=400), st.text(max_size=20))
    def test_an_excerpt_is_short(self, text, typed):
        assert len(ranking.excerpt(" ".join(text.split()), words(typed))) <= 400

    def test_an_excerpt_shows_where_the_word_is(self):
        text = "lorem " * 100 + "courtesy " + "ipsum " * 100
        found = ranking.excerpt(text, ["courtesy"])
        assert "courtesy" in found
        assert found.startswith("… ")
        assert found.endswith(" …")
        assert len(found) < 230


@given(st.text())
def test_whatever_is_typed_makes_a_query_and_a_vector(text):
    typed = words(text)[: spelling.MOST_WORDS]
    found = spelling.lexemes(names=[text], romans=[text], tags=[text], body=[text])
    assert "\x00" not in spelling.as_vector(found)
    if typed:
        assert spelling.whole_name(typed)
        assert spelling.every_word([[word] for word in typed], weights="")
