import re
import uuid

import pytest
import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.test import Client
from django.urls import path
from whitenoise.responders import StaticFile


def echo(request):
    return JsonResponse({"id": request.request_id, "logged": structlog.contextvars.get_contextvars()})


urlpatterns = [path("echo/", login_not_required(echo))]


class TestRequestId:
    @pytest.fixture(autouse=True)
    def _routes(self, settings):
        settings.ROOT_URLCONF = __name__

    def test_a_request_without_an_id_gets_one_and_is_told(self, client):
        first, second = client.get("/echo/"), client.get("/echo/")
        assert re.fullmatch(r"[0-9a-f]{32}", first["X-Request-ID"])
        assert first["X-Request-ID"] != second["X-Request-ID"]
        assert first.json()["id"] == first["X-Request-ID"]

    @pytest.mark.parametrize("given", ["from-nginx.0001", "A" * 64, "12345678", str(uuid.UUID(int=7))])
    def test_an_id_from_the_proxy_is_kept_and_sent_back(self, client, given):
        response = client.get("/echo/", headers={"X-Request-ID": given})
        assert (response["X-Request-ID"], response.json()["id"]) == (given, given)

    @pytest.mark.parametrize(
        "given",
        [
            "short",
            "A" * 65,
            "with space in it",
            'quote"quote',
            "<script>alert(1)",
            "ünïcödé-id",
            "line1234\n",
            "../../../etc",
        ],
    )
    def test_an_id_that_could_do_harm_is_replaced(self, client, given):
        response = client.get("/echo/", headers={"X-Request-ID": given})
        assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-ID"])

    def test_everything_logged_meanwhile_carries_the_id_and_nothing_afterwards_does(self, client):
        logged = client.get("/echo/", headers={"X-Request-ID": "from-nginx.0001"}).json()["logged"]
        assert logged["request_id"] == "from-nginx.0001"
        assert "request_id" not in structlog.contextvars.get_contextvars()

    def test_an_error_page_has_its_id_too(self, client, settings, db):
        settings.ROOT_URLCONF = "project.urls"
        response = client.get("/no-such-page/", headers={"X-Request-ID": "from-nginx.0001"})
        assert (response.status_code, response["X-Request-ID"]) == (404, "from-nginx.0001")

    def test_a_request_is_logged_once_without_what_was_typed_into_its_address(self, client):
        with structlog.testing.capture_logs() as logs:
            client.get("/echo/?q=ben@dojang.example")
        (entry,) = [each for each in logs if each["event"] == "request"]
        assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/echo/", 200)
        assert "ben@" not in str(logs)

    def test_files_are_not_logged(self, client):
        with structlog.testing.capture_logs() as logs:
            client.get("/static/favicon.svg")
        assert logs == []


class TestPolicyHeaders:
    def test_browsers_are_told_what_our_pages_never_need(self, client):
        response = client.get("/health/")
        assert response["Permissions-Policy"] == "camera=(), geolocation=(), payment=(), usb=()"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "DENY"

    def test_scripts_and_styles_come_from_here_alone_and_nobody_may_frame_us(self, client):
        policy = client.get("/health/")["Content-Security-Policy"]
        rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
        assert rules["default-src"] == rules["style-src"] == "'self'"
        assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"
        assert "unsafe" not in policy

    def test_robots_are_asked_to_stay_away(self, client, settings):
        settings.ROBOTS_ALLOW = False
        assert client.get("/health/")["X-Robots-Tag"] == "noindex, nofollow, noarchive"

    def test_robots_are_let_in_where_the_setting_says_so(self, client, settings):
        settings.ROBOTS_ALLOW = True
        assert "X-Robots-Tag" not in client.get("/health/").headers

    def test_files_and_errors_have_the_headers_too(self, client, db):
        for address in ("/static/favicon.svg", "/no-such-page/"):
            assert client.get(address)["Permissions-Policy"].startswith("camera=()"), address


