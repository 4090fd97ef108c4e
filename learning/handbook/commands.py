"""How the handbook changes: an edition is drafted, then published. Both leave a trail."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Max

from project.foundation.audit import commands as audit

from .models import (
    ExamSyllabus,
    ExamSyllabusEdition,
    SyllabusTechnique,
    SyllabusTul,
    Technique,
    TechniqueEdition,
    Tul,
    TulEdition,
    TulStep,
)
from .rules import entries, spelling


class NoSuchReference(Exception):
    """The entry names techniques or tuls that are not in the handbook; the text lists them."""


class NothingToPublish(Exception):
    """The edition is not a draft any more."""


class TooEarly(Exception):
    """An edition cannot become valid before the one that it replaces, or in the past of a later one."""


@transaction.atomic
def draft_technique(*, entry: entries.Technique, editor: UUID | None, now: datetime) -> TechniqueEdition:
    """Write the draft of a technique, in place of an earlier draft."""
    identity = _locked(Technique, slug=entry.slug)
    draft: TechniqueEdition = _draft(
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
        tool=_text(entry.tool),
        key_points=_texts(entry.key_points),
        mistakes=_texts(entry.mistakes),
        safety=_text(entry.safety),
        tags=list(entry.tags),
        source_note=_text(entry.source_note),
        search_text=spelling.search_text(
            [entry.transliteration, *entry.aliases, entry.names.ko, entry.names.en, entry.names.pl, entry.slug]
        ),
    )
    _record("edition.drafted", draft, editor, now)
    return draft


@transaction.atomic
def draft_tul(*, entry: entries.Tul, editor: UUID | None, now: datetime) -> TulEdition:
    """Write the draft of a tul with all its steps. Raises NoSuchReference."""
    named = {entry.ready, *(step.technique for step in entry.steps), *(step.stance for step in entry.steps)}
    techniques = _identities(Technique, "slug", named)
    identity = _locked(Tul, slug=entry.slug)
    draft: TulEdition = _draft(
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
        judges_notes=_texts(entry.judges_notes),
        source_note=_text(entry.source_note),
        search_text=spelling.search_text([entry.name, entry.hangul, entry.slug, entry.slug.replace("-", "")]),
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
            note=_text(step.note),
            left_x=feet.left.x,
            left_y=feet.left.y,
            right_x=feet.right.x,
            right_y=feet.right.y,
        )
        for position, (step, feet) in enumerate(zip(entry.steps, entry.path(), strict=True), start=1)
    )
    _record("edition.drafted", draft, editor, now)
    return draft


@transaction.atomic
def draft_syllabus(*, entry: entries.Syllabus, editor: UUID | None, now: datetime) -> ExamSyllabusEdition:
    """Write the draft of a grading's syllabus. Raises NoSuchReference."""
    techniques = _identities(Technique, "slug", set(entry.techniques))
    tuls = _identities(Tul, "slug", set(entry.tuls))
    identity = _locked(ExamSyllabus, belt=entry.belt)
    draft: ExamSyllabusEdition = _draft(
        identity,
        now,
        months_in_grade=entry.months_in_grade,
        sparring=_text(entry.sparring),
        strength=_text(entry.strength),
        theory=[{"question": each.question.as_dict(), "answer": each.answer.as_dict()} for each in entry.theory],
        source_note=_text(entry.source_note),
    )
    SyllabusTechnique.objects.bulk_create(
        SyllabusTechnique(edition=draft, technique=techniques[slug], place=place)
        for place, slug in enumerate(entry.techniques, start=1)
    )
    SyllabusTul.objects.bulk_create(
        SyllabusTul(edition=draft, tul=tuls[slug], place=place) for place, slug in enumerate(entry.tuls, start=1)
    )
    _record("edition.drafted", draft, editor, now)
    return draft


@transaction.atomic
def publish_edition(*, edition: Any, valid_from: datetime, editor: UUID | None, now: datetime) -> Any:
    """Make a draft valid from an instant on; the edition valid then ends at that instant.

    Locks the identity, so two editors cannot publish side by side. Raises NothingToPublish or TooEarly.
    """
    _lock(edition.identity)
    edition.refresh_from_db()
    if not edition.is_draft:
        raise NothingToPublish
    published = edition.identity.editions.filter(is_draft=False)
    if published.filter(valid_from__gte=valid_from).exists():
        raise TooEarly
    published.filter(valid_to__isnull=True).update(valid_to=valid_from)
    edition.is_draft, edition.valid_from = False, valid_from
    edition.save(update_fields=["is_draft", "valid_from"])
    _record("edition.published", edition, editor, now, valid_from=valid_from.isoformat())
    return edition


def shelve(*, entry: Any, editor: UUID | None, now: datetime) -> bool:
    """Put an entry of the shipped content into the handbook: draft it and publish it at once.

    Says whether anything changed: an entry equal to the edition valid now is left alone.
    """
    draft_entry = _draft_command(entry)
    with transaction.atomic():
        draft = draft_entry(entry=entry, editor=editor, now=now)
        valid = draft.identity.editions.valid_at(now).first()
        if valid is not None and _content(valid) == _content(draft):
            transaction.set_rollback(True)
            return False
        publish_edition(edition=draft, valid_from=now, editor=editor, now=now)
    return True


def _draft_command(entry: Any) -> Callable[..., Any]:
    match entry:
        case entries.Technique():
            return draft_technique
        case entries.Tul():
            return draft_tul
        case entries.Syllabus():
            return draft_syllabus
    raise TypeError(f"no shelf for {type(entry).__name__}")


def _locked(model: type[models.Model], **key: Any) -> Any:
    identity, _ = model._default_manager.get_or_create(**key)
    return _lock(identity)


def _lock(identity: Any) -> Any:
    return type(identity)._default_manager.select_for_update().get(pk=identity.pk)


def _draft(identity: Any, now: datetime, **content: Any) -> Any:
    """A new draft; an earlier draft gives way, its number is used again."""
    identity.editions.filter(is_draft=True).delete()
    version = (identity.editions.aggregate(newest=Max("version"))["newest"] or 0) + 1
    return identity.editions.create(version=version, created_at=now, **content)


def _identities(model: type[models.Model], key: str, wanted: set[str]) -> dict[str, Any]:
    found = {getattr(each, key): each for each in model._default_manager.filter(**{f"{key}__in": wanted})}
    if missing := sorted(wanted - set(found)):
        raise NoSuchReference(", ".join(missing))
    return found


def _content(edition: Any) -> dict[str, Any]:
    """Everything of an edition that a reader sees, for comparing two of them."""
    own = {"id", "version", "is_draft", "valid_from", "valid_to", "created_at", "edition"}
    content = {
        field.attname: getattr(edition, field.attname)
        for field in edition._meta.concrete_fields
        if field.name not in own
    }
    for relation in ("steps", "techniques", "tuls"):
        if hasattr(edition, relation):
            content[relation] = [_content(row) for row in getattr(edition, relation).all()]
    return content


def _text(text: entries.Text | None) -> dict[str, str] | None:
    return text.as_dict() if text else None


def _texts(texts: Sequence[entries.Text]) -> list[dict[str, str]]:
    return [text.as_dict() for text in texts]


def _record(type: str, edition: Any, editor: UUID | None, now: datetime, **payload: Any) -> None:
    audit.record(
        type=type, object=edition.identity, object_id=str(edition.identity), actor=editor, now=now,
        payload={"version": edition.version, **payload},
    )  # fmt: skip
