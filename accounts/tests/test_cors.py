"""Pages of other sites may ask the API only where the operator says so, and never with cookies."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

ORIGIN = "https://app.dojang.example"
API = "/api/v1/techniques"
APP = "/_allauth/app/v1/auth/login"


@pytest.fixture
def opened(settings):
    """As with CORS_ALLOWED_ORIGINS in the environment."""
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]


def preflight(path, *, origin=ORIGIN, method="POST", asks="authorization,content-type"):
    return Client().options(
        path,
        headers={
            "Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": asks,
        },
    )  # fmt: skip


def cors(answer):
    return {name: value for name, value in answer.items() if name.lower().startswith("access-control")}


@pytest.mark.parametrize("path", [API, APP])
def test_closed_unless_it_is_configured(path, settings):
    assert settings.CORS_ALLOWED_ORIGINS == []
    assert cors(preflight(path)) == {}
    assert cors(Client().get(API, headers={"Origin": ORIGIN})) == {}


@pytest.mark.usefixtures("opened")
class TestOpened:
    @pytest.mark.parametrize("path", [API, APP])
    def test_a_page_of_that_origin_may_ask_with_a_token(self, path):
        answer = preflight(path)
        assert answer.status_code == 200
        assert answer["Access-Control-Allow-Origin"] == ORIGIN
        assert {"authorization", "x-session-token", "if-none-match"} <= set(
            answer["Access-Control-Allow-Headers"].split(", ")
        )
        assert "Access-Control-Allow-Credentials" not in answer

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "http://app.dojang.example", f"{ORIGIN}.evil.example", "null"]
    )
    def test_others_may_not(self, origin):
        for answer in (preflight(API, origin=origin), Client().get(API, headers={"Origin": origin})):
            assert cors(answer) == {}

    @pytest.mark.parametrize("path", ["/", "/profile/", "/account/login/", "/admin/", "/health/"])
    def test_pages_stay_closed(self, path):
        assert cors(preflight(path)) == cors(Client().get(path, headers={"Origin": ORIGIN})) == {}

    def test_the_answer_shows_the_headers_that_the_app_lives_by(self):
        answer = Client().get(API, headers={"Origin": ORIGIN})
        assert answer["Access-Control-Allow-Origin"] == ORIGIN
        shown = set(answer["Access-Control-Expose-Headers"].split(", "))
        assert {"etag", "ratelimit", "ratelimit-remaining", "retry-after", "x-request-id"} <= shown
        assert "origin" in answer["Vary"].lower()
        assert "Access-Control-Allow-Credentials" not in answer

    def test_a_refusal_shows_them_too(self, settings):
        settings.THROTTLES = settings.THROTTLES | {"anonymous": 1}
        Client().get(API)
        answer = Client().get(API, headers={"Origin": ORIGIN})
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (429, ORIGIN)
