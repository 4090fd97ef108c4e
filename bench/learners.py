"""Made-up learners, of whom we know what nobody knows of a real one: how likely they recall a card at any moment.

Five kinds, two of which do not forget as FSRS believes. Time is in days, ten minutes are 1/144 of one.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from learning.practice.rules.fsrs import DEFAULT, HIGHEST, LOWEST, Fsrs
from learning.practice.rules.memory import UNSEEN, Memory, Rating

START = datetime(2026, 1, 1, 18, tzinfo=UTC)

FIRST = (0.24, 0.094, 0.495, 0.171)
"""How often a card that is met for the first time is rated again, hard, good, easy: fsrs-rs's simulator."""
KNOWN = (0.224, 0.631, 0.145)
"""How often one that is recalled is rated hard, good, easy: the same source."""


class Mind(Protocol):
    """One card in one head."""

    def recall(self, day: float) -> float:
        """The true probability of recalling it."""

    def learn(self, rating: Rating, day: float) -> None:
        """What an answer does to it."""


Learner = Callable[[random.Random], Mind]
"""Makes the mind for one more card."""


def answer(mind: Mind, *, day: float, is_first: bool, dice: random.Random) -> Rating:
    """Show the card: a rating comes back, and the mind has changed."""
    if is_first:
        rating = dice.choices(list(Rating), FIRST)[0]
    elif dice.random() < mind.recall(day):
        rating = dice.choices(list(Rating)[1:], KNOWN)[0]
    else:
        rating = Rating.AGAIN
    mind.learn(rating, day)
    return rating


@dataclass
class Dsr:
    """Forgets as FSRS says, between whole days too. `noise` (log-normal, σ) is on each change of stability: what no
    parameter explains."""

    fsrs: Fsrs
    dice: random.Random
    noise: float = 0.0
    memory: Memory = UNSEEN
    day: float = 0.0

    def recall(self, day: float) -> float:
        stability = self.memory.stability or 0.001
        return float((1 + self.fsrs.factor * (day - self.day) / stability) ** self.fsrs.decay)

    def learn(self, rating: Rating, day: float) -> None:
        self.memory = self.fsrs.after(self.memory, rating, START + timedelta(days=day))
        if self.noise:
            stability = (self.memory.stability or 0.001) * self.dice.lognormvariate(0, self.noise)
            self.memory = replace(self.memory, stability=stability)
        self.day = day


@dataclass
class HalfLife:
    """Forgets exponentially (as in half-life regression, Settles and Meeder 2016). A success lengthens the half-life,
    more so when it was nearly forgotten; a failure shortens it, yet every failure leaves a little more than the last
    (Ebbinghaus's savings). No difficulty, no power law.

    The first half-lives, in days, are those with which 0.9 is reached when FSRS says so, after hard a little later."""

    half_life: float = 0.0
    ease: float = 1.0
    day: float = 0.0
    met: bool = False
    failures: int = 0

    def recall(self, day: float) -> float:
        return float(2 ** (-(day - self.day) / max(self.half_life, 0.01)))

    def learn(self, rating: Rating, day: float) -> None:
        known = self.recall(day)
        spaced = min(1.0, day - self.day)
        self.day = day
        if not self.met:
            self.met = True
            self.half_life = {1: 1.5, 2: 8.5, 3: 15.0, 4: 54.0}[rating] * self.ease
        elif rating is Rating.AGAIN:
            self.failures += spaced > 0.5
            self.half_life = max((2 + self.failures) * self.ease, self.half_life * 0.5)
        else:
            bonus = {2: 0.6, 3: 1.0, 4: 1.4}[rating]
            self.half_life *= 1 + spaced * self.ease * bonus * (1 + 3 * (1 - known))


@dataclass
class ActR:
    """Activation by traces that each decay (Pavlik and Anderson 2005, with their constants): a trace laid down while
    the memory is active decays faster, so cramming does little. Ratings say only how well a card goes in at first;
    `bias` is how much lower than theirs the threshold is for somebody who reads a card, instead of seeing it flash."""

    bias: float = 0.0
    traces: list[tuple[float, float]] = field(default_factory=list)

    SPEED, FLOOR, THRESHOLD, NOISE, SCALE = 0.217, 0.177, -0.704, 0.255, 0.025

    def activation(self, day: float) -> float:
        total = sum(self._age(laid, day) ** -decay for laid, decay in self.traces)
        return math.log(total) if total else -math.inf

    def recall(self, day: float) -> float:
        return (
            1 / (1 + math.exp((self.THRESHOLD - self.bias - self.activation(day)) / self.NOISE)) if self.traces else 0.0
        )

    def learn(self, rating: Rating, day: float) -> None:
        if not self.traces:
            self.bias += {1: -0.5, 2: -0.2, 3: 0.0, 4: 0.4}[rating]
        active = self.activation(day)
        decay = self.SPEED * math.exp(active) + self.FLOOR if self.traces else self.FLOOR
        self.traces.append((day, decay))

    def _age(self, laid: float, day: float) -> float:
        """Seconds, of which each counts a fortieth, as theirs do between sessions (their h)."""
        return max(1.0, (day - laid) * 86_400 * self.SCALE)


def typical(dice: random.Random) -> Learner:
    scheduler = Fsrs()
    return lambda dice: Dsr(scheduler, dice)


def different(dice: random.Random) -> Learner:
    """Their own parameters, and a head that is not quite as any parameters say."""
    scheduler = Fsrs(_bounded([each * dice.uniform(0.75, 1.3) for each in DEFAULT]))
    return lambda dice: Dsr(scheduler, dice, noise=0.3)


def forgetful(dice: random.Random) -> Learner:
    """Everything lasts six tenths as long at first, and grows by three quarters of what it does for others."""
    weights = [each * 0.6 for each in DEFAULT[:4]] + list(DEFAULT[4:])
    weights[8] += math.log(3 / 4)
    scheduler = Fsrs(_bounded(weights))
    return lambda dice: Dsr(scheduler, dice, noise=0.2)


def half_life(dice: random.Random) -> Learner:
    return lambda dice: HalfLife(ease=dice.lognormvariate(0, 0.3))


def act_r(dice: random.Random) -> Learner:
    return lambda dice: ActR(bias=dice.gauss(1.3, 0.2))


LEARNERS: dict[str, Callable[[random.Random], Learner]] = {
    "as FSRS believes": typical,
    "FSRS, other parameters, noisy": different,
    "FSRS, forgetful": forgetful,
    "half-life": half_life,
    "ACT-R": act_r,
}


def _bounded(weights: list[float]) -> list[float]:
    return [min(max(each, low), high) for each, low, high in zip(weights, LOWEST, HIGHEST, strict=True)]
