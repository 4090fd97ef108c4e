"""Whether anything has changed for readers is known without looking at it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from learning.handbook import commands, queries
from learning.handbook.models import Collection, CollectionRevision, PlanBlock, SearchDocument, TechniqueEdition

from .factories import published_technique, published_tul, technique_entry

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(now):
    return published_technique(now=now, slug="ap-chagi")


def state(now, *collections):
    return queries.state(*(collections or [Collection.TECHNIQUES]), now=now)


def test_nothing_happened_nothing_changed(edition, now):
    assert state(now) == state(now) == state(now + 100 * DAY)


def test_a_draft_changes_nothing(edition, now):
    before = state(now)
    draft = commands.draft_technique(entry=technique_entry(slug="ap-chagi"), editor=None, now=now)
    commands.draft_technique(entry=technique_entry(slug="new-one"), editor=None, now=now)
    commands.discard_draft(edition=draft, editor=None, now=now)
    assert state(now) == before


def test_publishing_changes_it(edition, now):
    before = state(now)
    published_technique(now=now, slug="yop-chagi")
    assert state(now) != before


def test_other_collections_stay_as_they_are(edition, now):
    before = state(now, Collection.THEORY, Collection.GLOSSARY, Collection.PLANS, Collection.SYLLABI)
    published_tul(now=now, slug="dan-gun")
    assert state(now, Collection.THEORY, Collection.GLOSSARY, Collection.PLANS, Collection.SYLLABI) == before


def test_a_scheduled_edition_changes_it_at_its_very_instant_without_anybody_writing(edition, now):
    draft = commands.draft_technique(entry=technique_entry(slug="ap-chagi"), editor=None, now=now)
    commands.publish_edition(edition=draft, valid_from=now + DAY, editor=None, now=now)
    before = state(now + DAY - timedelta(microseconds=1))
    assert state(now) == before
    assert state(now + DAY) != before


def test_an_end_without_a_successor_changes_it_too(edition, now):
    TechniqueEdition.objects.update(valid_to=now + DAY)
    assert state(now + DAY - timedelta(microseconds=1)) != state(now + DAY)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE handbook_techniqueedition SET name_en = 'other'",
        "DELETE FROM handbook_techniqueedition",
        "INSERT INTO handbook_techniqueedition SELECT (jsonb_populate_record(old, jsonb_build_object('id', 999999,"
        " 'version', 9, 'valid_from', '2020-01-01', 'valid_to', '2020-02-01'))).* FROM handbook_techniqueedition old",
    ],
)
def test_whoever_writes_past_the_commands_is_counted(edition, now, sql):
    before = state(now)
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert state(now) != before


def test_parts_of_a_plan_count_as_the_plan(now):
    before = state(now, Collection.PLANS)
    PlanBlock.objects.filter(pk=0).update(rounds=2)
    assert state(now, Collection.PLANS) != before


def test_one_query_for_any_number_of_collections(edition, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        state(now, *Collection)


@pytest.mark.django_db(transaction=True)
def test_whoever_publishes_at_the_same_time_is_counted_each(now):
    def publish(number):
        try:
            published_technique(now=now, slug=f"side-by-side-{number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as editors:
        list(editors.map(publish, range(16)))
    assert CollectionRevision.objects.get(collection=Collection.TECHNIQUES).number == 16
    assert SearchDocument.objects.count() == 16
