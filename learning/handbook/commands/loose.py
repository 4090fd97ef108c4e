"""What has no editions: terms, questions, exercises and plans are changed where they stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction

from learning.handbook.models import (
    Exercise,
    GlossaryTerm,
    PlanBlock,
    PlanItem,
    Question,
    QuestionOption,
    QuestionOrigin,
    Technique,
    TrainingPlan,
    Tul,
)
from learning.handbook.rules import entries
from project.foundation.audit import commands as audit

from . import editions, indexing


@transaction.atomic
def put_term(*, entry: entries.Term, editor: Any | None, now: datetime) -> bool:
    """Put a word into the glossary. Says whether anything changed. Raises NoSuchReference."""
    technique = editions.identities(Technique, "slug", {entry.technique})[entry.technique] if entry.technique else None
    values = {
        "topic": entry.topic,
        "name_pl": entry.names.pl,
        "name_en": entry.names.en,
        "hangul": entry.names.ko,
        "transliteration": entry.transliteration,
        "aliases": list(entry.aliases),
        "min_belt": entry.min_belt,
        "note": editions.text(entry.note),
        "technique": technique,
        "place": entry.place,
    }
    term, changed = _put(GlossaryTerm, entry.slug, values, editor, now)
    if changed:
        indexing.index_term(term, now=now)
    return changed


def put_question(*, entry: entries.Question, origin: QuestionOrigin, editor: Any | None, now: datetime) -> bool:
    """Put a question into the bank, with its options. Says whether anything changed."""
    return put_questions(wanted=[entry], origin=origin, editor=editor, now=now) > 0


@transaction.atomic
def put_questions(
    *, wanted: Sequence[entries.Question], origin: QuestionOrigin, editor: Any | None, now: datetime
) -> int:
    """Put many questions into the bank, with their options, in as many statements as a few. Gives how many of them
    changed."""
    editions.require_editor(editor)
    columns = {entry.slug: _columns(entry, origin) for entry in wanted}
    options = {entry.slug: _options(entry) for entry in wanted}
    held = Question.objects.select_for_update().filter(slug__in=columns).order_by("slug").prefetch_related("options")
    rows = {row.slug: row for row in held}
    new = [Question(slug=slug, **values) for slug, values in columns.items() if slug not in rows]
    deeds = [
        _deed(question, sorted(columns[question.slug]), is_new=True) for question in Question.objects.bulk_create(new)
    ]
    asked_anew = list(new)
    for slug, row in rows.items():
        changed = _set(row, columns[slug])
        if _rows(row.options.all(), options[slug]) != options[slug]:
            changed.append("options")
            asked_anew.append(row)
        if changed:
            deeds.append(_deed(row, changed, is_new=False))
    QuestionOption.objects.filter(question__in=asked_anew).delete()
    QuestionOption.objects.bulk_create(
        QuestionOption(question=question, **option) for question in asked_anew for option in options[question.slug]
    )
    audit.record_all(deeds, actor=editions.actor(editor), now=now)
    return len(deeds)


def _columns(entry: entries.Question, origin: QuestionOrigin) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "origin": origin,
        "modules": list(entry.modules),
        "from_belt": entry.belts[0],
        "to_belt": entry.belts[1],
        "prompt": entry.prompt.as_dict(),
        "answers": list(entry.answers),
        "explanation": entry.explanation.as_dict(),
        "source": entry.source,
        "about": entry.about or "",
        "picture": entry.picture and {"movement": entry.picture.movement, "alt": entry.picture.alt.as_dict()},
        "is_retired": False,
    }


def _options(entry: entries.Question) -> list[dict[str, Any]]:
    return [
        {"place": place, "text": each.text.as_dict(), "pair": editions.text(each.pair), "is_right": each.right}
        for place, each in enumerate(entry.options, start=1)
    ]


@transaction.atomic
def retire_questions(*, keep: set[str], origin: QuestionOrigin, editor: Any | None, now: datetime) -> list[str]:
    """Stop asking the questions of an origin that are not among `keep`; gives which. Answers still point at them."""
    editions.require_editor(editor)
    gone = list(Question.objects.select_for_update().filter(origin=origin, is_retired=False).exclude(slug__in=keep))
    for question in gone:
        question.is_retired = True
        question.save(update_fields=["is_retired"])
        audit.record(
            type="question.retired", object=question, object_id=question.slug, actor=editions.actor(editor), now=now
        )
    return [question.slug for question in gone]


@transaction.atomic
def put_exercise(*, entry: entries.Exercise, editor: Any | None, now: datetime) -> bool:
    """Put an exercise into the handbook. Says whether anything changed."""
    values = {
        "name": entry.names.as_dict(),
        "purpose": entry.purpose.as_dict(),
        "how": editions.texts(entry.how),
        "dose": entry.dose.as_dict(),
        "equipment": editions.text(entry.equipment),
        "safety": editions.text(entry.safety),
        "tags": list(entry.tags),
    }
    _, changed = _put(Exercise, entry.slug, values, editor, now)
    return changed


@transaction.atomic
def put_plan(*, entry: entries.Plan, editor: Any | None, now: datetime) -> bool:
    """Put one of the school's training plans into the handbook. Says whether anything changed.

    Raises NoSuchReference.
    """
    named = [item.what for block in entry.blocks for item in block.items]
    things = {
        kind: editions.identities(model, "slug", {slug for each, slug in named if each == kind})
        for kind, model in (("exercise", Exercise), ("technique", Technique), ("tul", Tul))
    }
    values = {"belt": entry.belt, "name": entry.names.as_dict(), "goal": entry.goal.as_dict()}
    plan, changed = _put(TrainingPlan, entry.slug, values, editor, now)
    if _blocks(plan) == _wanted_blocks(entry, things):
        return changed
    plan.blocks.all().delete()
    for place, block in enumerate(entry.blocks, start=1):
        row = PlanBlock.objects.create(plan=plan, place=place, name=block.name.as_dict(), rounds=block.rounds)
        PlanItem.objects.bulk_create(
            PlanItem(
                block=row,
                place=number,
                work=item.work,
                rest=item.rest,
                **{item.what[0]: things[item.what[0]][item.what[1]]},
            )
            for number, item in enumerate(block.items, start=1)
        )
    return True


def _put(
    model: type[models.Model], slug: str, values: Mapping[str, Any], editor: Any | None, now: datetime
) -> tuple[Any, bool]:
    """Make or change the row of that slug, locked; the trail names the fields that changed."""
    editions.require_editor(editor)
    row: Any = model._default_manager.select_for_update().filter(slug=slug).first()
    is_new = row is None
    if is_new:
        row, changed = model._default_manager.create(slug=slug, **values), sorted(values)
    else:
        changed = _set(row, values)
    if changed:
        audit.record_all([_deed(row, changed, is_new=is_new)], actor=editions.actor(editor), now=now)
    return row, bool(changed)


def _set(row: Any, values: Mapping[str, Any]) -> list[str]:
    """Give a row these values; gives the names of those that are others than before."""
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def _deed(row: Any, changed: Sequence[str], *, is_new: bool) -> audit.Deed:
    type_ = f"{row._meta.model_name}.{'added' if is_new else 'changed'}"
    return audit.Deed(type_, row, {"fields": changed}, object_id=row.slug)


def _rows(rows: Any, wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = list(wanted[0]) if wanted else ["place"]
    return [{name: getattr(row, name) for name in names} for row in rows]


def _wanted_blocks(entry: entries.Plan, things: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    return [
        (
            block.name.as_dict(),
            block.rounds,
            [(item.what[0], things[item.what[0]][item.what[1]].pk, item.work, item.rest) for item in block.items],
        )
        for block in entry.blocks
    ]


def _blocks(plan: TrainingPlan) -> list[Any]:
    return [
        (block.name, block.rounds, [(*_what(item), item.work, item.rest) for item in block.items.all()])
        for block in plan.blocks.prefetch_related("items")
    ]


def _what(item: PlanItem) -> tuple[str, int | None]:
    kind = next(name for name in ("exercise", "technique", "tul") if getattr(item, f"{name}_id"))
    return kind, getattr(item, f"{kind}_id")
