"""SM-2 (Woźniak 1987, published 1990), the classic: an ease and a count of repetitions give the interval in days.

With q = 1, 3, 4, 5 for again, hard, good, easy:

    EF' = max(1.3, EF + 0.1 − (5 − q)(0.08 + (5 − q) · 0.02)), EF of a new card = 2.5
    I₁ = 1, I₂ = 6, Iₙ = round(Iₙ₋₁ · EF); q < 3: repetitions begin anew, I = 1

As in Woźniak's own program, the interval is made with the ease from before the answer, and every answer changes the
ease. `round` is Python's (and Pascal's): to the nearest day, a half to the even one. There are no minutes: whoever
does not know a card sees it tomorrow.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from .memory import Memory, Rating, Stage

QUALITY = {Rating.AGAIN: 1, Rating.HARD: 3, Rating.GOOD: 4, Rating.EASY: 5}
EASE = 2.5
LOWEST_EASE = 1.3
LONGEST = 36_500
"""Days: a hundred years, where FSRS stops too. Beyond, a date would leave the calendar."""

RECALL_AT_INTERVAL = 0.9


class Sm2:
    """The same for everybody: SM-2 has nothing to fit."""

    def after(self, memory: Memory, rating: Rating, at: datetime) -> Memory:
        at = at.astimezone(UTC)
        ease = EASE if memory.ease is None else memory.ease
        q = QUALITY[rating]
        repetitions, interval = (memory.repetitions + 1, _interval(memory, ease)) if q >= 3 else (0, 1)
        return replace(
            memory,
            stage=Stage.REVIEW,
            due_at=at + timedelta(days=interval),
            reviewed_at=at,
            reviews=memory.reviews + 1,
            lapses=memory.lapses + (memory.repetitions > 0 and q < 3),
            ease=max(LOWEST_EASE, ease + 0.1 - (5 - q) * (0.08 + (5 - q) * 0.02)),
            repetitions=repetitions,
            interval=interval,
        )

    def recall(self, memory: Memory, at: datetime) -> float:
        """SM-2 predicts nothing. We lay an exponential curve (Ebbinghaus) through what Woźniak aimed at: 0.9 when the
        interval is over, counted in whole days as FSRS counts them.
        """
        if memory.reviewed_at is None:
            return 0.0
        days = max(0, (at - memory.reviewed_at).days)
        return float(RECALL_AT_INTERVAL ** (days / memory.interval))


def _interval(memory: Memory, ease: float) -> int:
    """Days until the next review after one that succeeded."""
    if memory.repetitions == 0:
        return 1
    if memory.repetitions == 1:
        return 6
    return min(LONGEST, round(memory.interval * ease))
