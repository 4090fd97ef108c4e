"""Secrets that lie in the database lie there sealed: with a key made from the secret key of the hall."""

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SEALED = "sealed:"
"""Before what is sealed. What does not begin so was kept plain in earlier times, and is sealed when it is next kept."""


class CannotBeOpened(Exception):
    """It was sealed with a secret key that is neither the present one nor one of SECRET_KEY_FALLBACKS."""


def sealed(text: str) -> str:
    return SEALED + _keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()


def opened(kept: str) -> str:
    """Raises CannotBeOpened."""
    if not kept.startswith(SEALED):
        return kept
    keys = _keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    try:
        return keys.decrypt(kept.removeprefix(SEALED)).decode()
    except InvalidToken:
        raise CannotBeOpened from None


@functools.cache
def _keys(*secret_keys: str) -> MultiFernet:
    """The first one seals, all of them open."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(each))) for each in secret_keys])


def _derived(secret_key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.sealing").derive(secret_key.encode())
