"""What every test may ask for: the cast, the instant, and a handbook with the shipped content."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts import commands as accounts
from accounts.models import User
from accounts.queries import Role
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_steps import give_app, sign_in_with_code
from project.foundation.outbound import recorder
from project.foundation.outbound.models import IntegrationError
from tests import standin

hypothesis.settings.register_profile("small", max_examples=50, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=10_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("DEPTH", "small"))

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SHIPPED = "shipped"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _failures_of_services_are_forgotten(django_db_blocker: Any) -> Iterator[None]:
    """They are written by a thread, beside the transaction of the test, so nothing takes them back by itself."""
    before = recorder.written()
    yield
    recorder.wait()
    if recorder.written() != before:
        with django_db_blocker.unblock(), ThreadPoolExecutor(1) as pool:
            pool.submit(_forget_failures).result()


def _forget_failures() -> None:
    IntegrationError.objects.all().delete()
    connection.close()


@pytest.fixture
def stand_in() -> Iterator[standin.StandIn]:
    """Somebody else's service, to be told what to say and how to break."""
    with standin.opened(standin.StandIn()) as opened:
        yield opened


@contextmanager
def _beside() -> Iterator[None]:
    """In the database that has the shipped content. Whoever is inside holds no transaction of the other one."""
    used = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = connection.creation.get_test_db_clone_settings(SHIPPED)["NAME"]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = used


@pytest.fixture(scope="session")
def _shipped_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Loading takes seconds, so each process of a run does it once."""
    with django_db_blocker.unblock():
        connection.close()  # who is copied has no visitors
        connection.creation.clone_test_db(SHIPPED, verbosity=0)
        with _beside():
            call_command("load_content", verbosity=0)
    yield
    with django_db_blocker.unblock():
        connection.creation.destroy_test_db(suffix=SHIPPED, verbosity=0)


@pytest.fixture(scope="class")
def shipped_handbook(_shipped_database: None) -> Iterator[None]:
    """The shipped content, for all tests of a class; none of them may have transactions of its own."""
    with _beside():
        yield


@pytest.fixture
def ada(db: None) -> User:
    """Instructor and club owner."""
    return UserFactory(email="ada@dojang.example", display_name="Ada", locale="pl")


@pytest.fixture
def ben(db: None) -> User:
    """Learner."""
    return UserFactory(email="ben@dojang.example", display_name="Ben", locale="en")


@pytest.fixture
def cleo(db: None) -> User:
    """A stranger to everybody."""
    return UserFactory(email="cleo@dojang.example", display_name="Cleo", locale="ko")


@pytest.fixture
def otto(db: None) -> User:
    """Operator and editor."""
    person = UserFactory(email="otto@dojang.example", display_name="Otto", locale="en", is_staff=True)
    for role in ("operator", "editor"):
        accounts.grant_role(person=person, role=Role(role), by=None, now=NOW)
    return person


@pytest.fixture
def at_the_console(client: Client, otto: User, settings: Any) -> Client:
    """A client that is otto, with his second step shown: the door of the operators' console is open."""
    settings.MFA_TOTP_TOLERANCE = 1  # a code that changes right now is still good
    give_app(otto)
    sign_in_with_code(client, otto)
    return client


@pytest.fixture
def app() -> Callable[[User], Client]:
    """Signs somebody in with the app: a client that sends their access token with all it asks."""

    def sign_in(person: User) -> Client:
        typed = {"email": person.email, "password": PASSWORD}
        answer = Client().post("/_allauth/app/v1/auth/login", typed, content_type="application/json")
        return Client(headers={"Authorization": f"Bearer {answer.json()['meta']['access_token']}"})

    return sign_in


@pytest.fixture
def signed_in(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client
