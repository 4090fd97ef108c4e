"""What somebody's log tells about their memory. Everything is added up in the database, in four queries however long
the log is; what was taken back does not count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from accounts import queries as people
from learning.practice.models import Fit, Learner
from learning.practice.rules import curves
from learning.practice.rules.curves import Recalled
from learning.practice.rules.days import day_of

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
    """`ahead` is how many come back on each of the next days, the first with what is late; `stabilities` has one
    number more than STABILITIES."""

    total: int
    new: int
    learning: int
    review: int
    ahead: Sequence[int]
    stabilities: Sequence[int]


@dataclass(frozen=True)
class Stats:
    today: date
    learner: Learner
    log: Log
    cards: Cards
    fits: Sequence[Fit]
    forgetting: curves.Forgetting | None


def stats(*, person: Any, now: datetime) -> Stats:
    """Everything of the page of statistics."""
    today = day_of(now, people.time_zone_of(person=person))
    learner = learner_of(person=person)
    log = log_of(person=person)
    return Stats(
        today=today,
        learner=learner,
        log=log,
        cards=cards_of(person=person, today=today),
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
               CASE WHEN stage = 0 THEN NULL ELSE
                   greatest(0, ((due_at AT TIME ZONE %(zone)s) - interval '4 hours')::date - %(today)s::date)
               END AS ahead,
               CASE WHEN stage = 2 THEN
                   width_bucket(coalesce(stability, "interval"::float8), %(bounds)s::float8[])
               END AS holds
          FROM practice_reviewcard
         WHERE person_id = %(person)s AND put_away_at IS NULL
    )
    SELECT GROUPING(stage), GROUPING(ahead), stage, ahead, holds, count(*)
      FROM card GROUP BY GROUPING SETS ((stage), (ahead), (holds))
"""


def cards_of(*, person: Any, today: date) -> Cards:
    """How the cards stand that are practised, in one query."""
    zone = people.time_zone_of(person=person).key
    stages, ahead, stabilities = [0] * 4, [0] * AHEAD, [0] * (len(STABILITIES) + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            _CARDS, {"zone": zone, "person": person.pk, "today": today, "bounds": list(map(float, STABILITIES))}
        )
        for not_stage, not_ahead, stage, days, holds, number in cursor.fetchall():
            if not not_stage:
                stages[stage] = number
            elif not not_ahead:
                if days is not None and days < AHEAD:
                    ahead[days] = number
            elif holds is not None:
                stabilities[holds] = number
    new, learning, review, relearning = stages
    return Cards(sum(stages), new, learning + relearning, review, ahead, stabilities)


def days_back(today: date, number: int) -> list[date]:
    """So many days, up to and with today."""
    return [today - timedelta(days=back) for back in reversed(range(number))]
