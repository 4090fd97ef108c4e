"""What becomes of a notice, and what people say about being told."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from accounts import queries, telling, webpush
from accounts.models import Channel, Notice, NoticePreference, OutgoingMail, PushSubscription, User
from accounts.queries.notices import Told
from accounts.rules.telling import MAIL, PUSH, ways
from project.foundation.audit import commands as audit
from project.foundation.jobs import commands as jobs
from project.foundation.outbound import Throttled

from .telling import post_mail

log = structlog.get_logger("accounts.notices")

DEVICES_AT_MOST = 10
"""Of one person; the one that was added first gives way."""

KEPT, LETTERS_KEPT = timedelta(days=365), timedelta(days=30)
"""How long notices stay in the list, and letters that no mail server took."""

_SHORT, _LONG = 120, 600
"""Letters of a push, of its title and its text: sealed it may have 4,096 bytes, and Hangul takes three for one."""


def deliver_notice(*, notice_id: UUID, now: datetime) -> None:
    """Hand a notice on: to the post, and to the jobs that push it to each device.

    It is locked and marked in the same transaction, so that a job that runs twice tells once; after its person, so
    that no letter is written to somebody whose account is being deleted. What it was about may be gone by now: then
    nobody is told.
    """
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).filter(notices=notice_id).first()
        notice = Notice.objects.select_for_update().filter(pk=notice_id, handed_on_at__isnull=True).first()
        if person is None or notice is None:
            return
        notice.handed_on_at = now
        notice.save(update_fields=["handed_on_at"])
        (told,) = queries.told(person=person, notices=[notice])
        if told.kind is None or told.about is None or not person.is_active:
            return
        devices = list(PushSubscription.objects.filter(person=person).values_list("pk", flat=True))
        by = ways(
            must=told.kind.must,
            says=queries.said_about(person=person, topic=told.kind.topic),
            has_address=bool(person.email),
            has_devices=bool(devices),
        )
        if MAIL in by:
            _post(told, person, now=now)
        for device in devices if PUSH in by else ():
            _ask_to_push(notice.pk, device, now=now, due_at=now)


def push_notice(*, notice_id: UUID, device_id: int, now: datetime) -> None:
    """Push a notice to one device. One that is a day old, or was read meanwhile, is no news.

    Raises ServiceError for what may go better later, except where the service says when: then a later job tries.
    """
    if not webpush.is_configured():
        return
    notice = Notice.objects.select_related("person").filter(pk=notice_id).first()
    device = PushSubscription.objects.filter(pk=device_id).first()
    if notice is None or device is None or device.person_id != notice.person_id:
        return
    if notice.read_at is not None or notice.created_at < now - webpush.LIFE:
        return
    (told,) = queries.told(person=notice.person, notices=[notice])
    if told.kind is None or told.about is None:
        return
    content = _push(told, notice.person)
    try:
        webpush.send(
            endpoint=device.endpoint, p256dh=device.p256dh, auth=device.auth,
            content=content, topic=notice.pk.hex, now=now,
        )  # fmt: skip
    except webpush.Gone:
        PushSubscription.objects.filter(pk=device_id, endpoint=device.endpoint).delete()
        log.info("a device is gone", device=device_id)
    except webpush.GivenUp as refused:
        log.warning("a push was given up", device=device_id, why=str(refused))
    except Throttled as busy:
        if not busy.retry_after:
            raise
        _ask_to_push(notice.pk, device_id, now=now, due_at=now + timedelta(seconds=busy.retry_after))


@transaction.atomic
def set_preferences(*, person: User, wanted: Mapping[tuple[str, str], bool], now: datetime, by: UUID | None) -> None:
    """Say by (topic, channel) what somebody wants to be told how. What is not named stays as it is.

    `by` is who says so: None for a mail program, which nobody has signed in to. Raises LookupError for an unknown
    topic, ValueError for an unknown channel.
    """
    reader = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    known = queries.preferences_of(person=reader)
    changed = {
        (telling.topic(topic).name, Channel(channel).value): is_on
        for (topic, channel), is_on in wanted.items()
        if known.get((topic, channel), True) != is_on
    }
    for (topic, channel), is_on in changed.items():
        NoticePreference.objects.update_or_create(
            person=reader, topic=topic, channel=channel, defaults={"is_on": is_on}
        )
    if changed:
        said = {f"{topic} {channel}": is_on for (topic, channel), is_on in sorted(changed.items())}
        audit.record(
            type="preferences.changed", object=reader, object_id=str(reader.actor_id), actor=by, now=now, payload=said
        )


@transaction.atomic
def mark_read(*, person: User, until: datetime, now: datetime) -> int:
    """Mark what somebody was told up to an instant as read: not what came while they read. Says how many."""
    return Notice.objects.filter(person=person, read_at__isnull=True, created_at__lte=until).update(read_at=now)


@transaction.atomic
def add_device(*, person: User, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscription:
    """Push to a browser from now on. One that somebody else used belongs to whoever added it last."""
    owner = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    device, _ = PushSubscription.objects.update_or_create(
        endpoint=endpoint, defaults={"person": owner, "p256dh": p256dh, "auth": auth, "created_at": now}
    )
    newest = PushSubscription.objects.filter(person=owner).order_by("-created_at", "-pk")
    for old in newest[DEVICES_AT_MOST:]:
        old.delete()
    audit.record(type="device.added", object=owner, object_id=str(owner.actor_id), actor=owner.actor_id, now=now)
    return device


@transaction.atomic
def remove_devices(*, person: User, now: datetime, endpoint: str | None = None, device_id: int | None = None) -> int:
    """Push no more to one of somebody's browsers, or to none where none is named. What is not theirs is not found."""
    devices = PushSubscription.objects.filter(person=person)
    if endpoint is not None:
        devices = devices.filter(endpoint=endpoint)
    if device_id is not None:
        devices = devices.filter(pk=device_id)
    removed, _ = devices.delete()
    if removed:
        audit.record(
            type="device.removed", object=person, object_id=str(person.actor_id), actor=person.actor_id, now=now,
            payload={"devices": removed},
        )  # fmt: skip
    return removed


