"""Setting a second step up, signing in with it, and taking it away: over HTTP, with real codes."""

import base64
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts import commands, queries
from accounts.tests.factories import PASSWORD
from accounts.tests.reading import is_signed_in
from accounts.tests.second_steps import (
    SECRET,
    code,
    give_app,
    recovery_codes,
    sign_in_with_code,
    type_code,
    type_password,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]

HOME = "/account/second-step/"
APP = "/account/second-step/totp/activate/"
CODES = "/account/second-step/recovery-codes/"
WRONG = "This code is not right."


def show_password_again(client):
    answer = client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302


class TestSettingUp:
    @pytest.fixture
    def setting_up(self, client, ben):
        type_password(client, ben)
        show_password_again(client)
        return client

    @staticmethod
    def secret_on(page):
        return re.sub(r"\s", "", re.search(r'<dd class="mono">(.*?)</dd>', page.text, re.DOTALL).group(1))

    def test_the_password_is_asked_for_once_more(self, signed_in):
        asked = signed_in.get(APP)
        assert (asked.status_code, asked.url) == (302, f"/account/reauthenticate/?next={APP.replace('/', '%2F')}")

    def test_the_page_shows_the_secret_as_a_square_and_in_letters(self, setting_up):
        page = setting_up.get(APP)
        secret = self.secret_on(page)
        assert len(base64.b32decode(secret)) == 20
        picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page.text).group(1)
        assert b"<svg" in base64.b64decode(picture)
        assert f"secret={secret}&amp;issuer=Dojang" in page.text
        assert 'autocomplete="one-time-code"' in page.text
        assert 'inputmode="numeric"' in page.text

    def test_its_first_code_sets_it_up_and_brings_recovery_codes(
        self, setting_up, ben, django_capture_on_commit_callbacks
    ):
        secret = self.secret_on(setting_up.get(APP))
        with django_capture_on_commit_callbacks(execute=True):
            done = setting_up.post(APP, {"code": code(secret=secret)})
        assert (done.status_code, done.url) == (302, CODES)
        shown = setting_up.get(CODES)
        assert all(each in shown.text for each in recovery_codes(ben))
        assert len(recovery_codes(ben)) == 10
        assert "Set up" in setting_up.get(HOME).text

    def test_a_wrong_code_is_refused_beside_the_field_and_the_secret_stays(self, setting_up, ben):
        secret = self.secret_on(setting_up.get(APP))
        refused = setting_up.post(APP, {"code": "000000"})
        assert refused.status_code == 422
        assert WRONG in refused.text
        assert 'aria-invalid="true"' in refused.text
        assert self.secret_on(refused) == secret
        assert not Authenticator.objects.exists()

    def test_people_with_a_second_step_can_still_change_their_address(self, client, ben):
        give_app(ben)
        sign_in_with_code(client, ben)
        answer = client.post("/account/email/", {"action_add": "", "email": "benjamin@dojang.example"})
        assert answer.status_code == 302


