"""How quizzes are drawn, frozen, marked and told: rules without a database."""

from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.handbook.tests.question_factories import KINDS, TEXT, question_entry, said
from learning.practice.models import QuizMode
from learning.practice.rules import marking, quizzes
from learning.practice.rules.marking import Flaw, flaw, told
from learning.practice.rules.quizzes import Choice, Frozen, Spot, freeze, score
from learning.practice.tests.quiz_factories import right, wrong


@dataclass(frozen=True)
class Option:
    text: dict[str, str]
    pair: dict[str, str] | None
    is_right: bool


@dataclass(frozen=True)
class Question:
    slug: str
    kind: str
    options: list[Option]
    answers: list[str]
    about: tuple[str, str, dict[str, str]] | None = ("term", "charyot", TEXT)
    media: dict[str, object] | None = None
    prompt = TEXT
    explanation = TEXT
    source = "Encyclopedia"


def asked(kind, **fields):
    entry = question_entry("q", kind=kind)
    options = [
        Option(each.text.as_dict(), each.pair.as_dict() if each.pair else None, each.right) for each in entry.options
    ]
    return Question("q", kind, options, list(entry.answers), **fields)


def same_word(typed, accepted):
    return typed in accepted


def is_right(question, answer):
    return marking.is_right(question, answer, same_word=same_word)


frozen_ones = st.builds(
    lambda kind, seed, media: freeze(asked(kind, media=media), Random(seed).random),
    st.sampled_from(KINDS),
    st.integers(0, 10_000),
    st.sampled_from([None, {"url": "/a.svg", "alt": TEXT}]),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=5) | st.tuples(inner, inner),
    max_leaves=8,
)


class TestFreezing:
    def test_every_mode_knows_its_modules(self):
        assert set(quizzes.MODULES) == set(QuizMode.values)

    @given(frozen_ones)
    def test_what_is_frozen_comes_back_from_the_database_as_it_was(self, question):
        assert Frozen.of_json(question.as_json()) == question

    @given(frozen_ones)
    def test_options_are_numbered_as_they_are_shown(self, question):
        assert [each.number for each in question.options] == list(range(1, len(question.options) + 1))
        assert [each.number for each in question.partners] == list(range(1, len(question.partners) + 1))

    @given(st.integers(0, 10_000))
    def test_right_stays_right_wherever_it_is_shown(self, seed):
        question = freeze(asked("multiple"), Random(seed).random)
        assert {question.option(number)["en"] for number in question.right} == {"ap", "yop"}
        question = freeze(asked("order"), Random(seed).random)
        assert [question.option(number)["en"] for number in question.right] == ["ap", "yop", "dwit"]
        question = freeze(asked("match"), Random(seed).random)
        pairs = {(question.option(a)["en"], question.partner(b)["en"]) for a, b in question.right}
        assert pairs == {("ap", "A"), ("yop", "B"), ("dwit", "C")}

    @given(st.integers(0, 10_000))
    def test_what_is_to_be_put_in_order_never_stands_in_order(self, seed):
        question = freeze(asked("order"), Random(seed).random)
        assert question.right != [1, 2, 3]

    def test_the_right_option_stands_everywhere(self):
        chance = Random(3)
        places = Counter(freeze(asked("single"), chance.random).right[0] for _ in range(600))
        assert set(places) == {1, 2, 3}
        assert min(places.values()) > 140

    def test_partners_do_not_stand_beside_their_options_by_habit(self):
        chance = Random(4)
        met = Counter(tuple(b for _, b in freeze(asked("match"), chance.random).right) for _ in range(600))
        assert len(met) == 6
        assert min(met.values()) > 60