class TestFormAddresses:
    BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    @pytest.mark.parametrize("path", ["/theme/", "/practise/review/undo/", "/account/sessions/end/"])
    def test_whoever_opens_one_reads_a_page_with_a_way_on(self, signed_in, path):
        answer = signed_in.get(path, headers={"Accept": self.BROWSER})
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert answer.text.count("<h1") == 1
        assert "only takes what a form sends" in answer.text
        assert 'href="/"' in answer.text

    def test_it_speaks_the_readers_language(self, client, ada):
        client.force_login(ada)
        assert '<html lang="pl"' in client.get("/theme/", headers={"Accept": self.BROWSER}).text

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/theme/", {}),
            ("/theme/", {"Accept": "*/*"}),
            ("/theme/", {"Accept": "application/json"}),
            ("/theme/", {"Accept": BROWSER, "HX-Request": "true"}),
            ("/_allauth/app/v1/auth/signup", {"Accept": BROWSER}),
        ],
    )
    def test_scripts_and_the_app_get_as_little_as_before(self, client, db, path, headers):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.content) == (405, b"")

    def test_the_api_has_its_own_words(self, client, db):
        answer = client.delete("/api/v1/techniques", headers={"Accept": self.BROWSER})
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


class TestStaticFiles:
    @pytest.mark.parametrize(
        ("file", "kind"),
        [
            ("css/base.css", "text/css"),
            ("js/main.js", "text/javascript"),
            ("icons.svg", "image/svg+xml"),
            ("vendor/README.md", "text/markdown"),
        ],
    )
    def test_a_file_is_answered_whole_and_with_its_type(self, client, settings, file, kind):
        response = client.get(f"/static/{file}")
        written = (settings.BASE_DIR / "static" / file).read_bytes()
        assert (response.status_code, response.content) == (200, written)
        assert response["Content-Type"].partition(";")[0] == kind
        assert response["Content-Length"] == str(len(written))

    def test_head_says_how_long_a_file_is_and_sends_nothing(self, client):
        whole, head = client.get("/static/icons.svg"), client.head("/static/icons.svg")
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == whole["Content-Length"]

    def test_a_file_that_has_not_changed_is_not_sent_again(self, client):
        seen = client.get("/static/icons.svg")["Last-Modified"]
        again = client.get("/static/icons.svg", headers={"If-Modified-Since": seen})
        assert (again.status_code, again.content) == (304, b"")

    def test_a_file_that_changed_since_is_sent_again(self, client):
        again = client.get("/static/icons.svg", headers={"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"})
        assert again.status_code == 200

    def test_a_part_of_a_file_is_answered_with_that_part(self, client):
        part = client.get("/static/icons.svg", headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"<svg")

    @pytest.mark.parametrize("address", ["/static/no-such.css", "/static/../manage.py", "/static/%2e%2e/manage.py"])
    def test_what_is_not_there_or_not_ours_to_show_is_not_found(self, client, db, address):
        assert client.get(address).status_code == 404

    def test_files_cannot_be_written(self, client):
        assert client.post("/static/icons.svg").status_code == 405

    def test_where_files_were_collected_those_are_answered_and_no_others(self, db, settings, tmp_path):
        (tmp_path / "css").mkdir()
        (tmp_path / "css/base.0123456789ab.css").write_text("a{}")
        settings.STATIC_ROOT, settings.DEBUG = str(tmp_path), False
        response = Client().get("/static/css/base.0123456789ab.css")
        assert (response.status_code, response.content) == (200, b"a{}")
        assert Client().get("/static/favicon.svg").status_code == 404

    def test_no_file_is_left_open(self, client, monkeypatch):
        opened, answer = [], StaticFile.get_response

        def remember(self, *asked):
            answered = answer(self, *asked)
            opened.append(answered.file)
            return answered

        monkeypatch.setattr(StaticFile, "get_response", remember)
        client.get("/static/icons.svg")
        assert [file.closed for file in opened] == [True]
