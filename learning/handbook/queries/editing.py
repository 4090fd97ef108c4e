"""What editors see: every edition, drafts too, with who made it. Each of these refuses everybody else (RoleMissing)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import queries as accounts
from learning.handbook.models import (
    Edition,
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
from project.foundation.audit import queries as audit
from project.foundation.belts import Belt
from project.foundation.http import belt_names

EDITIONS: dict[type[models.Model], Any] = {
    Technique: TechniqueEdition,
    Tul: TulEdition,
    ExamSyllabus: ExamSyllabusEdition,
    TheoryArticle: TheoryArticleEdition,
}
"""What has editions. Words of the glossary have none: they are changed where they stand."""

_NAMES = {
    Technique: ("name_pl", "name_en", "hangul", "transliteration"),
    Tul: ("name", "hangul"),
    TheoryArticle: ("title__pl", "title__en", "title__ko"),
    GlossaryTerm: ("name_pl", "name_en", "hangul", "transliteration"),
}


class State(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    VALID = "valid"
    PAST = "past"


def state(edition: Edition, *, now: datetime) -> State:
    if edition.is_draft or edition.valid_from is None:
        return State.DRAFT
    if edition.valid_from > now:
        return State.SCHEDULED
    return State.VALID if edition.valid_to is None or edition.valid_to > now else State.PAST


@dataclass(frozen=True)
class Deed:
    """One line of a trail: what was done, when, by whom (in words), with the event's own facts."""

    type: str
    at: datetime
    by: str
    facts: dict[str, Any]
    object_type: str
    object_id: str


@dataclass(frozen=True)
class Line:
    """One edition in a history. `written` and `published` are missing where the trail does not tell."""

    edition: Any
    state: State
    written: Deed | None = None
    published: Deed | None = None


@dataclass(frozen=True)
class Standing:
    """One identity in a list, with what is valid, drafted and scheduled of it."""

    identity: Any
    newest: Any
    valid: Any
    draft: Any
    scheduled: Sequence[Any]


@dataclass(frozen=True)
class Desk:
    """What lies on the editors' desk."""

    drafts: Sequence[Line]
    scheduled: Sequence[Line]
    lately: Sequence[Deed]


def require_editor(viewer: Any) -> None:
    """Raises RoleMissing."""
    accounts.require_role(accounts.Role.EDITOR, person=viewer)


def is_editor(viewer: Any) -> bool:
    """Asks the database for people of the staff only."""
    return accounts.Role.EDITOR in accounts.staff_roles(person=viewer)


def desk(*, viewer: Any, now: datetime) -> Desk:
    """Drafts in progress, editions that wait for their day, and what people published lately. Seven queries."""
    require_editor(viewer)
    waiting = Q(is_draft=True) | Q(valid_from__gt=now)
    found = [
        edition for model in EDITIONS.values() for edition in model.objects.filter(waiting).select_related("identity")
    ]
    lately = audit.events(types=["edition.published", "glossaryterm.added", "glossaryterm.changed"], by_people=True)
    drafted = audit.events(types=["edition.drafted"]).filter(
        object_type__in={edition.identity._meta.label_lower for edition in found},
        object_id__in={str(edition.identity) for edition in found},
    )
    deeds = _deeds([*lately[:12], *drafted[: 20 * len(found)]])
    lines = [_line(edition, [deed for deed in deeds if _is_of(deed, edition)], now) for edition in found]
    return Desk(
        drafts=sorted((line for line in lines if line.state is State.DRAFT), key=_written_at, reverse=True),
        scheduled=sorted((each for each in lines if each.state is State.SCHEDULED), key=lambda x: x.edition.valid_from),
        lately=[deed for deed in deeds if deed.type != "edition.drafted"],
    )


def identities(of: type[models.Model], *, viewer: Any, now: datetime, q: str = "", state: str = "") -> QuerySet[Any]:
    """Everything of a kind, with its editions, whose name or slug holds `q`; `state` keeps what has such an edition."""
    require_editor(viewer)
    found = of._default_manager.order_by(*_order(of))
    if q:
        found = found.filter(_named(of, q))
    if of not in EDITIONS:
        return found
    if state:
        drafted_or = {"draft": Q(is_draft=True), "scheduled": Q(valid_from__gt=now)}[state]
        found = found.filter(Exists(EDITIONS[of].objects.filter(drafted_or, identity=OuterRef("pk"))))
    return found.prefetch_related(Prefetch("editions", EDITIONS[of].objects.order_by("version")))


