from uuid import UUID

from django.utils import timezone

from accounts import commands, stripe
from project.foundation.jobs.registry import Run, job


@job("accounts.send_mail", max_attempts=8, timeout=60)
def send_mail(run: Run, *, letter: str) -> None:
    commands.send_mail(letter_id=UUID(letter))


@job("accounts.export_data", timeout=600)
def export_data(run: Run, *, export: str) -> None:
    commands.make_data_export(export_id=UUID(export), now=timezone.now())


@job("accounts.forget_exports")
def forget_exports(run: Run) -> int:
    """How many files were taken away."""
    return commands.forget_exports(now=timezone.now())


@job("billing.cancel_at_stripe", max_attempts=8, timeout=60)
def cancel_at_stripe(run: Run, *, reference: str) -> None:
    stripe.cancel(reference=reference)


@job("billing.look_after_clubs")
def look_after_clubs(run: Run) -> int:
    """How many clubs have more members than seats are paid for."""
    return commands.look_after_clubs(now=timezone.now())


@job("billing.forget_webhooks")
def forget_webhooks(run: Run) -> int:
    """How many events were forgotten."""
    return commands.forget_webhooks(now=timezone.now())


@job("billing.forget_impressions")
def forget_impressions(run: Run) -> int:
    """How many advertisements were forgotten."""
    return commands.forget_impressions(now=timezone.now())


@job("accounts.deliver_notice", max_attempts=8, timeout=60)
def deliver_notice(run: Run, *, notice: str) -> None:
    commands.deliver_notice(notice_id=UUID(notice), now=timezone.now())


@job("accounts.push_notice", max_attempts=6, timeout=60)
def push_notice(run: Run, *, notice: str, device: int) -> None:
    commands.push_notice(notice_id=UUID(notice), device_id=device, now=timezone.now())


@job("accounts.forget_told")
def forget_told(run: Run) -> int:
    """How many rows were deleted."""
    return commands.forget_told(now=timezone.now())


@job("accounts.forget_sessions")
def forget_sessions(run: Run) -> int:
    """How many places were forgotten."""
    return commands.forget_sessions(now=timezone.now())


@job("accounts.forget_invitations")
def forget_invitations(run: Run) -> int:
    """How many invitations were forgotten."""
    return commands.forget_invitations(now=timezone.now())
