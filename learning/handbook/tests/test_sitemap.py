"""A map for search engines, only where a school wants it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from learning.handbook import commands
from tests.programs import bare_environment, read_settings

from .factories import published_syllabus, published_tul, technique_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def handbook():
    now = timezone.now()
    published_tul(now=now)
    published_syllabus(now=now)
    draft = commands.draft_technique(entry=technique_entry(slug="later-sogi"), editor=None, now=now)
    commands.publish_edition(edition=draft, valid_from=now + timedelta(days=1), editor=None, now=now)
    commands.draft_technique(entry=technique_entry(slug="secret-sogi"), editor=None, now=now)


@pytest.fixture
def wanted(settings):
    settings.ROBOTS_ALLOW = settings.SITEMAP = True


def test_it_is_off(client, handbook):
    assert client.get("/sitemap.xml").status_code == 404
    assert "Sitemap" not in client.get("/robots.txt").content.decode()


def test_it_names_what_is_valid_now_and_nothing_else(client, handbook, wanted):
    answer = client.get("/sitemap.xml")
    assert answer["Content-Type"] == "application/xml"
    said = answer.content.decode()
    for url in ("/techniques/gunnun-sogi/", "/tuls/chon-ji/", "/belts/8/", "/glossary/"):
        assert f"{url}</loc>" in said
    assert "later-sogi" not in said
    assert "secret-sogi" not in said


def test_robots_are_told_where_it_is(client, settings, wanted):
    assert f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_it_costs_the_same_however_much_there_is(client, handbook, wanted, django_assert_num_queries):
    with django_assert_num_queries(4):
        client.get("/sitemap.xml")


def test_a_map_for_robots_that_are_refused_stops_the_start(tmp_path):
    refused = read_settings(bare_environment(VAR_DIR=str(tmp_path), SITEMAP="true"))
    assert refused.returncode
    assert "SITEMAP: needs ROBOTS_ALLOW" in refused.stdout
