import json

import pytest
from django.test import Client, RequestFactory

from project.foundation.http import Problem, problem


def answer(refused, **attributes):
    request = RequestFactory().get("/api/v1/techniques")
    vars(request).update(attributes)
    return problem(request, refused)


def test_a_refusal_has_the_shape_of_rfc_9457_and_the_id_of_its_request():
    said = Problem(422, "invalid", "Nie można użyć.", [{"where": ["query", "limit"], "what": "too large"}])
    response = answer(said, request_id="0123456789abcdef")
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "Nie można użyć.",
        "code": "invalid",
        "request_id": "0123456789abcdef",
        "errors": [{"where": ["query", "limit"], "what": "too large"}],
    }


def test_people_can_read_the_detail_in_any_language():
    assert "없습니다" in answer(Problem(404, "not_found", "없습니다")).content.decode()


def test_a_refusal_before_a_request_has_its_id_is_still_answered():
    assert json.loads(answer(Problem(404, "not_found")).content)["request_id"] == ""


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/techniques/no-such-thing", 404, "not_found"),
        ("get", "/api/v1/techniques?limit=0", 422, "invalid"),
    ],
)
def test_every_refusal_of_the_api_is_a_problem_with_the_id_that_was_sent(client, db, method, path, status, code):
    response = getattr(client, method)(path, headers={"X-Request-ID": "from-the-phone"})
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["code"] == code
    assert response.json()["request_id"] == response["X-Request-ID"] == "from-the-phone"


class TestTooLarge:
    """What is larger than DATA_UPLOAD_MAX_MEMORY_SIZE is refused before any of it is read."""

    @pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
    @pytest.mark.parametrize(("method", "path"), [("post", "/api/v1/progress"), ("patch", "/api/v1/me")])
    def test_it_is_a_problem_whoever_asks_for_whatever(self, app, ben, settings, method, path, kind):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        answer = getattr(app(ben), method)(path, b"x" * 1001, content_type=kind)
        assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
        said = answer.json()
        assert (said["title"], said["code"]) == ("Content Too Large", "too_large")
        assert "1000 bytes" in said["detail"]

    def test_so_is_what_a_page_sends_whose_token_is_looked_for_in_it(self, ben, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        page = Client(enforce_csrf_checks=True)
        page.force_login(ben)
        page.get("/more/")
        form = "application/x-www-form-urlencoded"
        assert page.post("/api/v1/progress", b"x" * 1001, content_type=form).status_code == 413

    def test_one_that_is_just_not_too_large_is_read(self, app, ben, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        body = b'{"updates": []}'.ljust(1000)
        assert app(ben).post("/api/v1/progress", body, content_type="application/json").status_code == 200

    def test_every_operation_that_takes_a_body_says_so(self, client):
        promise = client.get("/api/schema").json()
        taking = [each for path in promise["paths"].values() for each in path.values() if "requestBody" in each]
        assert len(taking) > 10
        for operation in taking:
            (kind,) = operation["responses"]["413"]["content"]
            assert kind == "application/problem+json"
