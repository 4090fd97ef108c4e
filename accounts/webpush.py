"""Web Push: RFC 8030 (how a push is handed over), 8188 and 8291 (how it is sealed), 8292 (VAPID: who sends it)."""

import base64
import binascii
import re
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02  # type: ignore[import-untyped]

from project.foundation.outbound import Garbled, PublicService, Refused, UnsafeAddress

LIFE = timedelta(days=1)
"""How long a push service keeps what it cannot deliver; nothing that is told is worth more."""

SIGNED_FOR = timedelta(hours=12)
"""At most 24 hours (RFC 8292, 2)."""

_NAMED = re.compile(r"[^/:@\[\]]+(:\d+)?")
"""A host that has a name: no other can be signed for."""

service = PublicService("Web Push", deadline=10, largest=64_000)
"""The endpoint is an address that a user gave."""


class Gone(Exception):
    """Nobody listens at this endpoint any more, or nobody ever could: forget it."""


class GivenUp(Exception):
    """This push will not arrive however often it is sent; the text says why. The endpoint may be good."""


def is_configured() -> bool:
    return bool(settings.VAPID_PRIVATE_KEY)


def public_key() -> str:
    """What a browser must be told when it subscribes: base64url of the point (RFC 8292, 3.2)."""
    return _point(_vapid(settings.VAPID_PRIVATE_KEY).public_key)


def fresh_pair() -> tuple[str, str]:
    """A private key for VAPID_PRIVATE_KEY, and the public one that follows from it."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _spelled(key.private_numbers().private_value.to_bytes(32, "big")), _point(key.public_key())


def is_key_pair(*, p256dh: str, auth: str) -> bool:
    """Whether a browser could have made these: a point of P-256, uncompressed, and 16 bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        return len(_bytes(p256dh)) == 65 and len(_bytes(auth)) == 16
    except (ValueError, binascii.Error):
        return False


def send(*, endpoint: str, p256dh: str, auth: str, content: bytes, topic: str, now: datetime) -> None:
    """Hand a push over. Of two with one topic (32 letters at most) that wait at the service, the later replaces the
    earlier.

    Raises Gone, GivenUp, and ServiceError for what may go better later: Throttled says when.
    """
    parts = urlsplit(endpoint)
    if not _NAMED.fullmatch(parts.netloc):
        raise Gone("no push service is called like this")
    sealed = http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(p256dh),
        auth_secret=_bytes(auth),
        version="aes128gcm",
    )
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(LIFE.total_seconds())),
        "Topic": topic,
        "Urgency": "normal",
        **_signature(f"{parts.scheme}://{parts.netloc}", now=now),
    }
    try:
        service.ask("POST", endpoint, content=sealed, headers=headers)
    except UnsafeAddress as refused:
        raise Gone(str(refused)) from None
    except Refused as refused:
        if refused.status in {404, 410}:
            raise Gone(str(refused)) from None
        raise GivenUp(str(refused)) from None
    except Garbled:
        return  # the status was good, and nobody needs what was said after it


def _signature(origin: str, *, now: datetime) -> dict[str, str]:
    claims = {"aud": origin, "exp": int((now + SIGNED_FOR).timestamp()), "sub": settings.VAPID_SUBJECT}
    signed: dict[str, str] = _vapid(settings.VAPID_PRIVATE_KEY).sign(claims)
    return signed


@cache
def _vapid(private_key: str) -> Vapid02:
    return Vapid02.from_raw(private_key.encode())


def _point(key: ec.EllipticCurvePublicKey) -> str:
    return _spelled(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _spelled(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(spelled: str) -> bytes:
    return base64.b64decode(spelled.encode("ascii") + b"=" * (-len(spelled) % 4), altchars=b"-_", validate=True)
