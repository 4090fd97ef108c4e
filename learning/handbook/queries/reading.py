"""What readers of the handbook see: always the editions that are valid at the instant asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from learning.handbook.models import (
    Category,
    ExamSyllabusEdition,
    GlossaryTerm,
    SyllabusTechnique,
    SyllabusTul,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
    TulStep,
)

from .searching import spelled_like

ORDERINGS = {
    "belt": ("-min_belt", "transliteration", "pk"),
    "-belt": ("min_belt", "transliteration", "pk"),
    "name": ("transliteration", "pk"),
    "-name": ("-transliteration", "-pk"),
}
"""The closed set of orders in which techniques can be listed; the first is the default."""


def techniques(
    *,
    now: datetime,
    category: str = "",
    belt: int | None = None,
    exact_belt: int | None = None,
    has_media: bool | None = None,
    q: str = "",
    ordering: str = "belt",
) -> QuerySet[TechniqueEdition]:
    """The techniques of the handbook. `belt` gives those that a learner of that belt has met, `exact_belt` those
    that are learned at it. There are no media yet, so none has any."""
    found = TechniqueEdition.objects.valid_at(now).select_related("identity")
    if category:
        found = found.filter(category=category)
    if belt is not None:
        found = found.filter(min_belt__gte=belt)
    if exact_belt is not None:
        found = found.filter(min_belt=exact_belt)
    if has_media:
        found = found.none()
    return spelled_like(found, q, kind="technique", now=now).order_by(*ORDERINGS[ordering])


def technique(*, slug: str, now: datetime) -> TechniqueEdition:
    """Raises TechniqueEdition.DoesNotExist."""
    found: TechniqueEdition = TechniqueEdition.objects.valid_at(now).select_related("identity").get(identity__slug=slug)
    return found


@dataclass(frozen=True)
class Use:
    """A tul in which a technique or stance occurs, and at which steps."""

    tul: TulEdition
    steps: Sequence[TulStep]


def uses(*, technique: TechniqueEdition, now: datetime) -> list[Use]:
    """Where in the tuls a technique or stance is used, in the order of the tuls."""
    mentions = Q(technique=technique.identity_id) | Q(stance=technique.identity_id)
    tuls = (
        TulEdition.objects.valid_at(now)
        .filter(Exists(TulStep.objects.filter(mentions, edition=OuterRef("pk"))))
        .select_related("identity")
        .order_by("order", "pk")
        .prefetch_related(Prefetch("steps", TulStep.objects.filter(mentions), to_attr="mentioning"))
    )
    return [Use(tul, tul.mentioning) for tul in tuls]


def related_techniques(*, technique: TechniqueEdition, now: datetime, limit: int = 4) -> list[TechniqueEdition]:
    """Where to go on from a card: others of its kind, nearest in belt first."""
    same_kind = techniques(now=now, category=technique.category).exclude(pk=technique.pk)
    return sorted(same_kind, key=lambda each: (abs(each.min_belt - technique.min_belt), each.transliteration))[:limit]


def tuls(
    *, now: datetime, belt: int | None = None, exact_belt: int | None = None, kind: str = "", q: str = ""
) -> QuerySet[TulEdition]:
    """The tuls in their official order. `belt` gives those learned up to that belt, `exact_belt` those of it."""
    found = TulEdition.objects.valid_at(now).select_related("identity")
    found = found.annotate(has_steps=Exists(TulStep.objects.filter(edition=OuterRef("pk"))))
    if belt is not None:
        found = found.filter(belt__gte=belt)
    if exact_belt is not None:
        found = found.filter(belt=exact_belt)
    if kind:
        found = found.filter(kind=kind)
    in_order: QuerySet[TulEdition] = spelled_like(found, q, kind="tul", now=now).order_by("order", "-belt", "pk")
    return in_order


@dataclass(frozen=True)
class NamedStep:
    """A step with the editions of its technique and stance; None for one that is not valid any more."""

    row: TulStep
    technique: TechniqueEdition | None
    stance: TechniqueEdition | None


@dataclass(frozen=True)
class TulSheet:
    tul: TulEdition
    ready: TechniqueEdition | None
    steps: Sequence[NamedStep]


def tul(*, slug: str, now: datetime) -> TulSheet:
    """Everything a tul's page shows, in three queries. Raises TulEdition.DoesNotExist."""
    edition = TulEdition.objects.valid_at(now).select_related("identity", "ready").get(identity__slug=slug)
    return tul_sheet(edition=edition, now=now)


