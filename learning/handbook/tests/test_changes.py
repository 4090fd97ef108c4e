"""What differs between two entries: nothing is lost, nothing is invented, and steps keep their keys."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from learning.handbook import shelf
from learning.handbook.rules import changes as rules
from learning.handbook.rules import entries

from .factories import TEXT, step, syllabus_entry, technique_entry, tul_entry

WORDS = some.text(alphabet="ab \n\r\t가,.")
LINES = some.lists(some.sampled_from(["one two", "two", "", "three one two", "서기 서기"]), max_size=8).map("\n".join)


def side(pieces, how):
    return "".join(piece.text for piece in pieces if piece.how in {"same", how})


@given(some.one_of(WORDS, LINES), some.one_of(WORDS, LINES))
def test_the_pieces_give_both_texts_back(before, after):
    pieces = rules.words(before, after)
    assert side(pieces, "gone") == before
    assert side(pieces, "new") == after


@given(some.one_of(WORDS, LINES), some.one_of(WORDS, LINES))
def test_no_piece_is_empty_and_neighbours_differ(before, after):
    pieces = rules.words(before, after)
    assert all(piece.text for piece in pieces)
    assert all(one.how != other.how for one, other in pairwise(pieces))


def test_only_the_words_that_differ_are_marked():
    pieces = rules.words("Bend the front knee.", "Bend the rear knee.")
    assert [(piece.text, piece.how) for piece in pieces] == [
        ("Bend the ", "same"), ("front ", "gone"), ("rear ", "new"), ("knee.", "same"),
    ]  # fmt: skip


def test_a_very_long_passage_is_marked_as_a_whole():
    for before, after in (("a " * 2000, "b " * 2000), ("\n" * 2000, "\n" * 1999)):
        assert [piece.how for piece in rules.words(before, after)] == ["gone", "new"]


def test_the_same_entry_has_no_changes_and_counts_its_fields():
    entry = technique_entry(slug="ap-chagi")
    found = rules.changes(entry, entry)
    assert not found
    assert found.same == len(entries.Technique.model_fields)


def test_what_stays_is_counted():
    found = rules.changes(technique_entry(slug="a"), technique_entry(slug="a", min_belt=8, names=names("a")))
    assert [change.path for change in found.changed] == [("min_belt",)]
    assert (found.changed[0].before, found.changed[0].after) == (9, 8)
    assert found.same == len(entries.Technique.model_fields) - 1


def names(slug):
    return {"pl": f"{slug} pl", "en": f"{slug} en", "ko": "서기"}


def test_a_text_differs_in_its_language():
    found = rules.changes(tul_entry(), tul_entry(meaning=TEXT | {"pl": "Po polsku znowu."}))
    assert [change.path for change in found.changed] == [("meaning", "pl")]


def test_a_text_that_is_new_or_gone():
    one, other = technique_entry(slug="a"), technique_entry(slug="a", safety=TEXT)
    assert {change.path for change in rules.changes(one, other).changed} == {("safety", each) for each in TEXT}
    assert all(change.after is None for change in rules.changes(other, one).changed)


def test_an_item_put_first_does_not_make_the_others_differ():
    one = technique_entry(slug="a", key_points=[{"en": "One."}, {"en": "Two."}])
    other = technique_entry(slug="a", key_points=[{"en": "None."}, {"en": "One."}, {"en": "Two."}])
    assert [(change.path, change.after) for change in rules.changes(one, other).changed] == [
        (("key_points", 1, "en"), "None.")
    ]


def test_lists_of_names_are_one_change():
    found = rules.changes(syllabus_entry(), syllabus_entry(techniques=["gunnun-sogi", "annun-sogi"]))
    [change] = found.changed
    assert change.path == ("techniques",)
    assert [(piece.text, piece.how) for piece in change.pieces] == [("gunnun-sogi\n", "same"), ("annun-sogi\n", "new")]


class TestSteps:
    def steps(self, *keys, **changed):
        written = [step(number, key=key, moves=[]) for number, key in enumerate(keys, start=1)]
        for each in written:
            each |= changed.get(f"k{each['key']}", {})
        return tul_entry(steps=written, movements=len(keys))

    def test_a_step_is_compared_with_the_one_of_its_key(self):
        found = rules.changes(self.steps("1", "2"), self.steps("1", "1a", "2", k2={"tempo": "slow"}))
        paths = [change.path for change in found.changed]
        assert ("steps", "2", "tempo") in paths
        assert ("steps", "1a", "technique") in paths
        assert not [path for path in paths if path[:2] == ("steps", "1")]

    def test_a_step_that_moved_says_from_where_to_where(self):
        # Two of them changed places; which one counts as moved is the matcher's choice.
        found = rules.changes(self.steps("1", "3", "5"), self.steps("3", "1", "5"))
        moved = [change for change in found.changed if change.path[-1] == "place"]
        assert len(moved) == 1
        assert {moved[0].before, moved[0].after} == {1, 2}

    def test_moves_are_said_in_one_line(self):
        one, other = self.steps("1"), self.steps("1", k1={"moves": [{"foot": "left", "by": 0}]})
        [change] = [each for each in rules.changes(one, other).changed if each.path[-1] == "moves"]
        assert "foot: left" in side(change.pieces, "new")


SHELF = shelf.read()
PILES = [SHELF.techniques, SHELF.tuls, SHELF.syllabi, SHELF.articles, SHELF.terms]


@given(some.data())
def test_there_are_changes_exactly_when_the_entries_do_not_say_the_same(data):
    pile = data.draw(some.sampled_from(PILES))
    one, other = (data.draw(some.sampled_from(pile)) for _ in "12")
    assert bool(rules.changes(one, other)) == (not entries.same(one, other))
    assert not rules.changes(one, one)


@pytest.mark.parametrize("pile", PILES, ids=["techniques", "tuls", "syllabi", "articles", "terms"])
def test_every_text_of_two_entries_is_found_in_the_pieces(pile):
    for change in rules.changes(pile[0], pile[1]).changed:
        if isinstance(change.before, str):
            assert side(change.pieces, "gone") == change.before
        if isinstance(change.after, str):
            assert side(change.pieces, "new") == change.after
