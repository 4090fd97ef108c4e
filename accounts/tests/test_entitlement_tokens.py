"""The app believes a token without asking us; so it has to be ours, fresh and for it."""

import base64
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from accounts import commands, entitlement_tokens
from accounts.tests.clubs import SubscriptionFactory

pytestmark = pytest.mark.django_db


def seed():
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


@pytest.fixture
def key(settings):
    settings.ENTITLEMENT_SIGNING_KEY = seed()
    return settings.ENTITLEMENT_SIGNING_KEY


def read(client, token, settings):
    """As the app does it: with the published keys only."""
    keys = jwt.PyJWKSet.from_dict(client.get("/.well-known/jwks.json").json())
    return jwt.decode(
        token, keys[jwt.get_unverified_header(token)["kid"]], algorithms=["EdDSA"], audience="dojang-app",
        issuer=settings.PUBLIC_URL, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
    )  # fmt: skip


def test_it_says_what_somebody_may_do_for_five_minutes(client, ben, settings, key):
    SubscriptionFactory(person=ben, plan="pro", seats=0)
    now = timezone.now()
    said = read(client, entitlement_tokens.token(person=ben, now=now), settings)
    assert said["entitlements"] == ["export_pdf", "no_ads", "offline_video", "quiz_create"]
    assert said["sub"] == str(ben.actor_id)
    assert said["exp"] - said["iat"] == 300


def test_it_says_nothing_else_about_them(client, ben, settings, key):
    said = read(client, entitlement_tokens.token(person=ben, now=timezone.now()), settings)
    assert said.keys() == {"iss", "sub", "aud", "iat", "exp", "entitlements"}


def test_what_has_ended_is_gone_from_the_next_one(client, ben, otto, settings, key):
    now = timezone.now()
    given = commands.give_plan(person=ben, plan="pro", until=None, by=otto, now=now)
    assert "no_ads" in read(client, entitlement_tokens.token(person=ben, now=now), settings)["entitlements"]
    commands.end_plan(subscription_id=given.pk, by=otto, now=now)
    said = read(client, entitlement_tokens.token(person=ben, now=now), settings)
    assert said["entitlements"] == ["export_pdf"]


def test_one_that_was_changed_or_is_old_or_for_somebody_else_is_not_believed(client, ben, settings, key):
    now = timezone.now()
    token = entitlement_tokens.token(person=ben, now=now)
    head, _, signature = token.split(".")
    more = base64.urlsafe_b64encode(b'{"entitlements":["no_ads"],"exp":9999999999}').rstrip(b"=").decode()
    with pytest.raises(jwt.InvalidSignatureError):
        read(client, f"{head}.{more}.{signature}", settings)
    with pytest.raises(jwt.ExpiredSignatureError):
        read(client, entitlement_tokens.token(person=ben, now=now - timedelta(seconds=301)), settings)
    settings.PUBLIC_URL = "https://another.example"
    with pytest.raises(jwt.InvalidIssuerError):
        read(client, token, settings)


def test_another_key_of_the_same_name_is_not_believed(client, ben, settings, key):
    token = entitlement_tokens.token(person=ben, now=timezone.now())
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)["kid"]
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": kid})
    with pytest.raises(jwt.InvalidSignatureError):
        read(client, forged, settings)


def test_an_old_key_is_published_until_it_is_taken_away(client, ben, settings, key):
    old = entitlement_tokens.token(person=ben, now=timezone.now())
    settings.ENTITLEMENT_OLD_KEYS, settings.ENTITLEMENT_SIGNING_KEY = [key], seed()
    new = entitlement_tokens.token(person=ben, now=timezone.now())
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    assert read(client, old, settings)["sub"] == read(client, new, settings)["sub"]
    settings.ENTITLEMENT_OLD_KEYS = []
    assert read(client, new, settings)
    with pytest.raises(KeyError):
        read(client, old, settings)


def test_a_key_may_be_pem(client, ben, settings):
    private = Ed25519PrivateKey.generate()
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    pem = private.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain).decode()
    settings.ENTITLEMENT_SIGNING_KEY = pem.replace("\n", "\\n")
    assert read(client, entitlement_tokens.token(person=ben, now=timezone.now()), settings)
    public = private.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    settings.ENTITLEMENT_SIGNING_KEY, settings.ENTITLEMENT_OLD_KEYS = seed(), [public]
    assert len(client.get("/.well-known/jwks.json").json()["keys"]) == 2


def test_strangers_read_the_keys_which_hold_nothing_private(client, key):
    answer = client.get("/.well-known/jwks.json")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=300")
    (published,) = answer.json()["keys"]
    assert published.keys() == {"kty", "crv", "x", "kid", "alg", "use"}


def test_development_makes_one_up_and_production_does_not(ben, settings):
    assert entitlement_tokens.token(person=ben, now=timezone.now())
    settings.APP_ENV = "production"
    with pytest.raises(entitlement_tokens.NotConfigured):
        entitlement_tokens.token(person=ben, now=timezone.now())
    assert entitlement_tokens.key_set() == {"keys": []}


@pytest.mark.parametrize("wrong", ["short", "AAAA", "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----"])
def test_what_is_no_key_is_none(ben, settings, wrong):
    settings.ENTITLEMENT_SIGNING_KEY = wrong
    with pytest.raises(entitlement_tokens.NotConfigured):
        entitlement_tokens.token(person=ben, now=timezone.now())
