"""Mail in development: printed, and kept as files that /dev/mail/ shows."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.core.mail.backends.filebased import EmailBackend


class DevelopmentBackend(EmailBackend):
    def write_message(self, message: Any) -> None:
        super().write_message(message)
        print(f"Mail to {', '.join(message.to)}: {message.subject}\n{message.body}", flush=True)


def sent(folder: Path, *, limit: int = 50) -> list[EmailMessage]:
    """The newest messages first."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:limit]
    return [message_from_bytes(part, policy=policy.default) for file in files for part in _messages(file)]


def _messages(file: Path) -> list[bytes]:
    parts = file.read_bytes().split(b"-" * 79 + b"\n")
    return [part for part in parts if part.strip()]
