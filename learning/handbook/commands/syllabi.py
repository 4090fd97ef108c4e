from datetime import datetime
from typing import Any

from django.db import transaction

from learning.handbook.models import ExamSyllabus, ExamSyllabusEdition, SyllabusTechnique, SyllabusTul, Technique, Tul
from learning.handbook.rules import entries

from . import editions


@transaction.atomic
def draft_syllabus(*, entry: entries.Syllabus, editor: Any | None, now: datetime) -> ExamSyllabusEdition:
    """Write the draft of a grading's syllabus. Raises NoSuchReference."""
    editions.require_editor(editor)
    techniques = editions.identities(Technique, "slug", set(entry.techniques))
    tuls = editions.identities(Tul, "slug", set(entry.tuls))
    identity = editions.lock(ExamSyllabus, belt=entry.belt)
    draft: ExamSyllabusEdition = editions.draft(
        identity,
        now,
        months_in_grade=entry.months_in_grade,
        sparring=editions.text(entry.sparring),
        strength=editions.text(entry.strength),
        theory=[{"question": each.question.as_dict(), "answer": each.answer.as_dict()} for each in entry.theory],
        source_note=editions.text(entry.source_note),
    )
    SyllabusTechnique.objects.bulk_create(
        SyllabusTechnique(edition=draft, technique=techniques[slug], place=place)
        for place, slug in enumerate(entry.techniques, start=1)
    )
    SyllabusTul.objects.bulk_create(
        SyllabusTul(edition=draft, tul=tuls[slug], place=place) for place, slug in enumerate(entry.tuls, start=1)
    )
    editions.record("edition.drafted", draft, editor, now)
    return draft
