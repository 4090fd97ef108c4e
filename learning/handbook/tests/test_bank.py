"""Questions made from the handbook."""

import pytest

from learning.handbook import shelf
from learning.handbook.rules import bank


@pytest.fixture(scope="module")
def content():
    return shelf.read()


@pytest.fixture(scope="module")
def made(content):
    return bank.questions(content)


def test_the_same_handbook_gives_the_same_questions(content, made):
    assert [each.model_dump() for each in bank.questions(content)] == [each.model_dump() for each in made]


def test_there_are_at_least_600_questions_with_source_and_explanation(content, made):
    everything = [*content.questions, *made]
    assert len(everything) >= 600
    assert len({each.slug for each in everything}) == len(everything)
    assert all(each.source and each.explanation.en for each in everything)


def test_the_right_answer_is_right(content, made):
    names = {each.slug: each.names for each in content.techniques}
    for each in made:
        if each.slug.startswith("means-technique-"):
            right = next(option.text for option in each.options if option.right)
            assert right.pl == names[each.about.removeprefix("technique:")].pl


def test_no_two_options_of_a_question_read_the_same_in_any_language(made):
    for each in made:
        for language in ("pl", "en", "ko"):
            texts = [option.text.as_dict()[language] for option in each.options]
            assert len(set(texts)) == len(texts), each.slug


def test_the_right_answer_is_not_always_in_the_same_place(made):
    chosen = [each for each in made if each.kind == "single"]
    places = [next(i for i, option in enumerate(each.options) if option.right) for each in chosen]
    for place in range(bank.CHOICES):
        assert places.count(place) > len(places) / 8


def test_what_comes_next_is_the_next_step(content, made):
    tuls = {tul.slug: tul for tul in content.tuls}
    names = {each.slug: each.names.en for each in content.techniques}
    asked = [each for each in made if each.slug.startswith("next-")]
    assert asked
    for each in asked:
        slug, number = each.slug.removeprefix("next-").rsplit("-", 1)
        following = tuls[slug].steps[int(number)]
        assert next(option.text.en for option in each.options if option.right) == names[following.technique]


def test_where_a_movement_ends_is_asked_by_a_picture_that_shows_no_other(content, made):
    tuls = {tul.slug: tul for tul in content.tuls}
    asked = [each for each in made if each.slug.startswith("seen-")]
    assert len({each.about for each in asked}) > 8
    for each in asked:
        slug, number = each.slug.removeprefix("seen-").rsplit("-", 1)
        steps = tuls[slug].steps
        assert each.picture.movement == int(number)
        assert [option.text.en for option in each.options if option.right] == [number]
        wrong = [steps[int(option.text.en) - 1] for option in each.options if not option.right]
        right = steps[int(number) - 1]
        assert all((step.facing, step.stance) != (right.facing, right.stance) for step in wrong)


def test_pictures_show_what_is_known_before_the_answer(content, made):
    """What comes next: the movement before it; in which stance one ends: where it begins, in words as well."""
    tuls = {tul.slug: tul for tul in content.tuls}
    names = {each.slug: each.names.en for each in content.techniques}
    with_picture = [each for each in made if each.picture]
    assert {each.slug.split("-")[0] for each in with_picture} == {"next", "stance", "seen"}
    for each in with_picture:
        way, *_, number = each.slug.split("-")
        assert each.picture.movement == int(number) - (way == "stance")
        tul = tuls[each.about.removeprefix("tul:")]
        stance = tul.steps[each.picture.movement - 1].stance if each.picture.movement else tul.ready
        assert each.picture.alt.en.endswith(names[stance])


def test_movements_are_put_in_the_order_of_the_tul(content, made):
    tuls = {tul.slug: tul for tul in content.tuls}
    names = {each.slug: each.names for each in content.techniques}
    asked = [each for each in made if each.kind == "order"]
    assert len({each.about for each in asked}) > 5
    for each in asked:
        slug, first = each.slug.removeprefix("order-").rsplit("-", 1)
        for option, step in zip(each.options, tuls[slug].steps[int(first) - 1 :], strict=False):
            assert option.text.en == f"{names[step.technique].en}, toward {step.facing}"
            assert option.text.pl.startswith(names[step.technique].pl)


def test_movements_are_matched_with_what_is_done_in_them(content, made):
    tuls = {tul.slug: tul for tul in content.tuls}
    names = {each.slug: each.names.en for each in content.techniques}
    asked = [each for each in made if each.kind == "match" and "tuls" in each.modules]
    assert {each.slug.split("-")[1] for each in asked} == {"technique", "stance"}
    for each in asked:
        tul, way = tuls[each.about.removeprefix("tul:")], each.slug.split("-")[1]
        for option in each.options:
            step = tul.steps[int(option.text.en.removeprefix("movement ")) - 1]
            assert option.pair.en == names[getattr(step, way)]


def test_words_are_matched_with_what_they_mean_and_only_words_that_were_met(content, made):
    words = {f"{kind}:{each.slug}": each for kind in ("technique", "term") for each in getattr(content, f"{kind}s")}
    asked = [each for each in made if each.kind == "match" and "tuls" not in each.modules]
    assert len(asked) > 50
    for each in asked:
        known = {(word.transliteration, word.names.en) for word in words.values() if word.min_belt >= each.belts[0]}
        assert {(option.text.en, option.pair.en) for option in each.options} <= known
        assert words[each.about].transliteration in {option.text.en for option in each.options}


def test_no_two_halves_of_pairs_read_the_same_in_any_language(made):
    for each in made:
        for language in ("pl", "en", "ko"):
            pairs = [option.pair.as_dict()[language] for option in each.options if option.pair]
            assert len(set(pairs)) == len(pairs), each.slug
