"""What was brought from Anki."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from learning.practice.models import AnkiImport, ReviewCard

SHOWN = 20


def anki_imports(*, viewer: Any) -> Sequence[AnkiImport]:
    """The viewer's last ones, the newest first."""
    return list(AnkiImport.objects.filter(person=viewer.pk)[:SHOWN])


def anki_import(*, viewer: Any, import_id: UUID) -> AnkiImport:
    """Raises AnkiImport.DoesNotExist."""
    return AnkiImport.objects.get(pk=import_id, person=viewer.pk)


def cards_held(*, person: Any) -> int:
    """How many cards somebody has, those that were put away too."""
    return ReviewCard.objects.filter(person=person.pk).count()
