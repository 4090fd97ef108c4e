"""Is the hall alive, and has it all that it needs?"""

import pytest
from django.db import OperationalError, connection

import project.health
from project.foundation import health


@pytest.fixture
def checks(monkeypatch):
    """Only the checks that the test registers."""
    monkeypatch.setattr(health, "_checks", {})
    return health.register


def found(name, state, reason=""):
    return lambda: health.Finding(name, state, reason)


class TestAlive:
    def test_a_process_that_answers_is_alive_without_asking_the_database(self, client, django_assert_num_queries, db):
        with django_assert_num_queries(0):
            answer = client.get("/health/")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_the_answer_is_never_kept(self, client):
        assert "no-store" in client.get("/health/")["Cache-Control"]

    def test_it_can_only_be_read(self, client):
        assert client.post("/health/").status_code == 405


class TestReady:
    def test_everything_that_this_hall_stands_on_is_there(self, client, db, settings):
        settings.DEBUG = True
        answer = client.get("/health/ready/")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ok",
            "checks": [
                {"name": name, "state": "ok", "reason": ""}
                for name in (
                    "audit",
                    "cache",
                    "channel layer",
                    "database",
                    "jobs",
                    "migrations",
                    "outbound",
                    "search",
                    "storage",
                )
            ],
        }

    @pytest.mark.parametrize(
        ("states", "status", "code"),
        [
            ([], "ok", 200),
            (["ok", "ok"], "ok", 200),
            (["ok", "degraded"], "degraded", 200),
            (["degraded", "down", "ok"], "down", 503),
        ],
    )
    def test_the_worst_finding_is_the_state_of_the_hall(self, client, db, checks, states, status, code):
        for number, state in enumerate(states):
            checks(f"part {number}", found(f"part {number}", state))
        answer = client.get("/health/ready/")
        assert (answer.status_code, answer.json()["status"]) == (code, status)

    def test_a_check_that_breaks_means_down_with_the_kind_of_its_error_and_no_more(self, client, db, checks, settings):
        settings.DEBUG = True

        def broken():
            raise ConnectionError("redis://:secret@redis.internal refused")

        checks("cache", broken)
        checks("database", found("database", "ok"))
        answer = client.get("/health/ready/")
        assert answer.status_code == 503
        assert answer.json()["checks"] == [
            {"name": "cache", "state": "down", "reason": "ConnectionError"},
            {"name": "database", "state": "ok", "reason": ""},
        ]

    def test_the_answer_is_never_kept(self, client, db):
        assert "no-store" in client.get("/health/ready/")["Cache-Control"]

    class TestDetails:
        @pytest.fixture(autouse=True)
        def _down(self, checks, settings):
            settings.DEBUG = False
            checks("database", found("database", "down", "OperationalError"))

        def test_a_stranger_sees_the_state_and_no_reason(self, client, db):
            assert client.get("/health/ready/").json() == {"status": "down"}

        def test_a_learner_sees_no_more_than_a_stranger(self, signed_in):
            assert signed_in.get("/health/ready/").json() == {"status": "down"}

        def test_an_operator_sees_the_reasons(self, client, otto):
            client.force_login(otto)
            (check,) = client.get("/health/ready/").json()["checks"]
            assert check == {"name": "database", "state": "down", "reason": "OperationalError"}

        def test_a_developer_sees_the_reasons(self, client, db, settings):
            settings.DEBUG = True
            assert client.get("/health/ready/").json()["checks"]


class TestWhatIsChecked:
    def finding(self, name):
        (finding,) = (each for each in health.findings() if each.name == name)
        return finding

    def test_a_database_that_does_not_answer_is_down(self, db, monkeypatch):
        class Gone:
            def cursor(self):
                raise OperationalError("connection refused")

        monkeypatch.setattr(project.health, "connection", Gone())
        assert self.finding("database") == health.Finding("database", "down", "OperationalError")

    def test_a_migration_that_was_not_applied_is_down(self, db):
        with connection.cursor() as sql:
            last = "SELECT max(name) FROM django_migrations WHERE app = 'audit'"
            sql.execute(f"DELETE FROM django_migrations WHERE app = 'audit' AND name = ({last})")
        assert self.finding("migrations") == health.Finding("migrations", "down", "1 not applied")

    def test_pages_work_without_the_cache_so_the_hall_is_only_degraded(self, db, settings, tmp_path):
        nowhere = {"default": settings.CACHES["default"] | {"LOCATION": f"unix://{tmp_path}/nowhere.sock"}}
        settings.CACHES = nowhere
        assert self.finding("cache") == health.Finding("cache", "degraded", "ConnectionError")

    def test_a_cache_that_forgets_is_degraded(self, db, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        assert self.finding("cache") == health.Finding("cache", "degraded", "forgets")

    def test_a_folder_that_cannot_be_written_to_is_degraded(self, db, settings, tmp_path):
        (tmp_path / "file").touch()
        settings.VAR_DIR = tmp_path / "file" / "var"
        assert self.finding("storage") == health.Finding("storage", "degraded", "Not a directory")


class TestWithoutTheDatabase:
    @pytest.fixture
    def away(self, signed_in, monkeypatch, settings, checks):
        """Somebody has a session, and the database, which knows whose, does not answer."""

        def lost(*args):
            raise OperationalError("connection refused")

        settings.DEBUG = False
        checks("database", lost)
        monkeypatch.setattr("django.contrib.auth.middleware.get_user", lost)
        return signed_in

    def test_it_is_said_with_503_to_whoever_was_signed_in(self, away):
        answer = away.get("/health/ready/")
        assert (answer.status_code, answer.json()) == (503, {"status": "down"})

    def test_the_process_is_alive_all_the_same(self, away):
        assert away.get("/health/").status_code == 200
