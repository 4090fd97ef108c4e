"""What every test may ask for: the cast, the instant, and a handbook with the shipped content."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts import commands as accounts
from accounts.models import User
from accounts.tests.factories import UserFactory

hypothesis.settings.register_profile("small", max_examples=50, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=10_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("DEPTH", "small"))

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(scope="class")
def shipped_handbook(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The shipped content, loaded once for all tests of a class and gone after them."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer._from_testcase = True  # commands that insist on a transaction of their own still find one
        with outer:
            call_command("load_content", verbosity=0)
            yield
            transaction.set_rollback(True)


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
        accounts.grant_role(person=person, role=accounts.queries.Role(role), by=None, now=NOW)
    return person


@pytest.fixture
def signed_in(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client
