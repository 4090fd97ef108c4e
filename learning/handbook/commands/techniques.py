from datetime import datetime
from typing import Any

from django.db import transaction

from learning.handbook.models import Technique, TechniqueEdition
from learning.handbook.rules import entries

from . import editions


@transaction.atomic
def draft_technique(*, entry: entries.Technique, editor: Any | None, now: datetime) -> TechniqueEdition:
    """Write the draft of a technique, in place of an earlier draft."""
    editions.require_editor(editor)
    identity = editions.lock(Technique, slug=entry.slug)
    draft: TechniqueEdition = editions.draft(
        identity,
        now,
        category=entry.category,
        min_belt=entry.min_belt,
        name_pl=entry.names.pl,
        name_en=entry.names.en,
        hangul=entry.names.ko,
        transliteration=entry.transliteration,
        aliases=list(entry.aliases),
        section=entry.section or "",
        tool=editions.text(entry.tool),
        key_points=editions.texts(entry.key_points),
        mistakes=editions.texts(entry.mistakes),
        safety=editions.text(entry.safety),
        tags=list(entry.tags),
        source_note=editions.text(entry.source_note),
    )
    editions.record("edition.drafted", draft, editor, now)
    return draft