def standing(identity: Any, *, now: datetime) -> Standing:
    """From an identity of `identities` to its line of the list; no query."""
    if type(identity) not in EDITIONS:
        return Standing(identity, identity, None, None, [])
    by_state: dict[State, list[Any]] = {each: [] for each in State}
    for edition in identity.editions.all():
        edition.identity = identity
        by_state[state(edition, now=now)].append(edition)
    valid, draft = (next(iter(by_state[each]), None) for each in (State.VALID, State.DRAFT))
    every = [valid, draft, *by_state[State.SCHEDULED], *reversed(by_state[State.PAST])]
    newest = next((each for each in every if each is not None), None)
    return Standing(identity, newest, valid, draft, by_state[State.SCHEDULED])


def identity(of: type[models.Model], *, key: str, viewer: Any) -> Any:
    """Raises the model's DoesNotExist."""
    require_editor(viewer)
    name = "belt" if of is ExamSyllabus else "slug"
    if name == "belt" and not key.isdecimal():
        raise ExamSyllabus.DoesNotExist
    return of._default_manager.get(**{name: key})


def history(*, identity: Any, viewer: Any, now: datetime) -> list[Line]:
    """All editions, newest first, with who wrote and who published them. Four queries."""
    require_editor(viewer)
    deeds = trail(of=identity, viewer=None)
    editions = identity.editions.select_related("identity").order_by("-version")
    return [_line(edition, deeds, now) for edition in editions]


def trail(*, of: Any, viewer: Any) -> list[Deed]:
    """What happened to an identity or a word, newest first."""
    require_editor(viewer)
    return _deeds(audit.events_of(of, object_id=str(of)))


def edition(*, identity: Any, version: int, viewer: Any) -> Any:
    """One edition, whatever its state. Raises the model's DoesNotExist."""
    require_editor(viewer)
    return identity.editions.select_related("identity").get(version=version)


def newest(identity: Any) -> Any:
    """What an editor goes on from: the draft if there is one, else the last version; None before the first."""
    return identity.editions.select_related("identity").order_by("-is_draft", "-version").first()


def valid(identity: Any, *, now: datetime) -> Any:
    """The edition that the public sees, or None."""
    return identity.editions.valid_at(now).select_related("identity").first()


def mark_of(row: Any) -> int | None:
    """By what an editor's work is known to be fresh (commands/drafting.py): the edition, or a word's last event."""
    if isinstance(row, GlossaryTerm):
        return audit.events_of(row, object_id=row.slug).values_list("pk", flat=True).first() or 0
    return row.pk if row is not None else None


def title(row: Any) -> dict[str, str]:
    """What an edition or a word is called, by language; a grading is called by its belt, in the reader's."""
    match row:
        case TulEdition():
            return {"en": row.name}
        case ExamSyllabusEdition():
            return {"en": belt_names.grade(Belt(row.identity.belt))}
        case TheoryArticleEdition():
            return dict(row.title)
        case _:
            return dict(row.name)


def _order(of: type[models.Model]) -> Sequence[str]:
    return ("-belt",) if of is ExamSyllabus else ("topic", "place", "slug") if of is GlossaryTerm else ("slug",)


def _named(of: type[models.Model], q: str) -> Q | Exists:
    if of is ExamSyllabus:
        return Q(belt__in=[number for number, grade in belt_names.GRADES.items() if q.lower() in str(grade).lower()])
    named = Q()
    for name in _NAMES[of]:
        named |= Q(**{f"{name}__icontains": q})
    if of in EDITIONS:
        named = Q(Exists(EDITIONS[of].objects.filter(named, identity=OuterRef("pk"))))
    return named | Q(slug__icontains=q)


def _line(edition: Any, deeds: Iterable[Deed], now: datetime) -> Line:
    of_version = [deed for deed in deeds if deed.facts.get("version") == edition.version]
    written, published = (
        next((deed for deed in of_version if deed.type == wanted), None)
        for wanted in ("edition.drafted", "edition.published")
    )
    return Line(edition, state(edition, now=now), written, None if edition.is_draft else published)


def _is_of(deed: Deed, edition: Edition) -> bool:
    identity: Any = edition.identity  # type: ignore[attr-defined]
    return (deed.object_type, deed.object_id) == (identity._meta.label_lower, str(identity))


def _written_at(line: Line) -> datetime:
    at: datetime = line.edition.created_at
    return at


def _deeds(events: Collection[Any] | QuerySet[Any]) -> list[Deed]:
    """Events with the names of their people; two queries when the events are still to be asked for."""
    found = list(events)
    names = accounts.names_of(actors={event.actor_id for event in found if event.actor_id})
    return [
        Deed(event.type, event.at, _by(event.actor_id, names), event.payload, event.object_type, event.object_id)
        for event in found
    ]


def _by(actor: Any, names: dict[Any, str]) -> str:
    if actor is None:
        return _("the shipped content")
    return names.get(actor) or _("somebody who has left")
