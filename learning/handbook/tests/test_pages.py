"""What readers see: pages and fragments, drafts that stay hidden, and what it costs."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from learning.handbook import commands

from .factories import (
    many_techniques,
    published_syllabus,
    published_technique,
    published_tul,
    reindexed,
    syllabus_entry,
    technique_entry,
    tul_entry,
)

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def handbook(now):
    """A little handbook: two stances, one tul of two steps, one grading, and a draft of each kind."""
    published_tul(now=now)
    published_syllabus(now=now)
    commands.draft_technique(entry=technique_entry(slug="secret-sogi"), editor=None, now=now)
    commands.draft_tul(entry=tul_entry(slug="secret-tul", name="Secret"), editor=None, now=now)
    commands.draft_syllabus(entry=syllabus_entry(belt=7), editor=None, now=now)


PAGES = [
    "/",
    "/techniques/",
    "/techniques/gunnun-sogi/",
    "/tuls/",
    "/tuls/chon-ji/",
    "/belts/",
    "/belts/8/",
    "/search/?q=chon",
]


@pytest.mark.parametrize("url", PAGES)
def test_a_stranger_may_read_the_handbook(client, handbook, url):
    answer = client.get(url)
    assert answer.status_code == 200
    assert b"<h1" in answer.content


@pytest.mark.parametrize(
    "url",
    [*PAGES, "/techniques/?q=secret", "/tuls/?q=secret", "/search/?q=secret", "/api/v1/techniques", "/api/v1/tuls"],
)
def test_a_draft_is_nowhere_visible(client, handbook, url):
    text = client.get(url).content.decode()
    assert "secret-sogi" not in text
    assert "secret-tul" not in text
    assert "/belts/7/" not in text


@pytest.mark.parametrize(
    "url",
    [
        "/techniques/secret-sogi/", "/techniques/nothing/", "/tuls/secret-tul/", "/tuls/nothing/", "/belts/7/",
        "/belts/99/", "/api/v1/techniques/secret-sogi", "/api/v1/tuls/secret-tul",
    ],
)  # fmt: skip
def test_what_is_a_draft_or_not_there_is_not_found(client, handbook, url):
    assert client.get(url).status_code == 404


def test_an_edition_that_begins_tomorrow_is_not_found_today(client, now):
    edition = commands.draft_technique(entry=technique_entry(slug="later-sogi"), editor=None, now=now)
    tomorrow = timezone.now() + timedelta(days=1)
    commands.publish_edition(edition=edition, valid_from=tomorrow, editor=None, now=now)
    assert client.get("/techniques/later-sogi/").status_code == 404


class TestTechniques:
    def test_the_list_can_be_narrowed_by_kind_and_belt(self, client, now):
        published_technique(now=now, slug="ap-chagi", category="kick", min_belt=10)
        published_technique(now=now, slug="twimyo-chagi", category="kick", min_belt=1)
        published_technique(now=now, slug="annun-sogi", category="stance", min_belt=10)
        text = client.get("/techniques/?category=kick&belt=9").content.decode()
        assert "/techniques/ap-chagi/" in text
        assert "/techniques/twimyo-chagi/" not in text
        assert "/techniques/annun-sogi/" not in text

    def test_a_spelling_mistake_still_finds_it(self, client, now):
        published_technique(now=now, slug="dollyo-chagi")
        published_technique(now=now, slug="annun-sogi")
        text = client.get("/techniques/?q=dolyo chagi").content.decode()
        assert "/techniques/dollyo-chagi/" in text
        assert "/techniques/annun-sogi/" not in text

    def test_nothing_found_says_what_to_do(self, client, handbook):
        assert "Show all techniques" in client.get("/techniques/?q=zzzzzz").content.decode()

    def test_htmx_gets_only_the_list(self, client, handbook):
        answer = client.get("/techniques/?category=stance", headers=HTMX)
        assert b"<h1" not in answer.content
        assert b"gunnun-sogi" in answer.content
        assert "HX-Request" in answer["Vary"]

    @pytest.mark.parametrize("wrong", ["category=dance", "belt=99", "belt=x", "ordering=random"])
    def test_a_filter_that_does_not_exist_says_so(self, client, handbook, wrong):
        answer = client.get(f"/techniques/?{wrong}")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()

    def test_pages_of_the_list_keep_the_filter(self, client, now):
        many_techniques(60, now=now)
        text = client.get("/techniques/?category=kick&page=2").content.decode()
        assert "category=kick&amp;page=3" in text
        assert "category=kick&amp;page=1" in text

    def test_the_card_tells_in_which_tuls_it_stands(self, client, handbook):
        text = client.get("/techniques/gunnun-sogi/").content.decode()
        assert "/tuls/chon-ji/#step-1" in text
        assert "/tuls/chon-ji/#step-2" in text

    def test_the_card_leads_on(self, client, handbook):
        assert "/techniques/narani-junbi-sogi/" in client.get("/techniques/gunnun-sogi/").content.decode()

    @pytest.mark.parametrize(("language", "name"), [("pl", "Gunnun-sogi pl"), ("en", "Gunnun-sogi en"), ("ko", "서기")])
    def test_the_name_is_in_the_readers_language(self, client, handbook, language, name):
        text = client.get("/techniques/gunnun-sogi/", headers={"Accept-Language": language}).content.decode()
        assert f"<h1>{name}</h1>" in text
        assert f'<html lang="{language}"' in text

    def test_a_text_that_is_missing_in_a_language_says_in_which_it_is(self, client, now):
        published_technique(now=now, slug="ap-chagi", key_points=[{"en": "Bend the knee."}])
        text = client.get("/techniques/ap-chagi/", headers={"Accept-Language": "ko"}).content.decode()
        assert '<span lang="en">Bend the knee.</span>' in text

    def test_what_an_editor_wrote_is_never_html(self, client, now):
        published_technique(now=now, slug="ap-chagi", key_points=[{"en": "<script>alert(1)</script>"}])
        assert b"<script>alert" not in client.get("/techniques/ap-chagi/").content


class TestTuls:
    def test_the_page_holds_the_diagram_the_table_and_the_frames_of_the_player(self, client, handbook):
        text = client.get("/tuls/chon-ji/").content.decode()
        assert 'id="step-1"' in text
        assert 'id="step-2"' in text
        assert text.count('class="floor__path"') == 1  # the second step stays on the spot
        assert 'id="frames"' in text

    def test_the_floor_after_each_movement_is_a_picture(self, client, handbook):
        pictures = [client.get(f"/tuls/chon-ji/floor/{number}.svg") for number in range(3)]
        assert {answer["Content-Type"] for answer in pictures} == {"image/svg+xml"}
        assert "max-age" in pictures[0]["Cache-Control"]
        drawn = [ElementTree.fromstring(answer.content) for answer in pictures]
        feet = [[use.get("transform") for use in each.iter(f"{SVG}use")] for each in drawn]
        assert [len(each) for each in feet] == [2, 4, 4]  # also where they were before
        assert feet[1][:2] == feet[0]
        assert feet[2][:2] == feet[1][2:]
        assert feet[1][2:] != feet[0]
        assert [len(list(each.iter(f"{SVG}path"))) for each in drawn] == [2, 3, 2]  # soles, and the way

    @pytest.mark.parametrize("url", ["chon-ji/floor/3", "secret-tul/floor/0", "nothing/floor/1"])
    def test_there_is_no_picture_of_what_is_not_there(self, client, handbook, url):
        assert client.get(f"/tuls/{url}.svg").status_code == 404

    def test_numbers_in_a_picture_are_numbers_in_every_language(self, client, handbook):
        url = "/tuls/chon-ji/floor/1.svg"
        assert client.get(url, headers={"Accept-Language": "pl"}).content == client.get(url).content

    def test_a_tul_without_steps_says_so(self, client, now):
        published_tul(now=now, movements=9, steps=[], closing=None)
        assert "does not have this tul step by step yet" in client.get("/tuls/chon-ji/").content.decode()

    def test_numbers_in_the_drawing_are_numbers_in_every_language(self, client, handbook):
        for language in ("pl", "ko"):
            text = client.get("/tuls/chon-ji/", headers={"Accept-Language": language}).content.decode()
            assert 'viewBox="-80 -120 160 180"' in text
            assert "translate(-20.0 0.0)" in text

    def test_the_list_keeps_the_official_order(self, client, now):
        published_tul(now=now)
        published_tul(now=now, slug="dan-gun", name="Dan-Gun", order=2)
        text = client.get("/tuls/").content.decode()
        assert text.index("/tuls/chon-ji/") < text.index("/tuls/dan-gun/")


class TestBelts:
    def test_the_grading_names_what_it_asks(self, client, handbook):
        text = client.get("/belts/8/").content.decode()
        assert "/techniques/gunnun-sogi/" in text
        assert "/tuls/chon-ji/" in text

    def test_the_words_stand_beside_the_colours(self, client, handbook):
        assert "yellow belt" in client.get("/belts/8/").content.decode()


class TestSearch:
    @pytest.mark.parametrize("q", ["chon ji", "Chon-Ji", "chonji", "천지", "chon jee"])
    def test_a_tul_is_found_however_it_is_written(self, client, handbook, q):
        assert "/tuls/chon-ji/" in client.get("/search/", {"q": q}).content.decode()

    def test_nonsense_finds_nothing_and_says_what_to_try(self, client, handbook):
        assert "Nothing is spelled like that." in client.get("/search/?q=qqqxyz").content.decode()

    @pytest.mark.parametrize("q", ["", " ", "%", "_", "\\", "'; DROP TABLE", "\x00", "a" * 500, "🥋", "‮x", "((("])
    def test_hostile_queries_are_only_words(self, client, handbook, q):
        assert client.get("/search/", {"q": q}).status_code == (422 if "\x00" in q else 200)

    def test_suggestions_are_options_of_a_listbox(self, client, handbook):
        answer = client.get("/search/?q=chon&as=suggestions", headers=HTMX).content.decode()
        assert 'role="option"' in answer
        assert 'data-href="/tuls/chon-ji/"' in answer
        assert "<html" not in answer


class TestCosts:
    """The number of queries does not depend on the number of rows."""

    def test_pages_cost_the_same_at_50_and_at_5000(self, client, now, django_assert_num_queries):
        costs = {
            "/techniques/": 2, "/techniques/?q=many": 3, "/search/?q=many": 1, "/api/v1/techniques": 2,
            "/techniques/many-7/": 3,
        }  # fmt: skip
        for first, last in ((0, 50), (50, 5000)):
            many_techniques(last - first, now=now, first=first)
            reindexed(now=now)
            for url, queries in costs.items():
                with django_assert_num_queries(queries):
                    assert client.get(url).status_code == 200, url


@pytest.mark.usefixtures("shipped_handbook")
def test_a_tul_costs_three_queries_however_many_steps_it_has(client, django_assert_num_queries):
    for slug in ("chon-ji", "yul-gok"):
        with django_assert_num_queries(3):
            client.get(f"/tuls/{slug}/")
    for belt in (9, 0):
        with django_assert_num_queries(6):
            client.get(f"/belts/{belt}/")
