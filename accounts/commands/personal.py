"""Copies of what is held about somebody, and how the tables of accounts forget a person (foundation.privacy)."""

import json
import secrets
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from accounts import queries
from accounts.models import (
    AdImpression,
    BeltAward,
    Candidate,
    DataExport,
    Membership,
    Notice,
    NoticePreference,
    Pupil,
    PushSubscription,
    Subscription,
    User,
)
from project.foundation.audit import commands as audit
from project.foundation.jobs import commands as jobs

from .telling import tell

log = structlog.get_logger(__name__)

FOLDER = "exports"
"""Where in the storage the copies lie."""
KEPT = timedelta(days=7)
GIVEN_UP = timedelta(days=1)
"""A copy that is not made by then will not be; it can be asked for again."""
LOOSE = timedelta(hours=1)
"""A file that no row names for so long belongs to nobody: until then its job may be about to name it."""


@transaction.atomic
def ask_for_data(*, person: User, now: datetime) -> DataExport:
    """Have a copy made of everything that is held about somebody. Asking again gives the one under way, and its job
    a new try where it was given up. Raises User.DoesNotExist when they are gone."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    export, is_new = DataExport.objects.get_or_create(person=person, ready_at=None, defaults={"asked_at": now})
    if is_new:
        audit.record(type="data_export.asked", object=export, actor=person.actor_id, now=now)
    jobs.enqueue(
        "accounts.export_data",
        arguments={"export": str(export.pk)},
        asked_by=person.actor_id,
        why="somebody asked for their data",
        now=now,
        key=str(export.pk),
    )
    return export


def make_data_export(*, export_id: UUID, now: datetime) -> None:
    """Make the file of a copy, and tell whoever asked for it. Done once: one that is ready, or not wanted any more,
    stays as it is. The copy before goes, so that nobody has more than one."""
    asked = DataExport.objects.select_related("person").filter(pk=export_id, ready_at=None).first()
    if asked is None:
        return
    with tempfile.TemporaryFile() as file:
        _write(file, person=asked.person, now=now)
        size = file.tell()
        file.seek(0)
        name = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.zip", File(file))
    is_kept = False
    try:
        is_kept = _keep(asked, name=name, size=size, now=now)
    finally:
        if not is_kept:
            default_storage.delete(name)


def record_data_fetched(*, person: User, export: DataExport, now: datetime) -> None:
    """Somebody takes their copy with them: who was it, if it was not they?"""
    with transaction.atomic(durable=True):
        audit.record(type="data_export.fetched", object=export, actor=person.actor_id, now=now)


def forget_exports(*, now: datetime) -> int:
    """Take away copies that are over or were never made, and files that belong to nobody. Says how many files."""
    over = DataExport.objects.filter(Q(expires_at__lte=now) | Q(ready_at=None, asked_at__lt=now - GIVEN_UP))
    with transaction.atomic():
        rows = list(over.select_for_update().order_by("pk"))
        DataExport.objects.filter(pk__in=[row.pk for row in rows]).delete()
    gone = [row.file for row in rows if row.file]
    gone += _loose_files(now)
    for name in gone:
        default_storage.delete(name)
    return len(gone)


def _write(file: IO[bytes], *, person: User, now: datetime) -> None:
    """A ZIP: all of it as JSON, each part as CSV, and a README in the language of whoever reads it."""
    held = queries.everything_about(person=person)
    parts = list(queries.titled(held))
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        translation.override(person.locale or settings.LANGUAGE_CODE),
    ):
        said = {"parts": parts, "made_at": now, "hall": settings.PUBLIC_URL, "days": KEPT.days}
        archive.writestr("README.txt", render_to_string("accounts/personal/readme.txt", said))
        archive.writestr("data.json", json.dumps(held, ensure_ascii=False, indent=2))
        for name, _, rows in parts:
            archive.writestr(f"{name}.csv", queries.as_csv(rows))
    file.seek(0, 2)


@transaction.atomic(durable=True)
def _keep(asked: DataExport, *, name: str, size: int, now: datetime) -> bool:
    """Whether the file is the copy now. The person is locked first, as by whoever erases them."""
    person = User.objects.select_for_update(no_key=True).filter(pk=asked.person_id).first()
    export = DataExport.objects.select_for_update().filter(pk=asked.pk, ready_at=None).first()
    if person is None or export is None:
        return False
    forget_files(DataExport.objects.filter(person=person).exclude(pk=export.pk))
    export.file, export.size = name, size
    export.ready_at, export.expires_at = now, now + KEPT
    export.save(update_fields=["file", "size", "ready_at", "expires_at"])
    audit.record(type="data_export.made", object=export, actor=None, now=now, payload={"bytes": size})
    tell(person=person, kind="data_export_ready", facts={"export": str(export.pk)}, now=now, key=str(export.pk))
    return True


def forget_files(exports: Any) -> None:
    """Delete these rows now and their files when that is certain. A file that stays is found by forget_exports."""
    names = [name for name in exports.values_list("file", flat=True) if name]
    exports.delete()
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name), robust=True)


def _loose_files(now: datetime) -> Iterable[str]:
    try:
        _, files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    names = {f"{FOLDER}/{file}" for file in files}
    for name in sorted(names - set(DataExport.objects.filter(file__in=names).values_list("file", flat=True))):
        if default_storage.get_modified_time(name) < now - LOOSE:
            yield name


# --- Erasing a person (foundation.privacy) --------------------------------------------------------


def erase_data_exports(*, person: User, now: datetime) -> None:
    forget_files(DataExport.objects.filter(person=person))


def erase_letters(*, person: User, now: datetime) -> None:
    """Their addresses have to be known still, and whose pupil they are."""
    queries.letters_naming(person=person).delete()


def erase_invitations(*, person: User, now: datetime) -> None:
    queries.invitations_naming(person=person).delete()


def erase_notices(*, person: User, now: datetime) -> None:
    Notice.objects.filter(person=person).delete()


def erase_notice_preferences(*, person: User, now: datetime) -> None:
    NoticePreference.objects.filter(person=person).delete()


def erase_push_subscriptions(*, person: User, now: datetime) -> None:
    PushSubscription.objects.filter(person=person).delete()


def erase_memberships(*, person: User, now: datetime) -> None:
    """Their seats are free again. A club that they own would have no owner, which the database refuses."""
    Membership.objects.filter(person=person).delete()


def erase_belt_awards(*, person: User, now: datetime) -> None:
    BeltAward.objects.filter(person=person).delete()


def erase_candidacies(*, person: User, now: datetime) -> None:
    """After the awards that came from them."""
    Candidate.objects.filter(person=person).delete()


def erase_subscriptions(*, person: User, now: datetime) -> None:
    """What a provider still collects was ended before (commands.delete_account)."""
    Subscription.objects.filter(person=person).delete()


def erase_ad_impressions(*, person: User, now: datetime) -> None:
    AdImpression.objects.filter(person=person).delete()


def erase_pupil(*, person: User, now: datetime) -> None:
    """The last row but the person: who has no address may not be without it, checked when all is done."""
    Pupil.objects.filter(person=person).delete()
