"""What to do in the next ten minutes: a short list in an order that helps memory most."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

MINUTES = 10
SECONDS_A_REVIEW = 8.0
"""Of somebody who has not reviewed enough yet to have a pace of their own."""
NEW_TAKES = 3.0
"""A new card is seen about so often on its first day."""
SHORTEST, LONGEST = 2.0, 60.0
"""Seconds a review, whatever the log says: who left the telephone on the table is no slow learner."""


class Doing(StrEnum):
    """In the order in which they are done."""

    REVIEWS = "reviews"
    NEW = "new"
    QUIZ = "quiz"
    WEAK_SPOT = "weak_spot"
    PLAN = "plan"
    THEORY = "theory"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is there to do today. A thing that there is not is None (or 0); what is done is in `done`."""

    due: int = 0
    new: int = 0
    seconds_a_review: float | None = None
    quiz_left: int = 0
    """Questions of a quiz that was begun and not finished."""
    has_weak_spot: bool = False
    plan_minutes: int = 0
    has_theory: bool = False
    done: frozenset[Doing] = frozenset()


@dataclass(frozen=True, slots=True)
class Task:
    """One line. `count` is how many cards fit into its minutes, of a quiz how many questions are left, however many of
    them fit; of something done both are 0."""

    doing: Doing
    minutes: int = 0
    count: int = 0
    is_done: bool = False


QUIZ_QUESTION = 20.0
"""Seconds."""
WEAK_SPOT_MINUTES, THEORY_MINUTES = 2, 4


def agenda(facts: Facts, *, minutes: int = MINUTES) -> Sequence[Task]:
    """Reviews first, because they wait for nobody; then whatever still fits. What was done today stays in its place and
    takes no time.
    """
    left = minutes * 60.0
    tasks = []
    for wanted in _wanted(facts):
        if wanted.is_done:
            tasks.append(wanted)
            continue
        seconds = _seconds_each(wanted.doing, facts)
        count = min(wanted.count, int(left // seconds))
        took = count * seconds if wanted.count else wanted.minutes * 60.0
        if not took or took > left:
            continue
        told = wanted.count if wanted.doing is Doing.QUIZ else count
        tasks.append(Task(wanted.doing, max(1, ceil(took / 60)), told))
        left -= took
    return tasks


def pace(facts: Facts) -> float:
    """Seconds that a review takes this learner."""
    return min(LONGEST, max(SHORTEST, facts.seconds_a_review or SECONDS_A_REVIEW))


def _seconds_each(doing: Doing, facts: Facts) -> float:
    match doing:
        case Doing.REVIEWS:
            return pace(facts)
        case Doing.NEW:
            return pace(facts) * NEW_TAKES
        case Doing.QUIZ:
            return QUIZ_QUESTION
    return 60.0


def _wanted(facts: Facts) -> list[Task]:
    """Everything that there is today, with its whole size."""
    there = {
        Doing.REVIEWS: Task(Doing.REVIEWS, count=facts.due) if facts.due else None,
        Doing.NEW: Task(Doing.NEW, count=facts.new) if facts.new else None,
        Doing.QUIZ: Task(Doing.QUIZ, count=facts.quiz_left) if facts.quiz_left else None,
        Doing.WEAK_SPOT: Task(Doing.WEAK_SPOT, WEAK_SPOT_MINUTES) if facts.has_weak_spot else None,
        Doing.PLAN: Task(Doing.PLAN, facts.plan_minutes) if facts.plan_minutes else None,
        Doing.THEORY: Task(Doing.THEORY, THEORY_MINUTES) if facts.has_theory else None,
    }
    done = {each: Task(each, is_done=True) for each in facts.done}
    return [task for each in Doing if (task := there[each] if each not in done else done[each])]
