"""The shipped content is loaded again at every start, and never goes over what an editor has written."""

from datetime import timedelta

import pytest

from learning.handbook import commands, queries
from learning.handbook.models import Question, TechniqueEdition
from learning.handbook.rules import entries

from .factories import technique_entry

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TERM = {"slug": "sogi", "topic": "stances", "names": {"pl": "postawa", "en": "stance", "ko": "서기"}}


def shelf(*techniques, terms=()):
    return entries.Shelf(techniques=techniques, tuls=(), syllabi=(), terms=terms)


def term(**fields):
    return entries.Term(**(TERM | {"transliteration": "sogi", "min_belt": 10} | fields))


def load(now, *techniques, terms=()):
    return commands.shelve_all(shelf=shelf(*techniques, terms=terms), editor=None, now=now)


def edit(now, at, **fields):
    draft = commands.draft_technique(entry=technique_entry(slug="ap-chagi", **fields), editor=None, now=now)
    return commands.publish_edition(edition=draft, valid_from=at, editor=None, now=now)


def test_the_same_files_twice_cost_one_look(now, django_assert_max_num_queries):
    load(now, technique_entry(slug="ap-chagi"), terms=[term()])
    with django_assert_max_num_queries(8):
        assert load(now + DAY, technique_entry(slug="ap-chagi"), terms=[term()]).changed == 0


def test_a_file_that_changed_becomes_the_next_edition(now):
    load(now, technique_entry(slug="ap-chagi"))
    assert load(now + DAY, technique_entry(slug="ap-chagi", min_belt=5)).changed
    assert queries.technique(slug="ap-chagi", now=now + DAY).min_belt == 5


def test_what_an_editor_published_stays(now):
    load(now, technique_entry(slug="ap-chagi"))
    edit(now + DAY, now + DAY, min_belt=3)
    load(now + 2 * DAY, technique_entry(slug="ap-chagi"))
    done = load(now + 3 * DAY, technique_entry(slug="ap-chagi", min_belt=5))
    assert done.kept == ["technique:ap-chagi"]
    assert queries.technique(slug="ap-chagi", now=now + 4 * DAY).min_belt == 3


def test_what_an_editor_scheduled_comes(now):
    load(now, technique_entry(slug="ap-chagi"))
    edit(now, now + 5 * DAY, min_belt=3)
    assert load(now + DAY, technique_entry(slug="ap-chagi", min_belt=5)).kept == ["technique:ap-chagi"]
    assert queries.technique(slug="ap-chagi", now=now + 5 * DAY).min_belt == 3


def test_a_word_that_an_editor_changed_stays(now):
    load(now, terms=[term()])
    commands.put_term(entry=term(min_belt=3), editor=None, now=now)
    assert load(now, terms=[term(min_belt=8)]).kept == ["term:sogi"]


def test_a_load_that_was_cut_off_goes_on(now, monkeypatch):
    load(now, technique_entry(slug="a"), technique_entry(slug="b"))
    TechniqueEdition.objects.all().delete()
    assert load(now + DAY, technique_entry(slug="a", min_belt=8), technique_entry(slug="b")).changed == 1


def test_questions_made_from_what_is_gone_are_asked_no_more_and_come_back_with_it(now):
    kicks = [
        technique_entry(slug=f"kick-{n}", names={"pl": f"k{n}", "en": f"k{n}", "ko": "차" + "가나다라마"[n]})
        for n in range(5)
    ]
    load(now, *kicks)
    asked = Question.objects.filter(is_retired=False).count()
    assert asked
    load(now + DAY)
    assert not Question.objects.filter(is_retired=False).exists()
    load(now + 2 * DAY, *kicks)
    assert Question.objects.filter(is_retired=False).count() == asked
