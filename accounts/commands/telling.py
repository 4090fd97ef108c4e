"""How people are told things: a notice in the hall, and from it a letter and a push."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from accounts import telling
from accounts.models import Notice, OutgoingMail, User
from project.foundation.jobs import commands as jobs


@transaction.atomic
def tell(*, person: User, kind: str, facts: Mapping[str, Any], now: datetime, key: str = "") -> Notice | None:
    """Tell somebody something, by the ways that they want. With a `key`, telling it again does nothing (None).

    `facts` are ids, and numbers and days at most. Raises LookupError for a kind that nobody registered.
    """
    told = telling.kind(kind)
    if key and Notice.objects.filter(person=person, kind=kind, key=key).exists():
        return None
    notice = Notice.objects.create(person=person, kind=told.name, facts=dict(facts), key=key, created_at=now)
    jobs.enqueue(
        "accounts.deliver_notice", arguments={"notice": str(notice.pk)}, asked_by=None, why="somebody is told", now=now
    )
    return notice


@transaction.atomic
def post_mail(
    *, to: str, subject: str, text: str, now: datetime, html: str = "", headers: Mapping[str, str] | None = None
) -> None:
    """Have a letter sent. It leaves when the transaction commits, by a job, so that nobody waits for a mail server."""
    letter = OutgoingMail.objects.create(
        to=to, subject=subject, text=text, html=html, headers=dict(headers or {}), created_at=now
    )
    jobs.enqueue(
        "accounts.send_mail", arguments={"letter": str(letter.pk)}, asked_by=None, why="a letter is sent", now=now
    )


def send_mail(*, letter_id: UUID) -> None:
    """Send a letter and forget it. One that is not there was sent, or its reader has left."""
    with transaction.atomic():
        letter = OutgoingMail.objects.select_for_update().filter(pk=letter_id).first()
        if letter is None:
            return
        mail = EmailMultiAlternatives(letter.subject, letter.text, to=[letter.to], headers=letter.headers)
        if letter.html:
            mail.attach_alternative(letter.html, "text/html")
        mail.send()
        letter.delete()
