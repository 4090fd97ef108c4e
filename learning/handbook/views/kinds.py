"""What editors write, kind by kind: the one place that knows what belongs to each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from learning.handbook import queries
from learning.handbook.models import (
    ExamSyllabus,
    ExamSyllabusEdition,
    GlossaryTerm,
    Technique,
    TechniqueEdition,
    TheoryArticle,
    TheoryArticleEdition,
    Tul,
    TulEdition,
)
from learning.handbook.picture import picture
from learning.handbook.queries import editing as reads
from learning.handbook.rules import entries


@dataclass(frozen=True)
class Kind:
    """`name` is its word in addresses, `key` the field of its entries by which an identity is addressed.

    `public` is the name of the readers' page and `template` what renders it; `context(edition, now)` is what
    that template needs to show any edition. A kind without editions has neither drafts nor previews.
    """

    name: str
    title: Any
    new: Any
    icon: str
    shape: type[BaseModel]
    model: type[models.Model]
    public: str
    key: str = "slug"
    template: str = ""
    context: Callable[[Any, datetime], Mapping[str, Any]] | None = None

    @property
    def has_editions(self) -> bool:
        return self.context is not None

    @property
    def url(self) -> str:
        return reverse("handbook:editor-list", args=[self.name])


def _technique(edition: TechniqueEdition, now: datetime) -> Mapping[str, Any]:
    related = queries.related_techniques(technique=edition, now=now)
    return {
        "technique": edition,
        "uses": queries.uses(technique=edition, now=now),
        "related": [each for each in related if each.identity_id != edition.identity_id],
    }


def _tul(edition: TulEdition, now: datetime) -> Mapping[str, Any]:
    sheet = queries.tul_sheet(edition=edition, now=now)
    return {"sheet": sheet, "picture": picture(sheet)}


def _syllabus(edition: ExamSyllabusEdition, now: datetime) -> Mapping[str, Any]:
    belt = edition.identity.belt
    gradings = {each.identity.belt for each in queries.syllabi(now=now)}
    before, after = (belt + step if belt + step in gradings else None for step in (1, -1))
    return {"syllabus": queries.syllabus_sheet(edition=edition, now=now), "previous": before, "next": after}


def _article(edition: TheoryArticleEdition, now: datetime) -> Mapping[str, Any]:
    others = queries.articles(now=now, topic=edition.topic).exclude(identity=edition.identity_id)
    return {"article": edition, "others": others}


_EVERY = (
    Kind(
        "techniques", _("Techniques"), _("New technique"), "techniques", entries.Technique, Technique,
        "handbook:technique", template="handbook/technique.html", context=_technique,
    ),
    Kind(
        "tuls", _("Tuls"), _("New tul"), "tuls", entries.Tul, Tul, "handbook:tul", template="handbook/tul.html",
        context=_tul,
    ),
    Kind(
        "syllabi", _("Gradings"), _("New grading"), "belts", entries.Syllabus, ExamSyllabus, "handbook:belt",
        key="belt", template="handbook/belt.html", context=_syllabus,
    ),
    Kind(
        "theory", _("Theory"), _("New article"), "book", entries.Article, TheoryArticle, "handbook:article",
        template="handbook/article.html", context=_article,
    ),
    Kind("glossary", _("Glossary"), _("New word"), "language", entries.Term, GlossaryTerm, "handbook:term"),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _EVERY}


def named(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def of(row: Any) -> tuple[Kind, str]:
    """The kind of an edition, an identity, a word or a grading's sheet, and its key in addresses."""
    row = getattr(row, "edition", row)
    identity = getattr(row, "identity", row)
    kind = next(kind for kind in _EVERY if isinstance(identity, kind.model))
    return kind, str(getattr(identity, kind.key))


def of_event(deed: reads.Deed) -> tuple[Kind, str]:
    """The kind and key of what an event tells of; a grading's syllabus is remembered as “syllabus 9”."""
    kind = next(kind for kind in _EVERY if kind.model._meta.label_lower == deed.object_type)
    return kind, deed.object_id.removeprefix("syllabus ")


def edit_link(*, viewer: Any, object: Any) -> Mapping[str, Any] | None:
    """For the slots of the readers' pages: where an editor changes what they show."""
    if not reads.is_editor(viewer):
        return None
    kind, key = of(object)
    return {"url": reverse("handbook:editor-entry", args=[kind.name, key])}


def door(*, viewer: Any, object: Any) -> Mapping[str, Any] | None:
    """For the menus: the way to the editor's pages, for those who may go there."""
    return {} if reads.is_editor(viewer) else None
