"""What the mobile app is promised."""

import json
import re
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from learning.handbook.models import TechniqueEdition, TrainingPlan

from .factories import TEXT, many_techniques, published_technique, published_tul, reindexed, small_handbook

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def now():
    return timezone.now() - timedelta(seconds=1)


def test_the_committed_schema_is_what_the_code_says(client):
    committed = json.loads(Path(settings.BASE_DIR, "openapi.json").read_text("utf-8"))
    assert client.get("/api/schema").json() == committed, "run `make fix`"


def test_the_schema_is_openapi_3_1_and_every_reference_leads_somewhere(client):
    schema = client.get("/api/schema").json()
    assert schema["openapi"].startswith("3.1")
    for kind, name in set(re.findall(r'"#/components/(\w+)/([\w-]+)"', json.dumps(schema))):
        assert name in schema["components"][kind]
    for operations in schema["paths"].values():
        for parameter in chain.from_iterable(operation.get("parameters", []) for operation in operations.values()):
            assert "examples" not in parameter, "a list of examples is only allowed in a schema"


PERSONAL = re.compile(r"/api/v1/(billing|ads|me|gradings|belts|reviews|quizzes|progress|stats)\b")


def of_the_handbook(client):
    """The operations that only read what everybody may; those of people are tested in their apps."""
    paths = client.get("/api/schema").json()["paths"]
    found = {path: paths[path] for path in paths if not PERSONAL.match(path)}
    assert len(found) > 8
    return found


