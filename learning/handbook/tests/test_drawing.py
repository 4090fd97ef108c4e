"""Drawing questions by chance out of the whole bank."""

from collections import Counter
from random import Random

from learning.handbook.rules import drawing
from learning.handbook.rules.drawing import Candidate

BANK = [Candidate(each, f"q-{each}", "") for each in range(40)]


def draw(chance, *, weights=None, n=5, bank=BANK):
    return drawing.drawn(bank, n=n, weights=weights or {}, roll=chance.random)


def test_over_the_whole_bank_and_each_as_often():
    chance = Random(7)
    times = Counter(each.slug for _ in range(2000) for each in draw(chance))
    assert len(times) == 40
    assert 190 < min(times.values()) <= max(times.values()) < 320  # 250 on average, give or take 15


def test_what_went_wrong_comes_more_often_but_nothing_never():
    chance = Random(8)
    weights = {"q-1": 4, "q-2": 2, "q-3": 0.5}
    times = Counter(each.slug for _ in range(4000) for each in draw(chance, weights=weights))
    assert times["q-1"] > 1.6 * times["q-2"] > 2.4 * times["q-4"]
    assert times["q-4"] > 1.6 * times["q-3"] > 0
    assert min(times.values()) > 0


def test_no_question_twice_and_all_of_a_small_bank():
    drawn = draw(Random(9), n=50)
    assert sorted(drawn) == sorted(BANK)
    assert drawn != BANK


def test_the_same_chance_draws_the_same():
    assert draw(Random(5)) == draw(Random(5)) != draw(Random(6))


def test_two_about_one_word_only_when_there_is_nothing_else():
    bank = [Candidate(each, f"q-{each}", f"term:word-{each // 3}") for each in range(12)]
    for seed in range(50):
        drawn = draw(Random(seed), n=6, bank=bank)
        assert len(drawn) == 6
        assert len({each.about for each in drawn[:4]}) == 4


def test_many_about_one_tul_may_come_together():
    bank = [Candidate(each, f"q-{each}", "tul:chon-ji") for each in range(12)]
    assert len({each.slug for each in draw(Random(1), n=5, bank=bank)}) == 5
