"""Which one word or movement a question asks for that was made from the handbook."""

from itertools import groupby

import pytest

from learning.handbook import queries, shelf
from learning.handbook.queries import Recalled
from learning.handbook.rules import bank
from learning.handbook.rules.recalling import Asked, asked
from learning.handbook.tests.factories import published_tul


@pytest.fixture(scope="module")
def content():
    return shelf.read()


@pytest.fixture(scope="module")
def made(content):
    return {each.slug: each for each in bank.questions(content)}


def test_one_word_each_way(content):
    words = {f"{kind}:{each.slug}": each for kind in ("technique", "term") for each in getattr(content, f"{kind}s")}
    found = {each.slug: asked(slug=each.slug, about=each.about) for each in bank.questions(content) if "-" in each.slug}
    ways = {"means": "meaning", "called": "korean", "written": "korean"}
    of_words = [slug for slug in found if slug.split("-")[0] in ways]
    assert len(of_words) > 400
    for slug in of_words:
        way, kind, name = slug.split("-", 2)
        assert found[slug] == Asked(kind, name, ways[way])
        assert f"{kind}:{name}" in words


def test_the_movement_that_is_the_answer(content, made):
    tuls = {tul.slug: tul for tul in content.tuls}
    names = {each.slug: each.names.en for each in content.techniques}
    questions = [each for slug, each in made.items() if slug.startswith("next-")]
    assert len(questions) > 100
    for each in questions:
        found = asked(slug=each.slug, about=each.about)
        assert (found.kind, f"tul:{found.slug}", found.direction) == ("tul", each.about, "")
        right = next(option.text.en for option in each.options if option.right)
        assert names[tuls[found.slug].steps[found.movement - 1].technique] == right


def test_everything_else_is_no_one_thing(content, made):
    others = [each for slug, each in made.items() if asked(slug=slug, about=each.about) is None]
    ways = {way for way, _ in groupby(sorted(each.slug.split("-")[0] for each in others))}
    assert ways == {"match", "movements", "stance", "seen", "order"}
    assert all(asked(slug=each.slug, about=each.about or "") is None for each in content.questions)


@pytest.mark.parametrize(
    ("slug", "about"),
    [
        ("means-technique-ap-sogi", "technique:ap"), ("means-technique-ap-sogi", "term:ap-sogi"),
        ("means-technique-ap-sogi", ""), ("means-tul-chon-ji", "tul:chon-ji"), ("", ""), ("next", "tul:"),
        ("next-chon-ji-3", "tul:chon"), ("next-chon-ji", "tul:chon-ji"), ("next-chon-ji-x", "tul:chon-ji"),
        ("next-chon-ji-3", "term:chon-ji"), ("next-3", "tul:3"),
    ],
)  # fmt: skip
def test_a_name_that_only_looks_like_it(slug, about):
    assert asked(slug=slug, about=about) is None


@pytest.mark.django_db
class TestRecalledBy:
    def test_movements_are_named_by_their_steps(self, now, django_assert_num_queries):
        published_tul(now=now, slug="chon-ji")
        questions = {
            "means-term-charyot": "term:charyot", "next-chon-ji-1": "tul:chon-ji", "order-chon-ji-1": "tul:chon-ji",
            "next-chon-ji-2": "tul:chon-ji", "next-gone-1": "tul:gone",
        }  # fmt: skip
        with django_assert_num_queries(1):
            found = queries.recalled_by(questions=questions, now=now)
        assert found == {
            "means-term-charyot": Recalled("term", "charyot", "meaning", ""),
            "next-chon-ji-1": Recalled("step", "chon-ji", "", "2"),
        }

    def test_words_ask_nothing_of_the_database(self, now, django_assert_num_queries):
        with django_assert_num_queries(0):
            found = queries.recalled_by(questions={"called-technique-ap-sogi": "technique:ap-sogi"}, now=now)
        assert found == {"called-technique-ap-sogi": Recalled("technique", "ap-sogi", "korean", "")}