def forget_told(*, now: datetime) -> int:
    """Delete notices after a year, and letters after a month; gives the number of rows."""
    notices, _ = Notice.objects.filter(created_at__lt=now - KEPT).delete()
    letters, _ = OutgoingMail.objects.filter(created_at__lt=now - LETTERS_KEPT).delete()
    return notices + letters


def _post(told: Told, person: User, *, now: datetime) -> None:
    assert told.kind is not None
    address = "" if told.kind.must else queries.unsubscribe_url(person=person, topic=told.kind.topic)
    with _as_read_by(person):
        topic = telling.topic(told.kind.topic).title
        body = _text(f"{told.kind.template}/body.txt", told)
        text = _text("accounts/notices/letter.txt", told, body=body, topic=topic, unsubscribe_url=address)
        subject = _subject(told)[:200]
    headers = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    post_mail(to=person.email or "", subject=subject, text=text, now=now, headers=headers if address else None)


def _push(told: Told, person: User) -> bytes:
    assert told.kind is not None
    with _as_read_by(person):
        said = {
            "title": _subject(told)[:_SHORT],
            "text": _one_line(_text(f"{told.kind.template}/push.txt", told))[:_LONG],
            "path": told.path or "/notices/",
            "tag": told.notice.pk.hex,
            "language": translation.get_language(),
        }
    return json.dumps(said, ensure_ascii=False).encode()


@contextmanager
def _as_read_by(person: User) -> Iterator[None]:
    """In somebody's language and time."""
    zone = queries.time_zone_of(person=person)
    with translation.override(person.locale or settings.LANGUAGE_CODE), timezone.override(zone):
        yield


def _subject(told: Told) -> str:
    assert told.kind is not None
    return _one_line(_text(f"{told.kind.template}/subject.txt", told))


def _text(template: str, told: Told, **more: Any) -> str:
    """Plain text: nothing in it is escaped."""
    given = {"about": told.about, "path": told.path, "hall": settings.PUBLIC_URL} | more
    rendered: str = get_template(template).template.render(Context(given, autoescape=False))  # type: ignore[attr-defined]
    return rendered.strip() + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _ask_to_push(notice_id: UUID, device_id: int, *, now: datetime, due_at: datetime) -> None:
    jobs.enqueue(
        "accounts.push_notice",
        arguments={"notice": str(notice_id), "device": device_id},
        asked_by=None,
        why="somebody is told",
        now=now,
        due_at=due_at,
    )
