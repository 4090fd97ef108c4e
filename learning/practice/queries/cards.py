"""The cards of somebody: found, counted, and how each has fared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast, Greatest

from learning.handbook import queries as handbook
from learning.practice.models import Algorithm, CardKind, Retraction, Review, ReviewCard
from learning.practice.models.cards import LEECHES
from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import Stage

from .learners import learner_of, scheduler_of
from .queue import Queue

STATES = {
    "new": Q(stage=Stage.NEW, put_away_at__isnull=True),
    "learning": Q(stage__in=[Stage.LEARNING, Stage.RELEARNING], put_away_at__isnull=True),
    "known": Q(stage=Stage.REVIEW, put_away_at__isnull=True),
    "leech": LEECHES & Q(put_away_at__isnull=True),
    "away": Q(put_away_at__isnull=False),
}
"""The closed set of states that a list of cards can be narrowed to."""

SMALL = 20
"""Due cards that nobody needs to spread."""


def cards(
    *, person: Any, now: datetime, kind: str = "", state: str = "", deck: str = "", q: str = ""
) -> QuerySet[ReviewCard]:
    """Somebody's cards, the last made first; without a state those that are practised."""
    found = ReviewCard.objects.filter(STATES[state] if state else Q(put_away_at__isnull=True), person=person.pk)
    if kind:
        found = found.filter(kind=kind)
    if deck:
        found = found.filter(deck=deck)
    if q.strip():
        found = found.alias(prompt=Cast("question__prompt", TextField())).filter(_like(q.strip(), now))
    return found.order_by("-created_at", "pk")


def _like(q: str, now: datetime) -> Q:
    """Called or spelled like this in the handbook, or written so on a card of one's own."""
    return (
        Q(front__icontains=q)
        | Q(back__icontains=q)
        | Q(prompt__icontains=q)
        | Q(term__in=handbook.terms(now=now, q=q).order_by().values("pk"))
        | Q(technique__in=handbook.techniques(now=now, q=q).order_by().values("identity"))
        | Q(tul__in=handbook.tuls(now=now, q=q).order_by().values("identity"))
    )


def own_decks(*, person: Any) -> list[str]:
    """The names of the decks that somebody's own cards came in."""
    mine = ReviewCard.objects.filter(person=person.pk, kind=CardKind.OWN).exclude(deck="")
    return list(mine.order_by("deck").values_list("deck", flat=True).distinct())


def leeches(*, person: Any) -> QuerySet[ReviewCard]:
    """Cards that were forgotten again and again; they are not asked until somebody decides about them."""
    return ReviewCard.objects.filter(STATES["leech"], person=person.pk).order_by("-lapses", "pk")


def has_cards(*, person: Any) -> bool:
    return ReviewCard.objects.filter(person=person.pk, put_away_at__isnull=True).exists()


def is_behind(*, person: Any, queue: Queue) -> bool:
    """Whether more is due than two usual days bring, so that spreading it is worth a question."""
    if queue.is_catching_up or queue.due <= SMALL:
        return False
    interval = Greatest(F("interval"), Value(1), output_field=FloatField())
    usual = ReviewCard.objects.filter(STATES["known"], person=person.pk).aggregate(a_day=Sum(Value(1.0) / interval))
    return queue.due > 2 * (usual["a_day"] or 0)


@dataclass(frozen=True)
class History:
    """How a card has fared: `log` newest first, each with `is_retracted`; `recall` is the probability (0 to 1) of
    knowing it now, None while it is new."""

    log: Sequence[Review]
    recall: float | None
    algorithm: str


def history(*, card: ReviewCard, now: datetime) -> History:
    taken_back = Retraction.objects.filter(person=OuterRef("person"), review_client_id=OuterRef("client_id"))
    log = Review.objects.filter(card=card.pk).annotate(is_retracted=Exists(taken_back))
    learner = learner_of(person=card.person)
    recall = scheduler_of(learner).recall(card.memory, now) if card.reviews else None
    return History(list(log.order_by("-corrected_at", "-client_id")), recall, learner.algo)


def daily_load(*, person: Any, retentions: Sequence[float]) -> dict[float, float] | None:
    """How many reviews a day somebody's known cards would ask for at each retention, one day after the other, as they
    are remembered now: the sum of 1 ÷ interval. In one query. None with SM-2, which knows no retention.
    """
    learner = learner_of(person=person)
    if learner.algo == Algorithm.SM2:
        return None
    curve = Fsrs(learner.parameters or DEFAULT)
    sums = {}
    for place, retention in enumerate(retentions):
        # The interval after which the curve has fallen to this retention, in units of stability (rules/fsrs.py).
        unit = (retention ** (1 / curve.decay) - 1) / curve.factor
        interval = Greatest(Value(1.0), F("stability") * Value(unit), output_field=FloatField())
        sums[f"at_{place}"] = Sum(Value(1.0) / interval, output_field=FloatField())
    known = ReviewCard.objects.filter(STATES["known"], person=person.pk, stability__isnull=False)
    found = known.aggregate(**sums)
    return {retention: found[f"at_{place}"] or 0.0 for place, retention in enumerate(retentions)}
