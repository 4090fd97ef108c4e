"""What the mobile app is promised."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from .factories import many_techniques, published_technique, published_tul

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def now():
    return timezone.now()


def test_the_committed_schema_is_what_the_code_says(client):
    committed = json.loads(Path(settings.BASE_DIR, "openapi.json").read_text("utf-8"))
    assert client.get("/api/schema").json() == committed, "run `make fix`"


def test_the_docs_page_needs_no_other_host(client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "https://" not in page.content.decode()


def test_every_operation_has_an_id_a_summary_and_a_typed_answer(client):
    for path, operations in client.get("/api/schema").json()["paths"].items():
        for operation in operations.values():
            assert operation["operationId"], path
            assert operation["summary"], path
            for status, answer in operation["responses"].items():
                assert answer["content"], f"{path} {status}"


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

    def test_pages_follow_each_other_without_gap_or_repetition(self, client, now):
        many_techniques(7, now=now)
        seen, cursor = [], ""
        while cursor is not None:
            body = client.get("/api/v1/techniques", {"limit": 3, "cursor": cursor}).json()
            seen += [item["slug"] for item in body["items"]]
            cursor = body["next"]
        assert seen == [f"many-{i}" for i in range(7)]

    def test_one_technique_tells_everything(self, client, now):
        published_technique(now=now, slug="ap-chagi")
        body = client.get("/api/v1/techniques/ap-chagi").json()
        assert body["version"] == 1
        assert body["key_points"] == [{"pl": "Po polsku.", "en": "In English.", "ko": "한국어로."}]

    @pytest.mark.parametrize(
        "wrong", ["limit=0", "limit=201", "limit=x", "category=dance", "min_belt=11", "colour=red"]
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

    def test_the_list_says_which_tuls_have_steps(self, client, now):
        published_tul(now=now)
        published_tul(now=now, slug="dan-gun", movements=21, steps=[], closing=None)
        items = client.get("/api/v1/tuls").json()["items"]
        assert {item["slug"]: item["has_steps"] for item in items} == {"chon-ji": True, "dan-gun": False}
