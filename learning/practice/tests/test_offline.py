"""What is kept on a device: which pages, for whom, and how a browser learns that they have changed."""

import json
import re
import struct
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from accounts.tests.belts import awarded
from learning.handbook import queries as handbook
from learning.practice import queries
from learning.practice.models import QuizSession
from learning.practice.views.offline import MOST
from project.foundation.http import build

URL = "/practise/offline/pages.json"
pytestmark = pytest.mark.django_db


def open_quiz(person, *, finished_at=None):
    return QuizSession.objects.create(
        person=person, mode="mixed", started_at=timezone.now() - timedelta(minutes=1), finished_at=finished_at
    )


@pytest.mark.usefixtures("shipped_handbook")
class TestPages:
    @pytest.fixture
    def kept(self, client, ben):
        client.force_login(ben)
        return lambda: client.get(URL).json()

    def test_every_one_of_them_can_be_opened_by_its_person(self, client, ben, kept):
        open_quiz(ben)
        opened = {url: client.get(url) for url in kept()["urls"]}
        assert {url: answer.status_code for url, answer in opened.items() if answer.status_code != 200} == {}
        assert all(answer["Content-Type"].startswith("text/html") for answer in opened.values())
        named = f'<meta name="dojang-person"\n              content="{ben.actor_id}"'
        assert [url for url, answer in opened.items() if named not in answer.text] == []

    def test_a_beginner_keeps_what_their_first_grading_asks(self, kept):
        urls = kept()["urls"]
        assert {"/", "/practise/", "/practise/review/", "/practise/offline/", "/belts/9/"} <= set(urls)
        for kind in ("techniques", "glossary", "plans"):
            assert [url for url in urls if re.fullmatch(rf"/{kind}/[\w-]+/", url)], kind
        assert "/plans/first-fifteen-minutes/run/" in urls

    def test_the_belt_that_is_tried_for_comes_before_the_one_that_is_worn(self, ada, ben, kept):
        awarded(ben, 8, ada)
        urls = kept()["urls"]
        assert urls.index("/belts/7/") < urls.index("/belts/8/")
        assert "/belts/9/" not in urls
        tuls = [url for url in urls if re.fullmatch(r"/tuls/[\w-]+/", url)]
        asked = [each.identity.slug for each in handbook.syllabus(belt=7, now=timezone.now()).tuls]
        assert tuls[: len(asked)] == [f"/tuls/{slug}/" for slug in asked]

    @pytest.mark.parametrize("belt", [10, 9, 5, 1, 0, -4, -8])
    def test_they_are_not_too_many_and_none_twice_whatever_the_belt(self, ada, ben, kept, belt):
        awarded(ben, belt, ada)
        urls = kept()["urls"]
        assert len(urls) == len(set(urls)) <= MOST

    def test_an_open_quiz_is_kept_and_that_of_nobody_else(self, ben, cleo, kept):
        mine, over, theirs = open_quiz(ben), open_quiz(ben, finished_at=timezone.now()), open_quiz(cleo)
        urls = kept()["urls"]
        assert f"/practise/quizzes/{mine.pk}/" in urls
        assert not {f"/practise/quizzes/{other.pk}/" for other in (over, theirs)} & set(urls)

    def test_as_many_queries_for_many_open_quizzes(self, ben, django_assert_num_queries):
        now = timezone.now()
        for _ in range(2):
            with django_assert_num_queries(12):
                queries.reading_of(person=ben, now=now)
            for _ in range(20):
                open_quiz(ben)