def tul_sheet(*, edition: TulEdition, now: datetime) -> TulSheet:
    """The sheet of any edition, a draft too, with the techniques as they are valid at this instant."""
    rows = list(edition.steps.select_related("technique", "stance"))
    wanted = {edition.ready_id, *(row.technique_id for row in rows), *(row.stance_id for row in rows)}
    named = _by_identity(TechniqueEdition.objects.valid_at(now), wanted)
    steps = [NamedStep(row, named.get(row.technique_id), named.get(row.stance_id)) for row in rows]
    return TulSheet(edition, named.get(edition.ready_id), steps)


@dataclass(frozen=True)
class Syllabus:
    edition: ExamSyllabusEdition
    techniques: Sequence[TechniqueEdition]
    tuls: Sequence[TulEdition]


def syllabus(*, belt: int, now: datetime) -> Syllabus:
    """What the grading for `belt` asks, in five queries. Raises ExamSyllabusEdition.DoesNotExist."""
    edition = (
        ExamSyllabusEdition.objects.valid_at(now)
        .select_related("identity")
        .prefetch_related(
            Prefetch("techniques", SyllabusTechnique.objects.all()), Prefetch("tuls", SyllabusTul.objects.all())
        )
        .get(identity__belt=belt)
    )
    return syllabus_sheet(edition=edition, now=now)


def syllabus_sheet(*, edition: ExamSyllabusEdition, now: datetime) -> Syllabus:
    """What any edition asks, a draft too, with techniques and tuls as they are valid at this instant."""
    asked = [line.technique_id for line in edition.techniques.all()]
    danced = [line.tul_id for line in edition.tuls.all()]
    techniques = _by_identity(TechniqueEdition.objects.valid_at(now), asked)
    tuls = _by_identity(TulEdition.objects.valid_at(now), danced)
    return Syllabus(
        edition,
        [techniques[pk] for pk in asked if pk in techniques],
        [tuls[pk] for pk in danced if pk in tuls],
    )


def syllabi(*, now: datetime) -> QuerySet[ExamSyllabusEdition]:
    """One line for each grading, lowest grade first."""
    return ExamSyllabusEdition.objects.valid_at(now).select_related("identity").order_by("-identity__belt")


def terms(*, now: datetime, topic: str = "", q: str = "") -> QuerySet[GlossaryTerm]:
    """The words of the glossary, by topic and then in the order of the shelf."""
    found = GlossaryTerm.objects.select_related("technique").order_by("topic", "place", "slug")
    if topic:
        found = found.filter(topic=topic)
    return spelled_like(found, q, kind="term", now=now)


def term(*, slug: str) -> GlossaryTerm:
    """Raises GlossaryTerm.DoesNotExist."""
    found: GlossaryTerm = GlossaryTerm.objects.select_related("technique").get(slug=slug)
    return found


def articles(
    *, now: datetime, topic: str = "", exact_belt: int | None = None, q: str = ""
) -> QuerySet[TheoryArticleEdition]:
    """Theory to read, by topic and then in its order; the bodies are left out."""
    found = TheoryArticleEdition.objects.valid_at(now).select_related("identity").defer("body")
    if topic:
        found = found.filter(topic=topic)
    if exact_belt is not None:
        found = found.filter(belt=exact_belt)
    return spelled_like(found, q, kind="article", now=now).order_by("topic", "order", "pk")


def article(*, slug: str, now: datetime) -> TheoryArticleEdition:
    """Raises TheoryArticleEdition.DoesNotExist."""
    editions = TheoryArticleEdition.objects.valid_at(now).select_related("identity")
    found: TheoryArticleEdition = editions.get(identity__slug=slug)
    return found


def categories() -> list[tuple[str, Any]]:
    return [(value, label) for value, label in Category.choices]


def _by_identity(editions: QuerySet[Any], identities: Any) -> dict[int, Any]:
    return {each.identity_id: each for each in editions.filter(identity__in=identities).select_related("identity")}
