from uuid import UUID

from accounts import commands
from project.foundation.jobs.registry import Run, job


@job("accounts.send_mail", max_attempts=8, timeout=60)
def send_mail(run: Run, *, letter: str) -> None:
    commands.send_mail(letter_id=UUID(letter))