class TestSigningIn:
    @pytest.fixture(autouse=True)
    def _app(self, ben):
        give_app(ben)

    def test_the_password_alone_opens_nothing(self, client, ben):
        asked = type_password(client, ben)
        assert (asked.status_code, asked.url) == (302, "/account/second-step/authenticate/")
        assert not is_signed_in(client)
        page = client.get(asked.url)
        assert 'autocomplete="one-time-code"' in page.text
        assert 'data-passkey="get"' not in page.text, "who has no passkey is offered none"

    def test_password_and_code_open_the_hall_and_lead_where_one_wanted(self, client, ben):
        type_password(client, ben, next="/profile/")
        assert type_code(client, code()).url == "/profile/"
        assert is_signed_in(client)

    def test_blanks_between_the_digits_do_not_matter(self, client, ben):
        type_password(client, ben)
        digits = code()
        assert type_code(client, f"{digits[:3]} {digits[3:]}").status_code == 302

    def test_a_wrong_code_is_refused_beside_the_field(self, client, ben):
        type_password(client, ben)
        refused = type_code(client, "000000")
        assert refused.status_code == 422
        assert WRONG in refused.text
        assert 'aria-invalid="true"' in refused.text
        assert not is_signed_in(client)

    def test_a_code_works_once(self, client, ben):
        digits = code()
        type_password(client, ben)
        type_code(client, digits)
        again = Client()
        type_password(again, ben)
        assert type_code(again, digits).status_code == 422
        assert type_code(again, code(ahead=1)).status_code == 302

    def test_a_recovery_code_opens_the_hall_once(self, client, ben):
        digits = recovery_codes(ben)[0]
        type_password(client, ben)
        assert type_code(client, digits).status_code == 302
        assert is_signed_in(client)
        assert digits not in recovery_codes(ben)
        again = Client()
        type_password(again, ben)
        assert type_code(again, digits).status_code == 422

    def test_somebody_elses_code_is_a_wrong_one(self, client, ben, ada):
        commands.add_authenticator_app(person=ada, secret="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", now=ada.date_joined)
        type_password(client, ada)
        assert type_code(client, code()).status_code == 422

    def test_after_five_wrong_codes_even_the_right_one_has_to_wait_but_only_theirs(self, client, ben, ada):
        """Counted for each person, wherever they try from: ada, behind another address, is not kept out."""
        give_app(ada)
        for number in range(5):
            elsewhere = Client(REMOTE_ADDR=f"192.0.2.{number}")
            type_password(elsewhere, ben)
            assert WRONG in type_code(elsewhere, "000000").text
        type_password(client, ben)
        refused = type_code(client, code())
        assert refused.status_code == 422
        assert WRONG not in refused.text
        assert "Too many" in refused.text
        assert not is_signed_in(client)
        sign_in_with_code(Client(), ada)

    def test_whoever_cancels_is_a_stranger_again(self, client, ben):
        type_password(client, ben)
        assert client.post("/account/logout/", {"next": "/account/login/"}).url == "/account/login/"
        assert client.get("/account/second-step/authenticate/").url == "/account/login/"

    def test_without_a_password_there_is_nothing_to_type_a_code_into(self, client):
        assert client.get("/account/second-step/authenticate/").url == "/account/login/"

    def test_the_sign_in_page_offers_a_passkey_where_there_is_a_script(self, client):
        page = client.get("/account/login/")
        form = re.search(r"<form[^>]*data-passkey=[^>]*>", page.text).group()
        assert "hidden" in form
        assert re.search(r'<script src="/static/mfa/js/webauthn-json.js"\s+nonce="[^"]+"\s+defer>', page.text)

    def test_a_passkey_that_nobody_has_is_refused_with_a_sentence(self, client):
        options = client.get("/account/second-step/webauthn/login/", headers={"accept": "application/json"})
        assert "challenge" in options.json()["request_options"]["publicKey"]
        refused = client.post("/account/second-step/webauthn/login/", {"credential": '{"rawId": 5}'}, follow=True)
        assert "This passkey is not known here." in refused.text
        assert not is_signed_in(client)


