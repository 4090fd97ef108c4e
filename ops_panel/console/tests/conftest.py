"""People of the console, each already inside: with a second step that was shown in their session."""

import pytest
from django.test import Client

from accounts import commands as accounts
from accounts.queries import Role
from accounts.tests.factories import UserFactory
from accounts.tests.second_steps import give_app, sign_in_with_code
from conftest import NOW
from ops_panel.console import queries


@pytest.fixture(autouse=True)
def _fresh_findings():
    queries._findings.cache_clear()


@pytest.fixture
def patient(settings):
    """Codes of the half minutes before and after are good too, so that no test falls into the moment of change."""
    settings.MFA_TOTP_TOLERANCE = 1


def inside(person) -> Client:
    """A client of its own, in which this person has typed password and code."""
    client = Client()
    give_app(person)
    sign_in_with_code(client, person)
    client.get("/console/schedules/")  # which shows the welcome, so that no test does
    return client


@pytest.fixture
def operator(otto, patient):
    return inside(otto)


@pytest.fixture
def ann(db):
    """Analyst: may look and not touch."""
    person = UserFactory(email="ann@dojang.example", display_name="Ann", locale="en", is_staff=True)
    accounts.grant_role(person=person, role=Role.ANALYST, by=None, now=NOW)
    return person


@pytest.fixture
def analyst(ann, patient):
    return inside(ann)
