"""The strict profile: what production refuses, and that nothing is left to say about it."""

import os

import pytest

from tests.programs import bare_environment, database_url, manage, read_settings


@pytest.fixture
def production(tmp_path, db):
    """All that production needs, with the database and the cache of this test run."""
    return bare_environment(
        APP_ENV="production",
        VAR_DIR=str(tmp_path),
        DATABASE_URL=database_url(),
        REDIS_URL=os.environ["REDIS_URL"],
        DJANGO_SECRET_KEY="k7!mQ2#vR9$xT4&wZ8*bN3^cJ6(hL1)pS5@dF0-gY_uEoAiKtB",
        DJANGO_ALLOWED_HOSTS="dojang.example",
        PUBLIC_URL="https://dojang.example",
        EMAIL_URL="submission://user:password@mail.example:587",
        LOG_LEVEL="WARNING",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"DJANGO_SECRET_KEY": ""}, "DJANGO_SECRET_KEY: is not set. "),
        ({"DJANGO_ALLOWED_HOSTS": ""}, "DJANGO_ALLOWED_HOSTS: is not set. "),
        ({"DEBUG": "true"}, "DEBUG: must be false when APP_ENV is production."),
    ],
)
def test_production_does_not_start_on_what_only_a_laptop_may_lack(production, change, said):
    refused = read_settings(production | change)
    assert refused.returncode == 1
    assert refused.stdout.startswith(said)
    assert refused.stdout.count("\n") == 1


def test_a_command_without_the_secret_ends_with_that_sentence_and_no_traceback(production):
    refused = manage("migrate", env=production | {"DJANGO_SECRET_KEY": ""})
    assert refused.returncode == 1
    assert refused.stdout.startswith("DJANGO_SECRET_KEY: is not set. ")
    assert refused.stdout.count("\n") == 1


def test_production_with_everything_set_leaves_nothing_to_say(production):
    checked = manage("check", "--deploy", "--fail-level=DEBUG", env=production)
    assert (checked.returncode, checked.stdout) == (0, "System check identified no issues (1 silenced).\n")


def test_production_never_lets_the_demo_cast_in(production):
    refused = manage("seed_demo", env=production)
    assert refused.returncode == 1
    assert "known password" in refused.stdout
    assert "Traceback" not in refused.stdout