class TestLookingAfterIt:
    @pytest.fixture
    def with_app(self, client, ben):
        give_app(ben)
        sign_in_with_code(client, ben)
        return client

    @staticmethod
    def show_code_again(client):
        answer = client.post("/account/second-step/reauthenticate/", {"code": code(ahead=1)})
        assert answer.status_code == 302

    @pytest.mark.parametrize(
        "address",
        [CODES, f"{CODES}generate/", "/account/second-step/totp/deactivate/", "/account/second-step/webauthn/add/"],
    )
    def test_a_code_is_asked_for_once_more_and_the_password_is_not_enough(self, with_app, address):
        asked = with_app.get(address)
        assert asked.url == f"/account/second-step/reauthenticate/?next={address.replace('/', '%2F')}"
        with_app.post("/account/reauthenticate/", {"password": PASSWORD})
        assert with_app.get(address).url == asked.url
        self.show_code_again(with_app)
        assert with_app.get(address).status_code == 200

    def test_a_wrong_code_there_is_refused_too(self, with_app):
        refused = with_app.post("/account/second-step/reauthenticate/", {"code": "000000"})
        assert refused.status_code == 422
        assert WRONG in refused.text

    def test_the_codes_can_be_kept_as_a_file(self, with_app, ben):
        self.show_code_again(with_app)
        file = with_app.get(f"{CODES}download/")
        assert file["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
        assert file.text.split() == recovery_codes(ben)

    def test_new_codes_end_the_old_ones(self, with_app, ben, django_capture_on_commit_callbacks):
        old = recovery_codes(ben)
        self.show_code_again(with_app)
        with django_capture_on_commit_callbacks(execute=True):
            assert with_app.post(f"{CODES}generate/").url == CODES
        assert not set(old) & set(recovery_codes(ben))

    def test_taking_the_app_away_takes_the_codes_too(self, with_app, ben):
        self.show_code_again(with_app)
        assert with_app.post("/account/second-step/totp/deactivate/").status_code == 302
        assert not Authenticator.objects.filter(user=ben).exists()
        assert is_signed_in(with_app)
        assert type_password(Client(), ben).url == "/"

    def test_adding_a_passkey_says_what_it_needs(self, with_app):
        self.show_code_again(with_app)
        page = with_app.get("/account/second-step/webauthn/add/")
        assert '<script id="passkey-options" type="application/json">' in page.text
        assert "Passkeys need JavaScript" in page.text

    def test_a_broken_passkey_is_refused(self, with_app):
        self.show_code_again(with_app)
        with_app.get("/account/second-step/webauthn/add/")
        refused = with_app.post("/account/second-step/webauthn/add/", {"name": "Phone", "credential": '{"a": 1}'})
        assert refused.status_code == 422
        assert not Authenticator.objects.filter(type="webauthn").exists()

    @pytest.mark.parametrize("what", ["edit", "remove"])
    def test_somebody_elses_passkey_is_not_found(self, with_app, ada, what):
        theirs = Authenticator.objects.create(user=ada, type="webauthn", data={"name": "Key", "credential": {}})
        self.show_code_again(with_app)
        assert with_app.get(f"/account/second-step/webauthn/keys/{theirs.pk}/{what}/").status_code == 404

    @pytest.mark.parametrize("address", [HOME, APP, CODES, "/account/second-step/webauthn/"])
    def test_strangers_are_asked_to_sign_in(self, client, address):
        assert client.get(address).url.startswith("/account/login/?next=")

    def test_no_page_is_fetched_ahead_that_makes_a_new_secret_or_challenge(self, with_app):
        """Whoever rests the pointer on a link would be shown one secret and checked against another."""
        asked = with_app.get(CODES)
        for page in (with_app.get(HOME), with_app.get(asked.url)):
            main = page.text.partition("<main")[2].partition("</main>")[0]
            inside = main.partition("data-no-prefetch")[2]
            assert inside.count("/account/second-step/") >= 1

    def test_the_profile_leads_here(self, signed_in):
        assert f'href="{HOME}"' in signed_in.get("/profile/").text


class TestWhoHasLostTheirs:
    def test_the_command_takes_it_away(self, client, ben, capsys):
        give_app(ben)
        call_command("second_step", ben.email, remove=True)
        assert capsys.readouterr().out == "ben@dojang.example has no second step.\n"
        assert type_password(client, ben).url == "/"
        call_command("second_step", ben.email, remove=True)
        assert capsys.readouterr().out == "ben@dojang.example has no second step. (As before.)\n"

    def test_an_unknown_address_is_said(self, db):
        with pytest.raises(CommandError, match="Nobody signs in as nobody@"):
            call_command("second_step", "nobody@dojang.example", remove=True)

    def test_an_operator_may_take_it_from_others_but_not_from_themselves(self, ben, otto, now):
        give_app(ben)
        give_app(otto)
        assert commands.remove_second_steps(person=ben, by=otto, now=now)
        with pytest.raises(queries.RoleMissing):
            commands.remove_second_steps(person=otto, by=otto, now=now)
        with pytest.raises(queries.RoleMissing):
            commands.remove_second_steps(person=otto, by=ben, now=now)
        assert Authenticator.objects.filter(user=otto).count() == 2

    def test_nobody_reads_secrets_in_the_operators_room(self):
        assert Authenticator not in admin.site._registry


@pytest.mark.django_db(transaction=True)
def test_two_who_add_an_app_at_once_add_one(ben, now):
    start = threading.Barrier(2)

    def add():
        try:
            start.wait(timeout=5)
            return commands.add_authenticator_app(person=ben, secret=SECRET, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        added = [each.result(timeout=10) for each in [both.submit(add), both.submit(add)]]
    assert sorted(added) == [False, True]
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == ["recovery_codes", "totp"]


def test_a_second_app_with_the_same_secret_is_not_added(ben, now):
    assert commands.add_authenticator_app(person=ben, secret=SECRET, now=now)
    assert not commands.add_authenticator_app(person=ben, secret=SECRET, now=now)
    assert Authenticator.objects.filter(user=ben, type="totp").count() == 1
