from datetime import datetime
from typing import Any

from django.db import transaction

from learning.handbook.models import Technique, Tul, TulEdition, TulStep
from learning.handbook.rules import entries

from . import editions


@transaction.atomic
def draft_tul(*, entry: entries.Tul, editor: Any | None, now: datetime) -> TulEdition:
    """Write the draft of a tul with all its steps. Raises NoSuchReference."""
    editions.require_editor(editor)
    named = {entry.ready, *(step.technique for step in entry.steps), *(step.stance for step in entry.steps)}
    techniques = editions.identities(Technique, "slug", named)
    identity = editions.lock(Tul, slug=entry.slug)
    draft: TulEdition = editions.draft(
        identity,
        now,
        kind=entry.kind,
        order=entry.order,
        belt=entry.belt,
        name=entry.name,
        hangul=entry.hangul,
        movements=entry.movements,
        meaning=entry.meaning.as_dict(),
        ready=techniques[entry.ready],
        ends_at_start=entry.ends_at_start,
        closing_foot=entry.closing.foot if entry.closing else "",
        judges_notes=editions.texts(entry.judges_notes),
        source_note=editions.text(entry.source_note),
    )
    TulStep.objects.bulk_create(
        TulStep(
            edition=draft,
            step_key=step.key or str(position),
            position=position,
            technique=techniques[step.technique],
            side=step.side,
            section=step.section or "",
            stance=techniques[step.stance],
            stance_side=step.stance_side or "",
            facing=step.facing,
            moves=[move.model_dump(exclude_none=True) for move in step.moves],
            turn=step.turn or "",
            tempo=step.tempo,
            is_joined=step.joined,
            note=editions.text(step.note),
            left_x=feet.left.x,
            left_y=feet.left.y,
            right_x=feet.right.x,
            right_y=feet.right.y,
        )
        for position, (step, feet) in enumerate(zip(entry.steps, entry.path(), strict=True), start=1)
    )
    editions.record("edition.drafted", draft, editor, now)
    return draft
