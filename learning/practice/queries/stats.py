"""What somebody's log tells about their memory, and what their cards will ask. The log is added up in the database, in
one query however long it is; what was taken back does not count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from accounts import queries as people
from learning.practice.models import Algorithm, Fit, Learner
from learning.practice.rules import curves
from learning.practice.rules.curves import Recalled
from learning.practice.rules.days import day_of
from learning.practice.rules.fitting import AT_LEAST

from .calendar import reviews_ahead
from .learners import learner_of

MATURE = 21
"""Days that a card has rested to be called mature; what has rested less is young. As Anki has it."""
AHEAD = 30
"""Days of the forecast."""
STABILITIES = (1, 3, 7, 14, 30, 60, 120, 240, 365)
"""Days between the bars of the distribution: the last bar is of all that hold for longer."""


@dataclass(frozen=True)
class Month:
    """True retention of a month: of cards that had rested for a day or longer, asked for the first time on a day."""

    first: date
    young: Recalled
    mature: Recalled

    @property
    def both(self) -> Recalled:
        return self.young.plus(self.mature)


@dataclass(frozen=True)
class Log:
    """`reviews` and `seconds` are by practice day; `firsts` is how cards were known when they were asked on a second
    day: by what was answered on the first ("33": good, good) and by the days between."""

    reviews: Mapping[date, int]
    seconds: Mapping[date, float]
    months: Sequence[Month]
    firsts: Mapping[str, Mapping[int, Recalled]]

    @property
    def total(self) -> int:
        return sum(self.reviews.values())


@dataclass(frozen=True)
class Cards:
    """`stabilities` has one number more than STABILITIES."""

    total: int
    new: int
    learning: int
    review: int
    stabilities: Sequence[int]


class Model(StrEnum):
    """What there is to say about the model of somebody's memory."""

    NONE = "none"
    """SM-2 has none."""
    FEW = "few"
    """There are too few reviews to fit it to."""
    TONIGHT = "tonight"
    """There are enough, and it was not tried yet."""
    DEFAULTS = "defaults"
    """It was tried, and the defaults foresaw as well."""
    FITTED = "fitted"


@dataclass(frozen=True)
class Stats:
    """`ahead` is how many cards each of the next days asks, today first (queries.reviews_ahead)."""

    today: date
    learner: Learner
    log: Log
    cards: Cards
    ahead: Sequence[int]
    fits: Sequence[Fit]
    forgetting: curves.Forgetting | None

    @property
    def model(self) -> Model:
        if self.learner.algo == Algorithm.SM2:
            return Model.NONE
        if self.learner.parameters:
            return Model.FITTED
        if self.fits:
            return Model.DEFAULTS
        return Model.TONIGHT if self.log.total >= AT_LEAST else Model.FEW


def stats(*, person: Any, now: datetime) -> Stats:
    """Everything of the page of statistics."""
    today = day_of(now, people.time_zone_of(person=person))
    learner = learner_of(person=person)
    log = log_of(person=person)
    return Stats(
        today=today,
        learner=learner,
        log=log,
        cards=cards_of(person=person),
        ahead=list(reviews_ahead(person=person, now=now, days=AHEAD, learner=learner).values()),
        fits=list(Fit.objects.filter(person=person.pk)[:5]),
        forgetting=curves.forgetting(log.firsts, fitted=learner.parameters),
    )


_LOG = """
    WITH log AS (
        SELECT review.card_id, review.rating, review.duration, review.corrected_at,
               ((review.corrected_at AT TIME ZONE %(zone)s) - interval '4 hours')::date AS day
          FROM practice_review AS review
         WHERE review.person_id = %(person)s
           AND NOT EXISTS (
               SELECT FROM practice_retraction AS retraction
                WHERE retraction.person_id = %(person)s AND retraction.review_client_id = review.client_id
           )
    ), asked AS (
        SELECT card_id, day, count(*) AS number, sum(duration) AS took,
               string_agg(rating::text, '' ORDER BY corrected_at, rating) AS said
          FROM log GROUP BY card_id, day
    ), placed AS (
        SELECT day, number, took, left(said, 1) <> '1' AS is_known,
               day - lag(day) OVER before AS rested,
               CASE WHEN row_number() OVER before = 2 THEN lag(said) OVER before END AS first
          FROM asked WINDOW before AS (PARTITION BY card_id ORDER BY day)
    )
    SELECT GROUPING(day), GROUPING(first), day, date_trunc('month', day)::date, rested >= %(mature)s, first, rested,
           sum(number)::integer, sum(took)::bigint, count(*), count(*) FILTER (WHERE is_known)
      FROM placed
     GROUP BY GROUPING SETS ((day), (date_trunc('month', day)::date, rested >= %(mature)s), (first, rested))
"""


def log_of(*, person: Any) -> Log:
    """What was practised, by the person's own days, in one query."""
    zone = people.time_zone_of(person=person).key
    reviews: dict[date, int] = {}
    seconds: dict[date, float] = {}
    months: dict[date, dict[bool, Recalled]] = {}
    firsts: dict[str, dict[int, Recalled]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOG, {"zone": zone, "person": person.pk, "mature": MATURE})
        for not_day, not_first, day, month, mature, first, rested, number, took, asked, known in cursor.fetchall():
            if not not_day:
                reviews[day], seconds[day] = number, took / 1000
            elif not not_first and first is not None:
                firsts.setdefault(first, {})[rested] = Recalled(asked, known)
            elif not_first and mature is not None:
                months.setdefault(month, {})[mature] = Recalled(asked, known)
    return Log(
        reviews,
        seconds,
        [
            Month(first, found.get(False, Recalled()), found.get(True, Recalled()))
            for first, found in sorted(months.items())
        ],
        firsts,
    )


_CARDS = """
    WITH card AS (
        SELECT stage,
               CASE WHEN stage = 2 THEN
                   width_bucket(coalesce(stability, "interval"::float8), %(bounds)s::float8[])
               END AS holds
          FROM practice_reviewcard
         WHERE person_id = %(person)s AND put_away_at IS NULL
    )
    SELECT GROUPING(stage), stage, holds, count(*)
      FROM card GROUP BY GROUPING SETS ((stage), (holds))
"""


def cards_of(*, person: Any) -> Cards:
    """How the cards stand that are practised, in one query."""
    stages, stabilities = [0] * 4, [0] * (len(STABILITIES) + 1)
    with connection.cursor() as cursor:
        cursor.execute(_CARDS, {"person": person.pk, "bounds": list(map(float, STABILITIES))})
        for not_stage, stage, holds, number in cursor.fetchall():
            if not not_stage:
                stages[stage] = number
            elif holds is not None:
                stabilities[holds] = number
    new, learning, review, relearning = stages
    return Cards(sum(stages), new, learning + relearning, review, stabilities)


def days_back(today: date, number: int) -> list[date]:
    """So many days, up to and with today."""
    return [today - timedelta(days=back) for back in reversed(range(number))]