class TestWhose:
    def test_the_answer_names_the_person_and_brings_a_token_that_opens_the_api(self, ben):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(ben)
        told = browser.get(URL).json()
        assert told["person"] == str(ben.actor_id)
        batch = {"sent_at": timezone.now().isoformat(), "reviews": [], "retractions": []}
        for token, status in ((told["token"], 200), ("x" * 64, 403), ("", 403)):
            answer = browser.post(
                "/api/v1/reviews", json.dumps(batch), content_type="application/json", headers={"X-CSRFToken": token}
            )
            assert answer.status_code == status

    def test_no_cache_keeps_it(self, client, ben):
        client.force_login(ben)
        assert "no-store" in client.get(URL)["Cache-Control"]

    @pytest.mark.parametrize("url", [URL, "/practise/offline/"])
    def test_a_stranger_is_asked_to_sign_in(self, client, url):
        answer = client.get(url)
        assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next={url}")

    def test_a_page_says_whose_it_is(self, client, ben):
        def said():
            return re.search(r'<meta name="dojang-person"\s+content="([^"]*)"', client.get("/more/").text)[1]

        assert said() == ""
        client.force_login(ben)
        assert said() == str(ben.actor_id)
        assert "data-unsent" in client.get("/more/").text

    def test_the_page_explains_itself_without_javascript(self, client, ben):
        client.force_login(ben)
        answer = client.get("/practise/offline/")
        assert answer.status_code == 200
        assert "<noscript>" in answer.text
        assert "At most 120 pages" in answer.text


class TestWorker:
    def test_it_pushes_and_keeps(self, client):
        script = client.get("/sw.js").text
        assert 'importScripts("/static/js/push-worker.js")' in script
        assert 'importScripts("/static/js/offline-worker.js")' in script
        told = json.loads(re.search(r"self\.OFFLINE = (\{.*\});", script)[1])
        assert (told["pages"], told["fallback"], told["files"]) == (URL, "/offline/", "/static/")

    def test_it_is_the_same_for_everybody(self, client, ben):
        before = client.get("/sw.js").content
        client.force_login(ben)
        assert client.get("/sw.js").content == before

    def test_it_changes_with_a_template_a_script_or_a_catalogue(self, client, settings, tmp_path):
        roots = [tmp_path / name for name in ("templates", "static", "locale")]
        for root in roots:
            root.mkdir()
        settings.DEBUG = True
        settings.STATICFILES_DIRS, settings.LOCALE_PATHS = [roots[1]], [roots[2]]
        settings.TEMPLATES = [
            {**django_settings.TEMPLATES[0], "DIRS": [*django_settings.TEMPLATES[0]["DIRS"], roots[0]]}
        ]
        seen = {build.build()}
        for file in (roots[0] / "a.html", roots[1] / "a.js", roots[2] / "a.po"):
            for content in ("one", "two"):
                file.write_text(content)
                seen.add(build.build())
        assert len(seen) == 7
        (roots[1] / "notes.txt").write_text("not served")
        assert build.build() in seen

    def test_it_is_read_once_where_files_do_not_change(self, monkeypatch):
        build._read_once.cache_clear()
        read = []
        monkeypatch.setattr(build, "_read", lambda: read.append(1) or "abc")
        assert [build.build(), build.build()] == ["abc", "abc"]
        assert read == [1]
        build._read_once.cache_clear()

    def test_the_page_for_no_network_asks_nobody(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            answer = client.get("/offline/")
        assert answer.status_code == 200
        assert "You are offline" in answer.text


class TestManifest:
    def test_it_says_what_an_app_needs(self, client):
        answer = client.get("/manifest.webmanifest")
        assert answer["Content-Type"] == "application/manifest+json"
        said = answer.json()
        assert (said["name"], said["display"], said["start_url"], said["scope"]) == ("Dojang", "standalone", "/", "/")
        assert {each["purpose"] for each in said["icons"]} == {"any", "maskable"}
        assert all(client.get(each["url"]).status_code in {200, 302} for each in said["shortcuts"])

    def test_its_pictures_are_as_large_as_it_says(self, client):
        for icon in client.get("/manifest.webmanifest").json()["icons"]:
            picture = Path(finders.find(icon["src"].removeprefix("/static/"))).read_bytes()
            width, height = struct.unpack(">II", picture[16:24])
            assert picture.startswith(b"\x89PNG")
            assert f"{width}x{height}" == icon["sizes"]

    def test_it_speaks_the_language_of_its_reader(self, client):
        said = {
            code: client.get("/manifest.webmanifest", headers={"Accept-Language": code}).json() for code in ("pl", "ko")
        }
        assert {code: each["lang"] for code, each in said.items()} == {"pl": "pl", "ko": "ko"}
        assert said["pl"]["shortcuts"][2]["name"] == "Tule" or said["pl"]["description"] != said["ko"]["description"]

    def test_every_page_leads_to_it(self, client):
        assert 'href="/manifest.webmanifest"' in client.get("/more/").text
