"""How people are told things: a notice in the hall, and from it a letter and a push."""

from collections.abc import Mapping
from datetime import datetime
from email import policy as policies
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.utils import parseaddr
from smtplib import SMTPException
from typing import Any, override
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction

from accounts import telling
from accounts.models import Notice, OutgoingMail, User
from project.foundation.jobs import commands as jobs


class Undelivered(Exception):
    """The mail server did not take a letter. The text is the name of what happened: what servers say names people."""


@transaction.atomic
def tell(*, person: User, kind: str, facts: Mapping[str, Any], now: datetime, key: str = "") -> Notice | None:
    """Tell somebody something, by the ways that they want. With a `key`, telling it again does nothing (None).

    `facts` are ids, and numbers and days at most. Raises LookupError for a kind that nobody registered.
    """
    told = telling.kind(kind)
    try:
        with transaction.atomic():
            notice = Notice.objects.create(person=person, kind=told.name, facts=dict(facts), key=key, created_at=now)
    except IntegrityError as refused:
        if "one_notice_per_key" not in str(refused):
            raise
        return None
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
    """Send a letter and forget it. One that is not there was sent, or its reader has left. Raises Undelivered.

    Whoever dies between the server's word and ours sends it again; by its Message-ID it is the same letter.
    """
    with transaction.atomic():
        letter = OutgoingMail.objects.select_for_update().filter(pk=letter_id).first()
        if letter is None:
            return
        headers = {"Message-ID": f"<{letter.pk}@{_host()}>"} | letter.headers
        mail = _Letter(letter.subject, letter.text, to=[letter.to], headers=headers)
        if letter.html:
            mail.attach_alternative(letter.html, "text/html")
        try:
            mail.send()
        except (SMTPException, OSError) as failed:
            raise Undelivered(type(failed).__name__) from None
        letter.delete()


class _Verbatim(UnstructuredHeader):
    """Python breaks long lines by encoding them, which makes an address in them unreadable to mail programs."""

    max_count = 1

    def fold(self, *, policy: policies.Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Verbatim)  # type: ignore[arg-type]  # the stubs know no mix-ins


class _Letter(EmailMultiAlternatives):
    @override
    def message(self, *, policy: Any = policies.default) -> Any:
        return super().message(policy=policy.clone(header_factory=_HEADERS))


def _host() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
