"""Codes that children type, and how their guardians are reached."""

import re
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U. https://www.crockford.com/base32.html"""

LENGTH = 12
BITS = 5 * LENGTH
_MEANT = str.maketrans("OIL", "011")
_CODE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_BETWEEN = re.compile(r"[\s()/.\-]")


def code_of(number: int) -> str:
    """The code of a number below 2**BITS."""
    return "".join(ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5))


def in_groups(code: str) -> str:
    """As it stands on the card: three groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def as_meant(typed: str) -> str:
    """The code that somebody meant: letters that look like digits are digits; blanks and strokes do not count. Empty
    for what can be no code."""
    code = re.sub(r"[\s\-–—_.]", "", typed).upper().translate(_MEANT)
    return code if _CODE.fullmatch(code) else ""


class Contact(StrEnum):
    """How a guardian is reached."""

    MAIL = "mail"
    PHONE = "phone"


def contact_kind(contact: str) -> Contact | None:
    """None for what is neither an address nor a number; whether mail arrives there is not decided here."""
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", contact):
        return Contact.MAIL
    return Contact.PHONE if _PHONE.fullmatch(_BETWEEN.sub("", contact)) else None
