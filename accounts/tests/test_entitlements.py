"""Who may do more than read."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import queries, rules
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory
from tests.programs import bare_environment, read_settings

pytestmark = pytest.mark.django_db


def test_a_stranger_has_none():
    assert queries.entitlements(person=AnonymousUser()) == frozenset()


def test_whoever_has_an_account_has_those_that_are_free(ben, settings):
    assert queries.entitlements(person=ben) == {"export_pdf"} == set(settings.FREE_ENTITLEMENTS)


def test_which_are_free_is_a_setting(ben, settings):
    settings.FREE_ENTITLEMENTS = ["no_ads", "quiz_create"]
    assert queries.entitlements(person=ben) == {"no_ads", "quiz_create"}
    settings.FREE_ENTITLEMENTS = []
    assert queries.entitlements(person=ben) == frozenset()


def test_the_staff_has_all(otto, settings):
    settings.FREE_ENTITLEMENTS = []
    assert queries.entitlements(person=otto) == rules.ENTITLEMENTS
    assert len(rules.ENTITLEMENTS) == 5


@pytest.mark.parametrize("who", ["ben", "otto"])
def test_an_account_that_is_closed_has_none(request, who):
    person = request.getfixturevalue(who)
    person.is_active = False
    assert queries.entitlements(person=person) == frozenset()


@pytest.mark.parametrize("clubs", [1, 4])
def test_asking_costs_the_same_for_one_club_and_for_four(ben, otto, clubs, django_assert_num_queries):
    for number in range(clubs):
        joined(a_club(UserFactory(), name=f"Club {number}"), ben)
    with django_assert_num_queries(4):
        queries.entitlements(person=ben)
    with django_assert_num_queries(0):
        queries.entitlements(person=otto)


def test_a_key_that_does_not_exist_stops_the_start_with_one_sentence(tmp_path):
    asked = bare_environment(VAR_DIR=str(tmp_path), APP_ENV="test", FREE_ENTITLEMENTS="export_pdf,free_beer")
    refused = read_settings(asked)
    assert refused.returncode == 1
    assert refused.stdout.startswith("FREE_ENTITLEMENTS: each must be one of club_creator, export_pdf, no_ads, ")
    assert refused.stdout.count("\n") == 1
