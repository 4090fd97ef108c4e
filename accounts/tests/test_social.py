"""Signing in with Google or Apple: against a stand-in that is found, asked and checked by allauth's real client."""

import json
import os
import re
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.apple.views import AppleOAuth2Adapter
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client

from accounts import social
from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.reading import is_signed_in
from accounts.tests.second_steps import code, give_app, type_code
from accounts.tests.test_app_sign_in import Phone
from project.foundation import privacy
from project.foundation.audit.models import AuditEvent
from tests.programs import ROOT
from tests.standin import FAULTS, HARMLESS

pytestmark = pytest.mark.django_db

LOGIN = "/account/elsewhere/google/login/"
BACK = "/account/elsewhere/google/login/callback/"
GMAIL = {"sub": "1001", "email": "ben.kowal@gmail.com", "email_verified": True, "name": "Ben Kowal"}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWKS = {"keys": [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k1", "alg": "RS256"}]}


def signed(claims, *, issuer, audience, key=KEY):
    said = {"iss": issuer, "aud": audience, "iat": int(time.time()), "exp": int(time.time()) + 600} | claims
    return jwt.encode(said, key, "RS256", headers={"kid": "k1"})


@pytest.fixture
def google(stand_in, settings):
    """Google as its discovery document describes it; `google.person` is who signs in there."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "google", "name": "Google", "client_id": "hall", "secret": "s3cr3t",
                    "settings": {"server_url": stand_in.url, "oauth_pkce_enabled": True},
                }
            ]
        },
        "apple": {"APPS": []},
    }  # fmt: skip
    stand_in.person = GMAIL
    stand_in.on(
        "GET",
        "/.well-known/openid-configuration",
        lambda request: {
            "issuer": stand_in.url,
            "authorization_endpoint": f"{stand_in.url}/auth",
            "token_endpoint": f"{stand_in.url}/token",
            "userinfo_endpoint": f"{stand_in.url}/userinfo",
            "jwks_uri": f"{stand_in.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        },
    )
    stand_in.on("POST", "/token", lambda request: {
        "access_token": "at", "token_type": "Bearer", "expires_in": 3600,
        "id_token": signed(stand_in.person, issuer=stand_in.url, audience="hall"),
    })  # fmt: skip
    stand_in.on("GET", "/userinfo", lambda request: stand_in.person)
    stand_in.on("GET", "/keys", JWKS)
    return stand_in


def leave(client, process="login"):
    """Press the button; the address to which the browser goes on."""
    page = client.post(f"{LOGIN}?process={process}")
    assert page.status_code == 200, page
    return re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text).group(1).replace("&amp;", "&")


def come_back(client, process="login", **said):
    asked = parse_qs(urlsplit(leave(client, process)).query)
    return client.get(BACK, {"state": asked["state"][0], "code": "c0de"} | said)


class TestNotConfigured:
    def test_nothing_of_it_is_seen(self, client, signed_in):
        assert "Google" not in Client().get("/account/login/").text
        assert "/account/elsewhere/" not in signed_in.get("/profile/").text

    @pytest.mark.parametrize(
        "address", [LOGIN, BACK, "/account/elsewhere/apple/login/", "/account/elsewhere/nobody/login/"]
    )
    def test_there_is_no_such_page(self, client, address):
        assert client.get(address).status_code == 404

    def test_nor_for_the_app(self):
        answer = Phone().ask(
            "auth/provider/token", provider="google", process="login", token={"client_id": "x", "id_token": "x"}
        )
        assert answer.status_code == 400
        assert Phone().ask("config", "get").json()["data"]["socialaccount"]["providers"] == []


class TestLeaving:
    def test_the_page_offers_it(self, google, client):
        assert "Sign in with Google" in client.get("/account/login/").text
        assert f'action="{LOGIN}?process=login"' in client.get("/account/login/").text

    def test_the_form_leads_to_a_page_of_ours_that_goes_on_by_itself(self, google, client):
        """A browser holds form-action against redirects of a form, so there is none."""
        page = client.post(LOGIN)
        assert (page.status_code, page["Content-Security-Policy"].count("form-action 'self';")) == (200, 1)
        there = urlsplit(leave(client))
        asked = {name: value for name, [value] in parse_qs(there.query).items()}
        assert f"{there.scheme}://{there.netloc}{there.path}" == f"{google.url}/auth"
        assert asked["redirect_uri"] == f"http://testserver{BACK}"
        assert asked["client_id"] == "hall"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) > 10

    def test_a_link_alone_sends_nobody_away(self, google, client):
        page = client.get(LOGIN)
        assert page.status_code == 200
        assert "http-equiv" not in page.text

    def test_the_form_needs_its_csrf_token(self, google):
        assert Client(enforce_csrf_checks=True).post(LOGIN).status_code == 403


class TestComingIn:
    def test_somebody_new_has_an_account_and_is_in(self, google, client):
        answer = come_back(client)
        assert (answer.status_code, answer.url) == (302, "/")
        assert is_signed_in(client)
        person = User.objects.get()
        assert (person.email, person.display_name, person.locale) == ("ben.kowal@gmail.com", "Ben Kowal", "en")
        assert not person.has_usable_password()
        assert EmailAddress.objects.get().verified
        assert not SocialToken.objects.exists(), "their tokens are not kept"
        again = Client()
        come_back(again)
        assert is_signed_in(again)
        assert User.objects.count() == SocialAccount.objects.count() == 1

    def test_the_code_is_shown_with_the_secret_and_the_verifier(self, google, client):
        come_back(client)
        [asked] = [request for request in google.requests if request.path == "/token"]
        said = parse_qs(asked.body.decode())
        assert (said["code"], said["client_secret"]) == (["c0de"], ["s3cr3t"])
        assert len(said["code_verifier"][0]) >= 43

    def test_an_address_that_google_has_not_confirmed_is_confirmed_here(self, google, client, mailoutbox):
        google.person = GMAIL | {"email_verified": False}
        assert come_back(client).url == "/account/confirm-email/"
        assert not is_signed_in(client)
        assert mailoutbox[0].to == ["ben.kowal@gmail.com"]

    def test_somebody_who_stops_over_there_reads_so(self, google, client):
        answer = come_back(client, code="", error="access_denied")
        page = client.get(answer.url) if answer.status_code == 302 else answer
        assert "You stopped on the other side" in page.text

    @pytest.mark.parametrize("state", ["", "made up"])
    def test_coming_without_having_left_opens_nothing(self, google, client, state):
        answer = client.get(BACK, {"state": state, "code": "c0de"})
        assert "did not say who you are" in answer.text
        assert not is_signed_in(client)

    @pytest.mark.parametrize("fault", [each for each in FAULTS if each not in HARMLESS])
    def test_when_google_breaks_people_read_so_and_are_not_in(self, google, client, fault, monkeypatch):
        monkeypatch.setattr(social, "DEADLINE", 1)
        asked = parse_qs(urlsplit(leave(client)).query)
        social._service.cache_clear()
        google.fault = fault
        answer = client.get(BACK, {"state": asked["state"][0], "code": "c0de"})
        assert "did not say who you are" in answer.text
        assert not is_signed_in(client)
        assert not User.objects.exists()

    def test_a_token_for_another_site_opens_nothing(self, google, client):
        google.on("POST", "/token", lambda request: {
            "access_token": "at", "token_type": "Bearer",
            "id_token": signed(GMAIL, issuer=google.url, audience="another site"),
        })  # fmt: skip
        come_back(client)
        assert not is_signed_in(client)

    def test_a_second_step_is_asked_for_all_the_same(self, google, ben, patient):
        User.objects.update(email=GMAIL["email"])
        EmailAddress.objects.update(email=GMAIL["email"])
        give_app(ben)
        client = Client()
        assert come_back(client).url == "/account/second-step/authenticate/"
        assert not is_signed_in(client)
        assert type_code(client, code()).status_code == 302
        assert is_signed_in(client)


def move_to(person, address, *, verified=True):
    User.objects.filter(pk=person.pk).update(email=address)
    EmailAddress.objects.filter(user=person).update(email=address, verified=verified)


class TestAnAddressThatIsKnownHere:
    @pytest.mark.parametrize(
        ("address", "claims"), [("ben.kowal@gmail.com", {}), ("ben@club.example", {"hd": "club.example"})]
    )
    def test_of_a_mailbox_that_google_runs_opens_and_is_connected(
        self, google, ben, client, mailoutbox, address, claims
    ):
        move_to(ben, address)
        google.person = GMAIL | {"email": address} | claims
        come_back(client)
        assert client.get("/profile/").context["user"] == ben
        assert SocialAccount.objects.get().user == ben
        assert AuditEvent.objects.filter(type="elsewhere.connected", object_id=str(ben.actor_id)).exists()
        ben.refresh_from_db()
        assert ben.check_password(PASSWORD)

    @pytest.mark.parametrize(
        ("address", "claims"),
        [
            ("ben@dojang.example", {}),
            ("ben@dojang.example", {"hd": "club.example"}),
            ("ben@notgmail.com", {}),
            ("ben.kowal@gmail.com", {"email_verified": False}),
        ],
    )
    def test_of_any_other_mailbox_opens_nothing_and_its_owner_is_written_to(
        self, google, ben, client, mailoutbox, address, claims
    ):
        move_to(ben, address)
        google.person = GMAIL | {"email": address} | claims
        answer = come_back(client)
        assert answer.url == "/account/confirm-email/"
        assert not is_signed_in(client)
        assert not SocialAccount.objects.exists()
        assert mailoutbox[0].to == [address]

    def test_that_nobody_confirmed_here_costs_its_password(self, google, ben, client):
        """Whoever made an account with somebody else's address and waits for them waits in vain."""
        move_to(ben, GMAIL["email"], verified=False)
        come_back(client)
        ben.refresh_from_db()
        assert not ben.has_usable_password()


class TestConnecting:
    @pytest.fixture
    def at_home(self, google, ben):
        client = Client()
        client.post("/account/login/", {"login": ben.email, "password": PASSWORD})
        client.post("/account/reauthenticate/", {"password": PASSWORD})
        return client

    def test_from_the_profile_and_back(self, at_home, ben):
        assert 'href="/account/elsewhere/"' in at_home.get("/profile/").text
        assert "Connect Google" in at_home.get("/account/elsewhere/").text
        assert come_back(at_home, "connect").url == "/account/elsewhere/"
        assert SocialAccount.objects.get().user == ben
        page = at_home.get("/account/elsewhere/")
        assert "ben.kowal@gmail.com" in page.text
        other = Client()
        come_back(other)
        assert other.get("/profile/").context["user"] == ben

    def test_the_password_is_asked_for_first(self, google, ben):
        client = Client()
        client.post("/account/login/", {"login": ben.email, "password": PASSWORD})
        assert come_back(client, "connect").url == "/account/reauthenticate/"
        assert not SocialAccount.objects.exists()
        assert client.post("/account/reauthenticate/", {"password": PASSWORD}).url == "/account/elsewhere/"
        assert SocialAccount.objects.get().user == ben

    def test_what_is_somebody_else_s_stays_theirs(self, at_home, google, ada):
        SocialAccount.objects.create(user=ada, provider="google", uid="1001")
        come_back(at_home, "connect")
        assert SocialAccount.objects.get().user == ada

    def test_removing(self, at_home, ben):
        come_back(at_home, "connect")
        account = SocialAccount.objects.get()
        assert at_home.post("/account/elsewhere/", {"account": account.pk}).status_code == 302
        assert not SocialAccount.objects.exists()
        assert AuditEvent.objects.filter(type="elsewhere.removed").exists()

    def test_the_last_way_in_is_not_removed(self, google, client):
        come_back(client)
        account = SocialAccount.objects.get()
        refused = client.post("/account/elsewhere/", {"account": account.pk})
        assert refused.status_code == 422
        assert "This is your only way in." in refused.text
        assert SocialAccount.objects.exists()

    def test_nobody_removes_what_is_another_s(self, at_home, ada):
        hers = SocialAccount.objects.create(user=ada, provider="google", uid="7")
        assert at_home.post("/account/elsewhere/", {"account": hers.pk}).status_code == 422
        assert SocialAccount.objects.filter(pk=hers.pk).exists()


class TestTheApp:
    def test_signs_in_with_the_token_that_google_gave_it(self, google):
        token = {"client_id": "hall", "id_token": signed(GMAIL, issuer=google.url, audience="hall")}
        phone = Phone()
        answer = phone.ask("auth/provider/token", provider="google", process="login", token=token)
        assert answer.status_code == 200
        assert phone.access
        assert SocialAccount.objects.get().uid == "1001"

    @pytest.mark.parametrize("wrong", [
        {"audience": "another site"}, {"issuer": "https://evil.example"},
        {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
    ])  # fmt: skip
    def test_that_token_is_checked(self, google, wrong):
        token = {"client_id": "hall", "id_token": signed(GMAIL, **{"issuer": google.url, "audience": "hall"} | wrong)}
        phone = Phone()
        assert phone.ask("auth/provider/token", provider="google", process="login", token=token).status_code == 400
        assert not phone.access

    def test_apple_too(self, stand_in, settings, monkeypatch):
        key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        app = {
            "provider_id": "apple", "name": "Apple", "client_id": "dojang.app", "secret": "KEYID", "key": "TEAM",
            "settings": {"certificate_key": key.decode()},
        }  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}, "apple": {"APPS": [app]}}
        monkeypatch.setattr(AppleOAuth2Adapter, "public_key_url", f"{stand_in.url}/auth/keys")
        stand_in.on("GET", "/auth/keys", JWKS)
        claims = {"sub": "000.apple", "email": "x@privaterelay.appleid.com", "email_verified": "true"}
        token = signed(claims, issuer="https://appleid.apple.com", audience="dojang.app")
        phone = Phone()
        asked = {"provider": "apple", "process": "login", "token": {"client_id": "dojang.app", "id_token": token}}
        assert phone.ask("auth/provider/token", **asked).status_code == 200
        assert User.objects.get().email == "x@privaterelay.appleid.com"
        assert "Sign in with Apple" in Client().get("/account/login/").text


def test_it_is_told_and_erased_with_the_person(ben, now):
    SocialAccount.objects.create(user=ben, provider="google", uid="1001", extra_data=GMAIL)
    [told] = privacy.export(ben)["accounts.elsewhere"]
    assert (told["provider"], told["uid"], told["extra_data"]["name"]) == ("google", "1001", "Ben Kowal")
    privacy.erase(ben, now=now)
    assert not SocialAccount.objects.exists()


def test_the_sign_in_page_still_asks_the_database_nothing(google, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert "Google" in client.get("/account/login/").text


@pytest.mark.parametrize(
    ("name", "value"),
    [("GOOGLE_CLIENT_ID", "hall"), ("APPLE_CLIENT_ID", "dojang.app"), ("JWT_PRIVATE_KEY", "no key at all")],
)
def test_half_a_configuration_is_no_start(name, value):
    program = [sys.executable, "manage.py", "check"]
    environment = os.environ | {name: value}
    refused = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert f"{name}: " in refused.stdout + refused.stderr
    assert value not in refused.stdout + refused.stderr, "what was configured may be a secret"
