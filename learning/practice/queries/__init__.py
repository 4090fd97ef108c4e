"""What is known about somebody's practice. Nobody sees that of others."""

from .learners import learner_of, practice_day, scheduler_of
from .log import card, counted, logs
from .queue import Queue, due_count, queue

__all__ = [
    "Queue",
    "card",
    "counted",
    "due_count",
    "learner_of",
    "logs",
    "practice_day",
    "queue",
    "scheduler_of",
]
