"""Questions of the bank for those who ask them: quizzes, tracks, clubs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

from django.db.models import Q
from django.urls import reverse

from learning.handbook.models import (
    DocumentKind,
    GlossaryTerm,
    Question,
    QuestionKind,
    SearchDocument,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
)
from learning.handbook.rules import drawing, recalling, spelling
from project.foundation.belts import FIRST_DAN

from .identities import step_keys
from .searching import Lexemes

Text = Mapping[str, str]

SOUNDS_AT_LEAST = 4
"""Letters of a word that is accepted by its sound. Shorter ones (pal, bal) are too much alike."""


@dataclass(frozen=True)
class BankOption:
    text: Text
    pair: Text | None
    is_right: bool


@dataclass(frozen=True)
class BankQuestion:
    """A question with its options in the order that is right. `about` is the kind, the slug and the name of what it
    is about; None where that is not in the handbook any more. `media` as media_of says."""

    id: int
    slug: str
    kind: str
    prompt: Text
    options: Sequence[BankOption]
    answers: Sequence[str]
    explanation: Text
    source: str
    about: tuple[str, str, Text] | None
    media: Mapping[str, Any] | None


def questions(
    *,
    n: int,
    weights: Mapping[str, float],
    chance: Random,
    now: datetime,
    modules: Collection[str] = (),
    belt: int | None = None,
    slugs: Collection[str] = (),
    about: Collection[str] = (),
) -> list[BankQuestion]:
    """Questions drawn by chance out of all that match, the likelier the greater their weight (by slug; 1 without one).

    `modules`: of any of these; `belt`: fair for a learner of this belt; `slugs`, `about` (kind:slug): only these or
    about these. Seven queries at most, however many are drawn.
    """
    bank = Question.objects.filter(is_retired=False)
    if modules:
        bank = bank.filter(modules__overlap=list(modules))
    if belt is not None:
        worn = max(belt, FIRST_DAN)
        bank = bank.filter(from_belt__gte=worn, to_belt__lte=worn)
    if slugs or about:
        bank = bank.filter(Q(slug__in=slugs) | Q(about__in=about))
    candidates = [drawing.Candidate(*row) for row in bank.order_by("slug").values_list("pk", "slug", "about")]
    chosen = drawing.drawn(candidates, n=n, weights=weights, roll=chance.random)
    rows = Question.objects.prefetch_related("options").in_bulk([each.id for each in chosen])
    names = _names({each.about for each in chosen}, now)
    return [_whole(rows[each.id], names) for each in chosen]


class Recalled(NamedTuple):
    """What is remembered by a question: a word or technique in a direction, or a step of a tul."""

    kind: str
    key: str
    direction: str
    step_key: str


def recalled_by(*, questions: Mapping[str, str], now: datetime) -> dict[str, Recalled]:
    """The one word or movement that each question asks for, by the question's slug; what asks for anything else is
    missing. `questions`: by slug what they are about (kind:slug). In one query at most.
    """
    found = {slug: recalling.asked(slug=slug, about=about) for slug, about in questions.items()}
    asked = {slug: each for slug, each in found.items() if each}
    tuls = {each.slug for each in asked.values() if each.kind == "tul"}
    steps = step_keys(tuls=tuls, now=now) if tuls else {}
    words = {slug: Recalled(*each[:3], "") for slug, each in asked.items() if each.kind != "tul"}
    movements = {
        slug: Recalled("step", each.slug, "", steps[each.slug][each.movement - 1])
        for slug, each in asked.items()
        if each.movement in range(1, len(steps.get(each.slug, ())) + 1)
    }
    return words | movements


def is_same_word(*, given: str, accepted: Sequence[str], now: datetime) -> bool:
    """Whether what somebody typed is one of the accepted words: with or without diacritics, spaces and hyphens, in
    Hangul, or written as one hears it. What sounds alike but is the name of something else (balmok, palmok) is not.
    """
    typed = _joined(given)
    meant = {_joined(each) for each in accepted}
    if not typed or typed in meant:
        return bool(typed)
    if len(typed) < SOUNDS_AT_LEAST or not typed.isalpha():
        return False
    heard = spelling.sound(typed)
    if not heard or heard not in {spelling.sound(each) for each in meant if each.isalpha()}:
        return False
    named = SearchDocument.objects.valid_at(now).filter(words=Lexemes(f"'^{typed}'"))  # letters only, nothing to quote
    return all(meant & {_joined(each) for each in document.spellings} for document in named)


def _joined(text: str) -> str:
    return "".join(spelling.words(text))


def _whole(row: Question, names: Mapping[str, Text]) -> BankQuestion:
    kind, _, slug = row.about.partition(":")
    name = names.get(row.about)
    return BankQuestion(
        id=row.pk,
        slug=row.slug,
        kind=QuestionKind(row.kind).value,
        prompt=row.prompt,
        options=[BankOption(each.text, each.pair, each.is_right) for each in row.options.all()],
        answers=row.answers,
        explanation=row.explanation,
        source=row.source,
        about=(kind, slug, name) if name else None,
        media=media_of(row) if name else None,
    )


def media_of(row: Question) -> Mapping[str, Any] | None:
    """The picture that a question asks about: its address (url), its description (alt, by its languages), its kind."""
    if row.picture is None:
        return None
    url = reverse("handbook:tul-floor", args=[row.tul, row.picture["movement"]])
    return {"kind": "picture", "url": url, "alt": row.picture["alt"]}


def _names(abouts: Collection[str], now: datetime) -> dict[str, Text]:
    """What the things are called that questions are about, by kind:slug; one query for each kind of them."""
    slugs: dict[str, list[str]] = defaultdict(list)
    for each in filter(None, abouts):
        kind, _, slug = each.partition(":")
        slugs[kind].append(slug)
    return {
        f"{kind}:{slug}": name for kind in slugs for slug, name in _NAMES[DocumentKind(kind)](slugs[kind], now).items()
    }


def _of_techniques(slugs: Sequence[str], now: datetime) -> dict[str, Text]:
    rows = TechniqueEdition.objects.valid_at(now).filter(identity__slug__in=slugs).select_related("identity")
    return {row.identity.slug: row.name for row in rows}


def _of_tuls(slugs: Sequence[str], now: datetime) -> dict[str, Text]:
    rows = TulEdition.objects.valid_at(now).filter(identity__slug__in=slugs).select_related("identity")
    return {row.identity.slug: {"pl": row.name, "en": row.name, "ko": row.hangul} for row in rows}


def _of_terms(slugs: Sequence[str], now: datetime) -> dict[str, Text]:
    return {row.slug: row.name for row in GlossaryTerm.objects.filter(slug__in=slugs)}


def _of_articles(slugs: Sequence[str], now: datetime) -> dict[str, Text]:
    rows = TheoryArticleEdition.objects.valid_at(now).filter(identity__slug__in=slugs).select_related("identity")
    return {row.identity.slug: row.title for row in rows.defer("body")}


_NAMES: Mapping[str, Any] = {
    DocumentKind.TECHNIQUE: _of_techniques,
    DocumentKind.TUL: _of_tuls,
    DocumentKind.TERM: _of_terms,
    DocumentKind.ARTICLE: _of_articles,
}
