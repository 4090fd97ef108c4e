"""A bank of questions of every kind, and words that they are about."""

from datetime import datetime
from typing import Any

from learning.handbook import commands
from learning.handbook.models import Question, QuestionOrigin
from learning.handbook.rules import entries

TEXT = {"pl": "Tak jest.", "en": "So it is.", "ko": "그렇다."}
KINDS = ("single", "multiple", "order", "match", "type")


def said(word: str) -> dict[str, str]:
    return {"pl": f"{word} po polsku", "en": word, "ko": f"{word} 말"}


def question_entry(slug: str, **fields: Any) -> entries.Question:
    """One question that is fair for everybody; `kind` says which options it has."""
    kind = fields.get("kind", "single")
    rights = {"single": [True, False, False], "multiple": [True, True, False]}.get(kind, [False] * 3)
    options = [{"text": said(word), "right": right} for word, right in zip(("ap", "yop", "dwit"), rights, strict=True)]
    if kind == "match":
        options = [each | {"pair": said(pair)} for each, pair in zip(options, ("A", "B", "C"), strict=True)]
    wanted = {
        "slug": slug, "kind": kind, "modules": ["theory"], "belts": (10, 0), "prompt": said(f"What is {slug}?"),
        "options": [] if kind == "type" else options, "answers": ["charyot", "차렷"] if kind == "type" else [],
        "explanation": TEXT, "source": "Encyclopedia, vol. 1",
    }  # fmt: skip
    return entries.Question(**(wanted | fields))


def put_question(slug: str, *, now: datetime, **fields: Any) -> None:
    entry = question_entry(slug, **fields)
    commands.put_question(entry=entry, origin=QuestionOrigin.AUTHORED, editor=None, now=now)


def put_term(
    now: datetime,
    slug: str = "charyot",
    names: dict[str, str] | None = None,
    roman: str = "charyot",
    aliases: tuple[str, ...] = (),
) -> None:
    word = entries.Term(
        slug=slug, topic="commands", names=names or {"pl": "baczność", "en": "attention", "ko": "차렷"},
        transliteration=roman, aliases=aliases, min_belt=10,
    )  # fmt: skip
    commands.put_term(entry=word, editor=None, now=now)


def bank(number: int, *, now: datetime, **fields: Any) -> None:
    """So many questions, q-1 …, of all kinds in turn unless `kind` is given."""
    for each in range(1, number + 1):
        put_question(f"q-{each}", now=now, **({"kind": KINDS[each % len(KINDS)]} | fields))


def retire_all_but(slug: str) -> None:
    Question.objects.exclude(slug=slug).update(is_retired=True)


def unasked(asked: set[int]) -> Question:
    """A question that is none of these."""
    return Question.objects.exclude(pk__in=asked).order_by("pk")[0]
