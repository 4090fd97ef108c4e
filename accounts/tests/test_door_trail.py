"""The audit trail of the doors: who came in, who went out, who was refused; with no address and no code in it."""

import json

import pytest
from django.contrib.auth import logout
from django.test import Client, RequestFactory

from accounts import queries
from accounts.tests.factories import PASSWORD
from accounts.tests.second_steps import code, give_app, recovery_codes, sign_in_with_code, type_code, type_password
from project.foundation.audit.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]


def trail(*types):
    """Type, who, about whom and payload of what happened, oldest first."""
    events = AuditEvent.objects.filter(type__in=types) if types else AuditEvent.objects.all()
    return [(each.type, each.actor_id, each.object_id, each.payload) for each in events.order_by("id")]


def test_signing_in_and_out_is_kept_with_what_was_shown(client, ben):
    me = ben.actor_id
    type_password(client, ben)
    client.post("/account/logout/")
    assert trail() == [
        ("sign_in.succeeded", me, str(me), {"shown": ["password"]}),
        ("sign_out.succeeded", me, str(me), {}),
    ]


def test_a_second_step_is_named_and_the_password_alone_is_no_sign_in(client, ben):
    give_app(ben)
    type_password(client, ben)
    assert trail("sign_in.succeeded") == []
    type_code(client, code())
    assert trail("sign_in.succeeded") == [
        ("sign_in.succeeded", ben.actor_id, str(ben.actor_id), {"shown": ["password", "totp"]})
    ]


def test_a_recovery_code_is_told_apart(client, ben):
    give_app(ben)
    type_password(client, ben)
    type_code(client, recovery_codes(ben)[0])
    assert trail("sign_in.succeeded")[0][3] == {"shown": ["password", "recovery_codes"]}


def test_a_wrong_password_names_whose_door_it_was_but_nobody_as_the_actor(client, ben):
    client.post("/account/login/", {"login": "BEN@dojang.example", "password": "not my password 1"})
    assert trail() == [("sign_in.refused", None, str(ben.actor_id), {"again": False})]


def test_an_unknown_address_is_not_kept(client, ben):
    client.post("/account/login/", {"login": "nobody@dojang.example", "password": "not my password 1"})
    assert trail() == [("sign_in.refused", None, "unknown", {"again": False})]


def test_a_wrong_password_where_it_is_asked_for_once_more(signed_in, ben):
    signed_in.post("/account/reauthenticate/", {"password": "not my password 1"})
    assert trail() == [("sign_in.refused", None, str(ben.actor_id), {"again": True})]


def test_a_wrong_code_is_kept(client, ben):
    give_app(ben)
    type_password(client, ben)
    type_code(client, "000000")
    assert trail("second_step.refused") == [("second_step.refused", None, str(ben.actor_id), {"kind": "totp"})]


def test_what_is_added_renewed_and_removed(client, ben, django_capture_on_commit_callbacks):
    type_password(client, ben)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    app = "/account/second-step/totp/activate/"
    secret = client.get(app).context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post(app, {"code": code(secret=secret)})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/second-step/recovery-codes/generate/")
    client.post("/account/second-step/totp/deactivate/")
    steps = [(what, by, payload) for what, by, _, payload in trail() if what.startswith("second_step")]
    assert steps == [
        ("second_step.added", ben.actor_id, {"kind": "totp"}),
        ("second_step.added", ben.actor_id, {"kind": "recovery_codes"}),
        ("second_step.renewed", ben.actor_id, {"kind": "recovery_codes"}),
        ("second_step.removed", ben.actor_id, {"kind": "totp"}),
        ("second_step.removed", ben.actor_id, {"kind": "recovery_codes"}),
    ]


def test_a_page_of_the_editor_that_was_refused_is_kept_by_its_route(signed_in, ben):
    assert signed_in.get("/editor/techniques/?q=ben@dojang.example").status_code == 403
    ((what, by, about, payload),) = trail()
    assert (what, by, about) == ("page.refused", ben.actor_id, str(ben.actor_id))
    assert payload["role"] == "editor"
    assert payload["route"].startswith("editor/")


def test_a_page_of_the_operators_room_that_was_refused_is_kept(signed_in):
    assert signed_in.get("/admin/login/").status_code == 403
    assert [payload for _, _, _, payload in trail()] == [{"route": "admin/login/"}]


def test_a_page_that_is_not_there_is_no_refusal(signed_in):
    assert signed_in.get("/tuls/no-such-tul/").status_code == 404
    assert trail() == []


def test_a_stranger_who_leaves_is_nobody(rf: RequestFactory, client):
    request = rf.get("/")
    request.session = client.session
    logout(request)
    assert trail() == []


def test_a_refusal_that_cannot_be_written_down_lets_nobody_in(client, ben, monkeypatch):
    """The sign-in and its trace stand or fall together."""

    def broken(**facts):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr("accounts.commands.people.audit.record", broken)
    with pytest.raises(RuntimeError):
        type_password(client, ben)
    assert Client(headers={"cookie": client.cookies.output(header="", sep=";")}).get("/profile/").status_code == 302


def test_nothing_that_was_typed_is_in_the_trail(client, ben):
    give_app(ben)
    client.post("/account/login/", {"login": ben.email, "password": "secret word 77"})
    type_password(client, ben)
    type_code(client, "123456")
    sign_in_with_code(client, ben)
    kept = json.dumps([[*map(str, row)] for row in AuditEvent.objects.values_list()])
    for typed in (ben.email, "secret word 77", "123456", PASSWORD, "127.0.0.1"):
        assert typed not in kept


def test_an_address_that_was_confirmed_beside_the_main_one_leads_to_its_person(ben, cleo):
    ben.emailaddress_set.create(email="b@elsewhere.example", verified=True)
    cleo.emailaddress_set.create(email="c@elsewhere.example", verified=False)
    assert queries.person_reached_at(email="B@elsewhere.example") == ben
    assert queries.person_reached_at(email="c@elsewhere.example") is None
    assert queries.person_reached_at(email="") is None