class TestMarking:
    @given(frozen_ones)
    def test_what_is_right_is_right_and_what_is_wrong_is_not(self, question):
        assert flaw(question, right(question)) is None
        assert flaw(question, wrong(question)) is None
        assert is_right(question, right(question))
        assert not is_right(question, wrong(question))

    @given(frozen_ones, st.randoms())
    def test_the_order_in_which_options_were_touched_does_not_matter(self, question, chance):
        if question.kind in {"multiple", "match"}:
            answer = right(question)
            chance.shuffle(answer)
            assert is_right(question, answer)

    @given(frozen_ones, anything)
    def test_whatever_arrives_is_refused_or_marked(self, question, answer):
        if flaw(question, answer) is None:
            assert is_right(question, answer) in {True, False}
            assert told(question, answer)

    @given(frozen_ones, st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
    def test_of_all_choices_exactly_one_is_right(self, question, numbers):
        if question.kind in {"single", "multiple"} and flaw(question, numbers) is None:
            assert is_right(question, numbers) == (set(numbers) == set(question.right))

    @pytest.mark.parametrize(
        ("kind", "answer", "why"),
        [
            ("single", [], Flaw.NOTHING), ("single", [1, 2], Flaw.NOT_ONE), ("single", [4], Flaw.UNKNOWN),
            ("single", [0], Flaw.UNKNOWN), ("single", [True], Flaw.SHAPE), ("single", "1", Flaw.SHAPE),
            ("single", ["1"], Flaw.SHAPE), ("multiple", [1, 1], Flaw.TWICE), ("multiple", None, Flaw.SHAPE),
            ("order", [1, 2], Flaw.NOT_ALL), ("order", [1, 2, 2], Flaw.TWICE), ("order", [1, 2, 4], Flaw.UNKNOWN),
            ("match", [[1, 1]], Flaw.NOT_ALL), ("match", [[1, 1], [2, 1], [3, 2]], Flaw.TWICE),
            ("match", [[1, 1], [1, 2], [3, 3]], Flaw.TWICE), ("match", [[1, 9]], Flaw.UNKNOWN),
            ("match", [1, 2], Flaw.SHAPE), ("match", [[1, 2, 3]], Flaw.SHAPE), ("match", [], Flaw.NOTHING),
            ("type", "", Flaw.NOTHING), ("type", "  ", Flaw.NOTHING), ("type", "x" * 121, Flaw.TOO_LONG),
            ("type", "a\x00", Flaw.SHAPE), ("type", "a\ud800", Flaw.SHAPE), ("type", [1], Flaw.SHAPE),
        ],
    )  # fmt: skip
    def test_what_is_no_answer_says_why(self, kind, answer, why):
        assert flaw(freeze(asked(kind), Random(1).random), answer) == why

    def test_partners_that_read_the_same_are_the_same(self):
        twins = [Choice(1, said("walking")), Choice(2, said("L")), Choice(3, said("walking"))]
        options = [Choice(number, said(str(number))) for number in (1, 2, 3)]
        question = Frozen("q", "match", TEXT, options, twins, [[1, 1], [2, 2], [3, 3]], TEXT, "Encyclopedia")
        assert is_right(question, [[1, 3], [2, 2], [3, 1]])
        assert not is_right(question, [[1, 2], [2, 3], [3, 1]])


class TestTelling:
    def test_of_a_choice_every_option(self):
        question = freeze(asked("single"), Random(2).random)
        lines = told(question, wrong(question))
        assert [line.text for line in lines] == [each.text for each in question.options]
        assert Counter((line.is_right, line.is_chosen) for line in lines) == {
            (True, False): 1, (False, True): 1, (False, False): 1,
        }  # fmt: skip

    def test_of_an_order_what_belongs_where(self):
        question = freeze(asked("order"), Random(2).random)
        lines = told(question, wrong(question))
        assert [line.text["en"] for line in lines] == ["ap", "yop", "dwit"]
        assert [line.given["en"] for line in lines] == ["dwit", "yop", "ap"]
        assert [line.is_right for line in lines] == [False, True, False]

    def test_of_a_match_every_pair(self):
        question = freeze(asked("match"), Random(2).random)
        lines = told(question, wrong(question))
        assert {(line.text["en"], line.partner["en"]) for line in lines} == {("ap", "A"), ("yop", "B"), ("dwit", "C")}
        assert [line.is_right for line in lines].count(True) == 1
        assert all((line.given == line.partner) == line.is_right for line in lines)

    def test_of_a_word_what_was_typed(self):
        (line,) = told(freeze(asked("type"), Random(2).random), "charyo")
        assert (line.text["en"], line.given["en"]) == ("charyot", "charyo")


class TestWeights:
    def test_by_how_it_went(self):
        history = {"new": [], "right": [True, True], "was wrong": [False, True], "wrong": [True, False]}
        assert quizzes.weights(history) == {
            "right": quizzes.RIGHT, "was wrong": quizzes.WRONG_ONCE, "wrong": quizzes.WRONG_LAST,
        }  # fmt: skip

    @given(st.integers(0, 60))
    def test_a_quiz_of_weak_spots_is_a_quiz(self, wrong):
        assert quizzes.AT_LEAST <= quizzes.number_again(wrong) <= quizzes.AT_MOST
        assert quizzes.number_again(wrong) >= min(wrong, quizzes.AT_MOST)


class TestScore:
    def question(self, slug, about=None):
        spot = Spot("term", about, TEXT) if about else None
        return Frozen(slug, "type", TEXT, [], [], ["x"], TEXT, "Encyclopedia", spot)

    def test_weak_spots_worst_first_and_what_was_not_answered_is_none(self):
        rows = [
            (self.question("a", "ap"), False), (self.question("b", "yop"), False), (self.question("c", "yop"), False),
            (self.question("d", "ap"), True), (self.question("e", "dwit"), None), (self.question("f"), False),
        ]  # fmt: skip
        found = score(rows)
        assert (found.asked, found.answered, found.right, found.wrong, found.missing) == (6, 5, 1, 4, 1)
        assert [(each.spot.slug, each.wrong, each.asked) for each in found.weak] == [("yop", 2, 2), ("ap", 1, 2)]
        assert found.percent == 16

    @given(st.lists(st.sampled_from([True, False, None]), max_size=50))
    def test_a_hundred_only_for_everything_right(self, answers):
        found = score((self.question("a"), each) for each in answers)
        assert (found.percent == 100) == (bool(answers) and all(each is True for each in answers))
        assert 0 <= found.percent <= 100
