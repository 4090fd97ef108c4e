"""Mail in development: printed, and kept as files that /dev/mail/ shows."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.core.mail.backends.filebased import EmailBackend


class DevelopmentBackend(EmailBackend):
    def write_message(self, message: Any) -> None:
        super().write_message(message)
        print(f"Mail to {', '.join(message.to)}: {message.subject}\n{message.body}", flush=True)


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    sent: str
    text: str


def sent(folder: Path, *, limit: int = 50) -> list[Letter]:
    """The newest letters first."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:limit]
    return [_letter(part) for file in files for part in reversed(_messages(file))]


def _letter(message: bytes) -> Letter:
    parsed = message_from_bytes(message, policy=policy.default)
    body = parsed.get_body(("plain", "html"))
    return Letter(parsed["To"], parsed["Subject"], parsed["Date"], body.get_content() if body else "")


def _messages(file: Path) -> list[bytes]:
    parts = file.read_bytes().split(b"-" * 79 + b"\n")
    return [part for part in parts if part.strip()]
