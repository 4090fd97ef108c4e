"""What was brought from Anki."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from learning.practice.models import AnkiImport, CardOrigin, ReviewCard

SHOWN = 20


def anki_imports(*, viewer: Any) -> Sequence[AnkiImport]:
    """The viewer's last ones, the newest first."""
    return list(AnkiImport.objects.filter(person=viewer.pk)[:SHOWN])


def anki_import(*, viewer: Any, import_id: UUID) -> AnkiImport:
    """Raises AnkiImport.DoesNotExist."""
    return AnkiImport.objects.get(pk=import_id, person=viewer.pk)


def cards_brought(*, done: AnkiImport) -> QuerySet[ReviewCard]:
    """The cards that an import made: each has its instant and, on top of it, one microsecond a place in the file."""
    places = done.report["cards"] + done.report["known_cards"]
    return ReviewCard.objects.filter(
        person=done.person_id,
        origin=CardOrigin.IMPORT,
        created_at__gte=done.imported_at,
        created_at__lt=done.imported_at + timedelta(microseconds=places),
    )


def cards_held(*, person: Any) -> int:
    """How many cards somebody has, those that were put away too."""
    return ReviewCard.objects.filter(person=person.pk).count()