def test_the_docs_page_needs_no_other_host(client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "https://" not in page.content.decode()


def test_every_operation_has_an_id_a_summary_and_a_typed_answer(client):
    for path, operations in of_the_handbook(client).items():
        for operation in operations.values():
            assert operation["operationId"], path
            assert operation["summary"], path
            assert {"200", "304", "422", "429"} <= set(operation["responses"]), path
            for status, answer in operation["responses"].items():
                media = "application/json" if status == "200" else PROBLEM
                assert set(answer.get("content", [])) == ({media} if status != "304" else set()), f"{path} {status}"
                assert "RateLimit-Remaining" in answer["headers"]


class TestTechniques:
    def test_the_list_gives_names_in_three_languages(self, client, now):
        published_technique(now=now, slug="ap-chagi", category="kick")
        body = client.get("/api/v1/techniques").json()
        assert body["next"] is None
        assert body["items"] == [
            {
                "slug": "ap-chagi",
                "category": "kick",
                "min_belt": 9,
                "names": {"pl": "ap-chagi pl", "en": "ap-chagi en", "ko": "서기"},
                "hangul": "서기",
                "transliteration": "ap chagi",
            }
        ]

    @pytest.mark.parametrize(
        ("asked", "slugs"),
        [
            ("", ["a-chagi", "b-chagi", "c-sogi"]),
            ("category=kick", ["a-chagi", "b-chagi"]),
            ("belt=9", ["b-chagi"]),
            ("min_belt=9", ["b-chagi", "c-sogi"]),
            ("min_belt=9&category=stance", ["c-sogi"]),
            ("has_media=true", []),
            ("has_media=false", ["a-chagi", "b-chagi", "c-sogi"]),
            ("q=chagy", ["a-chagi", "b-chagi"]),
            ("ordering=belt", ["c-sogi", "b-chagi", "a-chagi"]),
            ("ordering=-belt", ["a-chagi", "b-chagi", "c-sogi"]),
            ("ordering=-name", ["c-sogi", "b-chagi", "a-chagi"]),
            ("ordering=name&limit=2", ["a-chagi", "b-chagi"]),
        ],
    )
    def test_it_can_be_narrowed_and_ordered(self, client, now, asked, slugs):
        published_technique(now=now, slug="a-chagi", category="kick", min_belt=0)
        published_technique(now=now, slug="b-chagi", category="kick", min_belt=9)
        published_technique(now=now, slug="c-sogi", category="stance", min_belt=10)
        items = client.get(f"/api/v1/techniques?{asked}").json()["items"]
        assert [item["slug"] for item in items] == slugs

    @pytest.mark.parametrize("ordering", ["slug", "belt", "-belt", "name", "-name"])
    def test_pages_follow_each_other_without_gap_or_repetition(self, client, now, ordering):
        many_techniques(17, now=now)
        whole = [item["slug"] for item in client.get("/api/v1/techniques", {"ordering": ordering}).json()["items"]]
        seen, cursor = [], ""
        while cursor is not None:
            asked = {"limit": 3, "cursor": cursor, "ordering": ordering}
            body = client.get("/api/v1/techniques", asked).json()
            seen += [item["slug"] for item in body["items"]]
            cursor = body["next"]
        assert seen == whole
        assert len(set(whole)) == 17

    def test_a_cursor_of_another_ordering_or_a_changed_one_is_refused(self, client, now):
        many_techniques(3, now=now)
        cursor = client.get("/api/v1/techniques?limit=1").json()["next"]
        for url, asked in (
            ("/api/v1/techniques", {"cursor": cursor, "ordering": "name"}),
            ("/api/v1/techniques", {"cursor": cursor + "x"}),
            ("/api/v1/tuls", {"cursor": cursor}),
        ):
            answer = client.get(url, asked)
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["where"] == ["query", "cursor"]

    def test_one_technique_tells_everything(self, client, now):
        published_technique(now=now, slug="ap-chagi")
        body = client.get("/api/v1/techniques/ap-chagi").json()
        assert body["version"] == 1
        assert body["key_points"] == [{"pl": "Po polsku.", "en": "In English.", "ko": "한국어로."}]

    @pytest.mark.parametrize(
        "wrong",
        [
            "limit=0",
            "limit=201",
            "limit=x",
            "category=dance",
            "min_belt=11",
            "belt=-1",
            "ordering=random",
            "colour=red",
        ],
    )
    def test_what_cannot_be_asked_is_refused_as_a_problem(self, client, wrong):
        answer = client.get(f"/api/v1/techniques?{wrong}")
        assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
        body = answer.json()
        assert body["code"] == "invalid"
        assert wrong.split("=")[0] in json.dumps(body["errors"])

    def test_what_is_not_there_is_a_problem_with_the_request_id(self, client):
        answer = client.get("/api/v1/techniques/nothing", headers={"X-Request-ID": "walk-12345678"})
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
        assert answer.json()["request_id"] == "walk-12345678" == answer["X-Request-ID"]


class TestTuls:
    def test_one_tul_has_its_steps_with_the_feet(self, client, now):
        published_tul(now=now)
        body = client.get("/api/v1/tuls/chon-ji").json()
        assert body["ready"] == "narani-junbi-sogi"
        step = body["steps"][0]
        assert (step["step_key"], step["technique"], step["facing"]) == ("1", "gunnun-sogi", "D")
        assert (step["left"], step["right"]) == ([0.0, 1.5], [0.0, 0.0])

    def test_the_list_says_which_tuls_have_steps_in_the_official_order(self, client, now):
        published_tul(now=now, slug="a-later-one", order=2, belt=8, movements=21, steps=[], closing=None)
        published_tul(now=now)
        items = client.get("/api/v1/tuls").json()["items"]
        assert [(item["slug"], item["has_steps"]) for item in items] == [("chon-ji", True), ("a-later-one", False)]
        assert [item["slug"] for item in client.get("/api/v1/tuls?belt=8").json()["items"]] == ["a-later-one"]
        assert [item["slug"] for item in client.get("/api/v1/tuls?min_belt=9").json()["items"]] == ["chon-ji"]


class TestTheRest:
    @pytest.fixture(autouse=True)
    def handbook(self, now):
        small_handbook(now=now)

    def test_a_word_of_the_glossary_names_its_technique(self, client):
        (term,) = client.get("/api/v1/glossary?topic=commands").json()["items"]
        assert term == client.get("/api/v1/glossary/charyot").json()
        assert (term["names"]["en"], term["technique"]) == ("attention", "ap-cha-busigi")
        assert client.get("/api/v1/glossary?topic=feet").json() == {"items": [], "next": None}

    def test_articles_are_listed_without_their_texts(self, client):
        (line,) = client.get("/api/v1/theory?belt=8&topic=training").json()["items"]
        assert "body" not in line
        article = client.get("/api/v1/theory/sine-wave").json()
        assert article["body"] == TEXT
        assert article.items() >= line.items()
        assert client.get("/api/v1/theory?belt=9").json()["items"] == []

    def test_a_grading_names_what_it_asks(self, client):
        body = client.get("/api/v1/exams/8/syllabus").json()
        assert (body["belt"], body["months_in_grade"]) == (8, 3)
        assert [each["slug"] for each in body["techniques"]] == ["gunnun-sogi"]
        assert body["tuls"] == [{"slug": "chon-ji", "name": "Chon-Ji", "hangul": "천지", "movements": 2}]
        assert body["theory"] == [{"question": TEXT, "answer": TEXT}]
        assert client.get("/api/v1/exams/7/syllabus").status_code == 404
        assert client.get("/api/v1/exams/10/syllabus").status_code == 422

    def test_a_plan_says_what_to_do_and_how_long(self, client):
        (line,) = client.get("/api/v1/plans?belt=8").json()["items"]
        plan = client.get(f"/api/v1/plans/{line['slug']}").json()
        assert plan["seconds"] == 2 * 3 * 40 - 10
        items = plan["blocks"][0]["items"]
        assert [(item["kind"], item["slug"]) for item in items] == [
            ("exercise", "push-ups"), ("technique", "ap-cha-busigi"), ("tul", "chon-ji"),
        ]  # fmt: skip
        assert [bool(item["exercise"]) for item in items] == [True, False, False]
        assert items[2]["names"] == {"pl": "Chon-Ji", "en": "Chon-Ji", "ko": "천지"}

    def test_a_technique_that_has_ended_leaves_its_time_in_the_plan(self, client, now):
        TechniqueEdition.objects.filter(identity__slug="ap-cha-busigi").update(valid_to=now + timedelta(microseconds=1))
        item = client.get("/api/v1/plans/fast-hands").json()["blocks"][0]["items"][1]
        assert (item["kind"], item["slug"], item["names"], item["work"]) == ("technique", None, None, 30)

    def test_own_plans_are_seen_by_their_owner_only(self, client, ben, cleo):
        TrainingPlan.objects.create(slug="bens", belt=8, name=TEXT, goal=TEXT, owner=ben)
        seen = {}
        for person in (None, ben, cleo):
            reader = Client()
            if person:
                reader.force_login(person)
            listed = {item["slug"]: item["is_own"] for item in reader.get("/api/v1/plans").json()["items"]}
            seen[person] = listed, reader.get("/api/v1/plans/bens").status_code
        assert seen[None] == seen[cleo] == ({"fast-hands": False}, 404)
        assert seen[ben] == ({"bens": True, "fast-hands": False}, 200)

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("q=chon+ji", ("tul", "chon-ji", "exact")),
            ("q=차렷", ("term", "charyot", "exact")),
            ("q=ap+cha+bushigi&type=technique", ("technique", "ap-cha-busigi", "sounds_exact")),
            ("q=ap+cha&category=kick&belt=9&limit=1", ("technique", "ap-cha-busigi", "begins")),
        ],
    )
    def test_search_says_what_it_found_and_how_near_it_is(self, client, asked, found):
        items = client.get(f"/api/v1/search?{asked}").json()["items"]
        assert (items[0]["type"], items[0]["slug"], items[0]["nearness"]) == found

    def test_search_corrects_slips_and_says_so(self, client):
        body = client.get("/api/v1/search?q=chxryot").json()
        assert (body["items"][0]["slug"], body["meant"]) == ("charyot", ["charyot"])

    def test_search_shows_where_an_article_speaks_of_it_in_the_readers_language(self, client):
        for language, text in (("en", "In English."), ("pl", "Po polsku.")):
            url = f"/api/v1/search?q={text.split()[1].strip('.')}&type=article"
            (item,) = client.get(url, headers={"Accept-Language": language}).json()["items"]
            assert item["excerpt"] == text

    @pytest.mark.parametrize("wrong", ["", "q=", "q=x&limit=51", "q=x&limit=0", "q=x&type=film", "q=x&page=2"])
    def test_search_refuses_what_it_cannot_do(self, client, wrong):
        assert client.get(f"/api/v1/search?{wrong}").status_code == 422

    def test_no_draft_is_anywhere(self, client):
        for path in client.get("/api/schema").json()["paths"]:
            if "{" not in path:
                asked = {"q": "secret"} if path.endswith("search") else {}
                assert "secret-sogi" not in client.get(path, asked).content.decode()
        assert client.get("/api/v1/techniques/secret-sogi").status_code == 404

    @pytest.mark.parametrize("path", ["techniques", "tuls", "glossary", "theory", "search"])
    def test_nothing_is_spelled_with_a_nul(self, client, path):
        assert client.get(f"/api/v1/{path}", {"q": "ch\x00on"}).status_code == 200
        assert client.get(f"/api/v1/{path}/a%00b").status_code in {404, 422}

    def test_every_operation_refuses_a_parameter_that_it_does_not_know(self, client):
        for path in of_the_handbook(client):
            url = path.replace("{slug}", "x").replace("{belt}", "8")
            answer = client.get(url, {"q": "x", "colour": "red"})
            assert answer.status_code == 422, path
            assert ["query", "colour"] in [error["where"] for error in answer.json()["errors"]]


