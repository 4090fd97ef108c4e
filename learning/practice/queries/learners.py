"""How somebody practises, and what day it is for them."""

from datetime import datetime
from typing import Any

from accounts import queries as people
from learning.practice.models import Algorithm, Learner
from learning.practice.rules.days import Day, day_at
from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import Scheduler
from learning.practice.rules.sm2 import Sm2


def learner_of(*, person: Any) -> Learner:
    """How they practise; the defaults, in a row that is not saved, for somebody who has not begun."""
    return Learner.objects.filter(person=person.pk).first() or Learner(person_id=person.pk)


def scheduler_of(learner: Learner) -> Scheduler:
    if learner.algo == Algorithm.SM2:
        return Sm2()
    return Fsrs(learner.parameters or DEFAULT, learner.retention)


def practice_day(*, person: Any, now: datetime) -> Day:
    """The practice day that `now` falls in, by the clock of the person."""
    return day_at(now, people.time_zone_of(person=person))
