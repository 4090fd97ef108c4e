"""What PostgreSQL refuses on its own, whoever asks."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def insert(**changes):
    row = {
        "email": "dora@dojang.example",
        "display_name": "Dora",
        "locale": "pl",
        "time_zone": "Europe/Warsaw",
        "actor_id": uuid.uuid4(),
        "password": "!",
        "is_superuser": False,
        "is_staff": False,
        "is_active": True,
    } | changes
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute(f"INSERT INTO accounts_user ({names}, date_joined) VALUES ({marks}, now())", list(row.values()))


def test_a_good_row_is_taken():
    insert()
    assert User.objects.get().email == "dora@dojang.example"


@pytest.mark.parametrize("email", ["ben@dojang.example", "BEN@dojang.example", "Ben@Dojang.Example"])
def test_two_people_cannot_have_addresses_that_differ_in_case_only(ben, email):
    with pytest.raises(IntegrityError, match="one_user_per_email"):
        insert(email=email)


def test_an_address_cannot_be_changed_into_somebody_elses(ben, cleo):
    with pytest.raises(IntegrityError, match="one_user_per_email"), connection.cursor() as sql:
        sql.execute("UPDATE accounts_user SET email = upper(%s) WHERE id = %s", [ben.email, cleo.pk])


def test_nobody_is_without_an_address():
    with pytest.raises(IntegrityError, match="user_has_an_email"):
        insert(email="")
    insert(email=None)
    with connection.cursor() as sql, pytest.raises(IntegrityError, match="neither an address nor a code"):
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("locale", ["de", "PL", "xx"])
def test_an_unknown_language_is_refused(locale):
    with pytest.raises(IntegrityError, match="user_locale_is_known"):
        insert(locale=locale)


@pytest.mark.parametrize("locale", ["", "pl", "en", "ko"])
def test_the_languages_of_the_house_and_none_are_taken(locale):
    insert(locale=locale)


def test_two_people_cannot_have_one_pseudonym(ben):
    with pytest.raises(IntegrityError, match="actor_id"):
        insert(actor_id=ben.actor_id)


def test_one_address_is_confirmed_for_one_person_only(ben, cleo):
    with pytest.raises(IntegrityError, match="unique_verified_email"), connection.cursor() as sql:
        sql.execute("UPDATE account_emailaddress SET email = %s WHERE user_id = %s", [ben.email, cleo.pk])


def test_addresses_are_kept_in_small_letters():
    assert User.objects.create_user("  Dora@Dojang.EXAMPLE ").email == "dora@dojang.example"


def test_people_are_found_by_their_address_in_any_case(ben):
    assert User.objects.get_by_natural_key("BEN@dojang.example") == ben


def test_pseudonyms_tell_nothing_about_the_order_of_people():
    first, second = UserFactory(), UserFactory()
    assert first.actor_id.version == second.actor_id.version == 4
