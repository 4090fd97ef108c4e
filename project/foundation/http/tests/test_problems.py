import json

import pytest
from django.test import RequestFactory

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
