"""FSRS, version 6 (Ye, Su, Cao 2022 and its successors): the mathematics of the `fsrs` package behind our protocol.

The package is asked for every review, without its random fuzz, so a log always gives the same state. It counts whole
days between reviews, 24 hours each; a second review within 24 hours moves stability by its short-term formula.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import fsrs as package

from .memory import Memory, Rating, Stage

DEFAULT: tuple[float, ...] = tuple(package.scheduler.DEFAULT_PARAMETERS)
"""The 21 weights that the package ships, from the reviews of many thousand people."""

LOWEST: tuple[float, ...] = tuple(package.scheduler.LOWER_BOUNDS_PARAMETERS)
HIGHEST: tuple[float, ...] = tuple(package.scheduler.UPPER_BOUNDS_PARAMETERS)

RETENTION = 0.9
"""The recall at which a card comes back, when the learner has not said otherwise."""

_PLAIN_STATES = {
    Stage.NEW: package.State.Learning,
    Stage.LEARNING: package.State.Learning,
    Stage.REVIEW: package.State.Review,
    Stage.RELEARNING: package.State.Relearning,
}
_STAGES = {state: stage for stage, state in _PLAIN_STATES.items() if stage is not Stage.NEW}
_RATINGS = {rating: package.Rating(int(rating)) for rating in Rating}


class Fsrs:
    """The scheduler of a learner: their 21 parameters, and the recall (0 to 1) at which a card shall come back.

    Raises ValueError for parameters outside the package's bounds.
    """

    def __init__(self, parameters: Sequence[float] = DEFAULT, retention: float = RETENTION) -> None:
        self.parameters = tuple(parameters)
        self.retention = retention
        self._package = package.Scheduler(self.parameters, desired_retention=retention, enable_fuzzing=False)

    @property
    def decay(self) -> float:
        """The exponent (negative) of the forgetting curve (1 + factor · days ÷ stability) ^ decay."""
        return -self.parameters[20]

    @property
    def factor(self) -> float:
        """What makes that curve 0.9 after as many days as the stability says."""
        return float(0.9 ** (1 / self.decay) - 1)

    def after(self, memory: Memory, rating: Rating, at: datetime) -> Memory:
        at = at.astimezone(UTC)
        card, _ = self._package.review_card(_card(memory), _RATINGS[rating], at)
        stage = _STAGES[card.state]
        return Memory(  # dataclasses.replace would take as long as the package's mathematics
            stage=stage,
            due_at=card.due,
            reviewed_at=at,
            reviews=memory.reviews + 1,
            lapses=memory.lapses + (memory.stage is Stage.REVIEW and rating is Rating.AGAIN),
            step=card.step,
            stability=card.stability,
            difficulty=card.difficulty,
            ease=memory.ease,
            repetitions=memory.repetitions,
            interval=(card.due - at).days if stage is Stage.REVIEW else 0,
        )

    def recall(self, memory: Memory, at: datetime) -> float:
        return float(self._package.get_card_retrievability(_card(memory), at.astimezone(UTC)))


_ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


def _card(memory: Memory) -> package.Card:
    """The package's card. Its id and its due date say nothing about memory; without them it would ask the clock."""
    return package.Card(
        card_id=0,
        state=_PLAIN_STATES[memory.stage],
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due_at or _ANY_INSTANT,
        last_review=memory.reviewed_at,
    )
