"""The cast of the demo and of the tests."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa import app_settings as mfa
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PASSWORD = "dojang-2026"  # noqa: S105 - known on purpose, refused where DEBUG is off

CLUB = "Hwarang Kraków"


@dataclass(frozen=True)
class Code:
    digits: str
    seconds_left: int


@dataclass(frozen=True)
class Person:
    """`secret` is that of their authenticator app (base32); without one they have no second step."""

    name: str
    locale: str
    what: str
    is_staff: bool = False
    secret: str = ""

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@dojang.example"

    def code(self, *, now: datetime) -> Code:
        """What their app would show at this instant."""
        seconds = int(now.timestamp())
        value = hotp_value(self.secret, seconds // mfa.TOTP_PERIOD)
        return Code(format_hotp_value(value), mfa.TOTP_PERIOD - seconds % mfa.TOTP_PERIOD)


CAST = (
    Person("Ada", "pl", "instructor and club owner"),
    Person("Ben", "en", "learner"),
    Person("Cleo", "ko", "stranger"),
    Person("Otto", "en", "operator", is_staff=True, secret="DOJANGDOJANGDOJANGDOJANGDOJANGDO"),  # noqa: S106 - see PASSWORD
)
