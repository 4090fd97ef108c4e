"""From rows back to what an editor wrote: the entry that would make the same edition again."""

from functools import singledispatch
from typing import Any

from learning.handbook.models import (
    ExamSyllabusEdition,
    GlossaryTerm,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
    TulStep,
)
from learning.handbook.rules import entries


@singledispatch
def entry_of(row: Any) -> Any:
    """The entry of an edition, or of a word of the glossary. Two editions say the same when their entries are equal."""
    raise TypeError(f"{type(row).__name__} is not made from an entry")


@entry_of.register
def _technique(row: TechniqueEdition) -> entries.Technique:
    return entries.Technique.model_validate(
        {
            "slug": row.identity.slug,
            "category": row.category,
            "min_belt": row.min_belt,
            "names": row.name,
            "transliteration": row.transliteration,
            "aliases": row.aliases,
            "section": row.section or None,
            "tool": row.tool,
            "key_points": row.key_points,
            "mistakes": row.mistakes,
            "safety": row.safety,
            "tags": row.tags,
            "source_note": row.source_note,
        }
    )


@entry_of.register
def _tul(row: TulEdition) -> entries.Tul:
    return entries.Tul.model_validate(
        {
            "slug": row.identity.slug,
            "kind": row.kind,
            "order": row.order,
            "belt": row.belt,
            "name": row.name,
            "hangul": row.hangul,
            "movements": row.movements,
            "meaning": row.meaning,
            "ready": row.ready.slug,
            "ends_at_start": row.ends_at_start,
            "judges_notes": row.judges_notes,
            "source_note": row.source_note,
            "closing": {"foot": row.closing_foot} if row.closing_foot else None,
            "steps": [_step(step) for step in row.steps.select_related("technique", "stance")],
        }
    )


def _step(row: TulStep) -> dict[str, Any]:
    return {
        "technique": row.technique.slug,
        "side": row.side,
        "section": row.section or None,
        "stance": row.stance.slug,
        "stance_side": row.stance_side or None,
        "facing": row.facing,
        "moves": row.moves,
        "turn": row.turn or None,
        "tempo": row.tempo,
        "joined": row.is_joined,
        "key": row.step_key,
        "note": row.note,
    }


@entry_of.register
def _syllabus(row: ExamSyllabusEdition) -> entries.Syllabus:
    return entries.Syllabus.model_validate(
        {
            "belt": row.identity.belt,
            "months_in_grade": row.months_in_grade,
            "techniques": [line.technique.slug for line in row.techniques.select_related("technique")],
            "tuls": [line.tul.slug for line in row.tuls.select_related("tul")],
            "sparring": row.sparring,
            "strength": row.strength,
            "theory": row.theory,
            "source_note": row.source_note,
        }
    )


@entry_of.register
def _article(row: TheoryArticleEdition) -> entries.Article:
    return entries.Article.model_validate(
        {
            "slug": row.identity.slug,
            "topic": row.topic,
            "belt": row.belt,
            "order": row.order,
            "title": row.title,
            "body": row.body,
            "sources": row.sources,
        }
    )


@entry_of.register
def _term(row: GlossaryTerm) -> entries.Term:
    return entries.Term.model_validate(
        {
            "slug": row.slug,
            "topic": row.topic,
            "names": row.name,
            "transliteration": row.transliteration,
            "aliases": row.aliases,
            "min_belt": row.min_belt,
            "note": row.note,
            "technique": row.technique.slug if row.technique else None,
            "place": row.place,
        }
    )
