"""What somebody may do, signed, so that the app knows it without a network (RFC 8037: Ed25519 in JOSE).

A token lives five minutes, so what has ended is gone from it as soon. The public keys are at /.well-known/jwks.json.
"""

import base64
import binascii
import json
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings

from accounts import queries
from accounts.models import User

AUDIENCE = "dojang-app"
LIFETIME = timedelta(seconds=300)


class NotConfigured(Exception):
    """There is no ENTITLEMENT_SIGNING_KEY, or it is no key."""


def token(*, person: User, now: datetime) -> str:
    """Raises NotConfigured."""
    key = _signing_key()
    claims = {
        "iss": settings.PUBLIC_URL,
        "sub": str(person.actor_id),
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "entitlements": sorted(queries.entitlements(person=person, now=now)),
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": _published(key.public_key())["kid"]})


def key_set() -> dict[str, Any]:
    """The public keys (RFC 7517), the one that signs first; none where there is none."""
    try:
        keys = [_signing_key().public_key()]
    except NotConfigured:
        keys = []
    return {"keys": [_published(each) for each in (*keys, *map(_old_key, settings.ENTITLEMENT_OLD_KEYS))]}


def _signing_key() -> Ed25519PrivateKey:
    if settings.ENTITLEMENT_SIGNING_KEY:
        return _private(settings.ENTITLEMENT_SIGNING_KEY)
    if settings.APP_ENV == "production":
        raise NotConfigured
    return _made_up(settings.SECRET_KEY)


def _old_key(text: str) -> Ed25519PublicKey:
    """Private ones as they were set, or public ones as PEM. Raises NotConfigured."""
    if "PUBLIC KEY" not in text:
        return _private(text).public_key()
    key = load_pem_public_key(_unfolded(text))
    if not isinstance(key, Ed25519PublicKey):
        raise NotConfigured
    return key


@cache
def _private(text: str) -> Ed25519PrivateKey:
    """Raises NotConfigured."""
    try:
        if "-----" not in text:
            return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
        key = load_pem_private_key(_unfolded(text), password=None)
    except (ValueError, binascii.Error, TypeError):
        raise NotConfigured from None
    if not isinstance(key, Ed25519PrivateKey):
        raise NotConfigured
    return key


@cache
def _made_up(secret: str) -> Ed25519PrivateKey:
    """The same for as long as the secret of this clone is: nobody relies on it."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.entitlement_tokens").derive(
        secret.encode()
    )
    return Ed25519PrivateKey.from_private_bytes(derived)


def _unfolded(text: str) -> bytes:
    """PEM, whose ends of lines many ways of setting variables write as a backslash and an n."""
    return text.replace("\\n", "\n").encode()


def _published(key: Ed25519PublicKey) -> dict[str, str]:
    """With the thumbprint of RFC 7638 as its name."""
    x = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    needed = {"crv": "Ed25519", "kty": "OKP", "x": x}
    thumb = sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
    return needed | {"alg": "EdDSA", "use": "sig", "kid": base64.urlsafe_b64encode(thumb).rstrip(b"=").decode()}