class TestRefusals:
    @pytest.mark.parametrize(
        ("method", "url", "status", "code"),
        [
            ("get", "/api/v1/nothing", 404, "not_found"),
            ("get", "/api/v1/techniques/", 404, "not_found"),
            ("get", "/api/nothing/at/all", 404, "not_found"),
            ("get", "/api/", 404, "not_found"),
            ("post", "/api/v1/nothing", 404, "not_found"),
            ("post", "/api/v1/techniques", 405, "method_not_allowed"),
            ("delete", "/api/v1/tuls/chon-ji", 405, "method_not_allowed"),
        ],
    )
    def test_all_of_them_are_problems(self, client, method, url, status, code):
        answer = getattr(client, method)(url)
        assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
        assert answer.json()["code"] == code
        assert answer.json()["request_id"] == answer["X-Request-ID"]
        if status == 405:
            assert answer["Allow"] == "GET"

    def test_also_a_failure_of_ours_and_it_says_nothing_about_why(self, client, monkeypatch):
        def fails(**_):
            raise RuntimeError("secret")

        monkeypatch.setattr("learning.handbook.queries.techniques", fails)
        client.raise_request_exception = False
        answer = client.get("/api/v1/techniques", headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
        assert answer.json()["code"] == "failed"
        assert b"secret" not in answer.content

    def test_also_one_before_the_operation_is_reached(self, client, monkeypatch):
        assert client.get("/api/v1/techniques").status_code == 200

        def fails(*_, **__):
            raise RuntimeError("secret")

        monkeypatch.setattr("learning.handbook.queries.state", fails)
        client.raise_request_exception = False
        answer = client.get("/api/v1/techniques")
        assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)

    def test_and_a_host_that_is_not_ours(self, client):
        answer = client.get("/api/v1/techniques", headers={"Host": "evil.example"})
        assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)

    def test_pages_keep_their_own(self, client):
        assert client.get("/nothing/")["Content-Type"].startswith("text/html")


class TestCosts:
    @pytest.mark.parametrize(
        ("url", "queries"),
        [
            ("/api/v1/techniques", 2), ("/api/v1/techniques?ordering=-name&category=kick", 2), ("/api/v1/tuls", 2),
            ("/api/v1/glossary", 2), ("/api/v1/theory", 2), ("/api/v1/plans", 2),
        ],
    )  # fmt: skip
    def test_a_list_costs_the_same_whatever_its_length(self, now, django_assert_num_queries, url, queries):
        for number in (0, 300):
            many_techniques(number, now=now, first=number)
            with django_assert_num_queries(queries):
                assert Client().get(url).status_code == 200, "a client that nothing is kept for"

    @pytest.mark.parametrize("q", ["many", "mnay", "zzzzzz"])
    def test_also_when_it_is_looked_through(self, client, now, django_assert_max_num_queries, q):
        many_techniques(60, now=now)
        reindexed(now=now)
        cursor = client.get("/api/v1/techniques?q=many&limit=3").json()["next"]
        with django_assert_max_num_queries(3):
            client.get("/api/v1/techniques", {"q": q, "cursor": cursor})
