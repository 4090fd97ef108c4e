import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client

from accounts import commands
from accounts.models import User
from accounts.tests.reading import is_signed_in, link_in
from project.foundation.audit import queries as audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def create(now):
    def create(**changes):
        dora = {
            "email": "dora@dojang.example",
            "password": "kyong-ye 24 steps",
            "display_name": "Dora",
            "locale": "pl",
            "is_operator": False,
        }
        return commands.create_person(**dora | changes, now=now)

    return create


def test_whoever_is_let_in_signs_in_at_once(create):
    create(email="Dora@dojang.example")
    client = Client()
    client.post("/account/login/", {"login": "dora@dojang.example", "password": "kyong-ye 24 steps"})
    assert is_signed_in(client)


@pytest.mark.parametrize("is_operator", [True, False])
def test_only_an_operator_may_operate(create, is_operator):
    dora = create(is_operator=is_operator)
    assert (dora.is_staff, dora.is_superuser) == (is_operator, is_operator)


def test_the_audit_event_knows_the_person_by_their_pseudonym_only(create, now):
    dora = create(is_operator=True)
    (event,) = audit.events_of(dora, object_id=str(dora.actor_id))
    assert (event.type, event.at, event.actor_id, event.payload) == ("person.created", now, None, {"operator": True})
    assert dora.date_joined == now


def test_a_taken_address_is_said_to_be_taken_in_any_case(create, ben):
    with pytest.raises(commands.EmailTaken):
        create(email="BEN@dojang.example")
    assert User.objects.count() == 1, "and the transaction goes on"


def test_an_operator_made_on_the_command_line_confirms_their_address_first(client, mailoutbox, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "kyong-ye 24 steps")
    call_command("createsuperuser", "--noinput", email="Root@dojang.example", verbosity=0)
    root = User.objects.get()
    assert (root.email, root.is_staff, root.is_superuser) == ("root@dojang.example", True, True)

    client.post("/account/login/", {"login": root.email, "password": "kyong-ye 24 steps"})
    assert not is_signed_in(client)
    client.post(link_in(mailoutbox[0]))
    assert client.get("/admin/").url == "/account/second-step/totp/activate/", "the door asks for a second step"


@pytest.mark.parametrize("wrong", [{"locale": "de"}, {"email": " "}])
def test_what_else_the_database_refuses_is_not_called_taken(create, wrong):
    with pytest.raises(IntegrityError):
        create(**wrong)
