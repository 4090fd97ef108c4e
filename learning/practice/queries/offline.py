"""What somebody can go on with where there is no network."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts import queries as people
from learning.handbook import queries as handbook
from learning.practice.models import QuizSession
from project.foundation.belts import FIRST_DAN, LOWEST

from .aiming import belt_after

PLANS = 12
QUIZZES = 10


@dataclass(frozen=True)
class Reading:
    """Keys of pages, of each kind what is needed first in front."""

    belts: list[int]
    tuls: list[str]
    techniques: list[str]
    terms: list[str]
    articles: list[str]
    plans: list[str]
    quizzes: list[UUID]


def reading_of(*, person: Any, now: datetime) -> Reading:
    """What the belt that somebody tries for asks, then that of their own; training plans up to it; open quizzes."""
    worn = people.belt_of(person=person)
    wanted = list(dict.fromkeys([belt_after(worn), LOWEST if worn is None else max(worn, FIRST_DAN)]))
    decks = handbook.decks(now=now, belts=wanted)
    keys: dict[str, dict[str, None]] = {kind: {} for kind in ("step", "technique", "term")}
    for belt in wanted:
        for entry in decks[belt]:
            if entry.kind in keys:
                keys[entry.kind][entry.key] = None
    examined = {each.identity.belt for each in handbook.syllabi(now=now)}
    articles = handbook.articles(now=now).filter(belt__in=wanted).order_by("belt", "topic", "order", "pk")
    plans = handbook.plans(viewer=person).filter(belt__gte=min(wanted)).order_by("belt", "slug")
    quizzes = QuizSession.objects.filter(person=person.pk, finished_at=None)
    return Reading(
        belts=[belt for belt in wanted if belt in examined],
        tuls=list(keys["step"]),
        techniques=list(keys["technique"]),
        terms=list(keys["term"]),
        articles=list(articles.values_list("identity__slug", flat=True)),
        plans=list(plans.values_list("slug", flat=True)[:PLANS]),
        quizzes=list(quizzes.values_list("pk", flat=True)[:QUIZZES]),
    )
