"""Secrets of second steps lie sealed in the database, and passkeys that are refused leave a trail."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import sealing
from accounts.tests.second_steps import (
    SECRET,
    code,
    give_app,
    recovery_codes,
    sign_in_with_code,
    type_code,
    type_password,
)
from project.foundation.audit.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]


def test_what_is_sealed_can_be_opened_and_not_be_read():
    kept = sealing.sealed(SECRET)
    assert kept.startswith("sealed:")
    assert SECRET not in kept
    assert sealing.opened(kept) == SECRET
    assert sealing.sealed(SECRET) != kept, "nobody sees that two are the same"


def test_what_was_kept_plain_in_earlier_times_is_read_as_it_is():
    assert sealing.opened(SECRET) == SECRET


def test_an_older_secret_key_still_opens_and_the_new_one_seals(settings):
    kept = sealing.sealed(SECRET)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "another key of fifty characters, more or less",
        [settings.SECRET_KEY],
    )
    assert sealing.opened(kept) == SECRET
    new = sealing.sealed(SECRET)
    settings.SECRET_KEY_FALLBACKS = []
    assert sealing.opened(new) == SECRET
    with pytest.raises(sealing.CannotBeOpened):
        sealing.opened(kept)


def test_what_was_changed_is_not_opened():
    kept = sealing.sealed(SECRET)
    with pytest.raises(sealing.CannotBeOpened):
        sealing.opened(kept[:-4] + "AAA=")


def test_the_database_holds_no_secret_of_an_app_nor_of_recovery_codes(ben):
    give_app(ben)
    held = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in held
    assert not any(each in held for each in recovery_codes(ben))
    kept = {each.type: each.data for each in Authenticator.objects.all()}
    assert kept["totp"]["secret"].startswith("sealed:")
    assert kept["recovery_codes"]["seed"].startswith("sealed:")
    sign_in_with_code(Client(), ben)


def test_an_app_that_was_set_up_before_goes_on(client, ben):
    give_app(ben)
    Authenticator.objects.filter(type="totp").update(data={"secret": SECRET})
    type_password(client, ben)
    assert type_code(client, code()).status_code == 302


BROKEN = '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}'


def test_a_passkey_that_nobody_has_is_kept_in_the_trail(client):
    before = AuditEvent.objects.filter(type="second_step.refused").count()
    assert client.post("/account/second-step/webauthn/login/", {"credential": BROKEN}).status_code == 302
    [event] = AuditEvent.objects.filter(type="second_step.refused")[before:]
    assert (event.object_id, event.actor_id, event.payload) == ("unknown", None, {"kind": "webauthn"})


def test_one_that_is_shown_as_the_second_step_names_whose_door_it_was(client, ben):
    give_app(ben)
    type_password(client, ben)
    client.post("/account/second-step/authenticate/", {"credential": BROKEN})
    event = AuditEvent.objects.filter(type="second_step.refused").latest("pk")
    assert (event.object_id, event.actor_id, event.payload) == (str(ben.actor_id), None, {"kind": "webauthn"})
