"""What remembering costs and brings: replay, fitting, and aiming at a day, with made-up learners on both sides."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from statistics import mean
from uuid import UUID

from learning.practice.rules import aiming, fitting
from learning.practice.rules.fsrs import Fsrs
from learning.practice.rules.memory import UNSEEN, Memory, Rated, Rating, Scheduler, Stage, fold
from learning.practice.rules.sm2 import Sm2

from .learners import LEARNERS, START, Mind, answer
from .report import Row

SEEDS = 30
CARDS, DAYS, CAP = 200, 60, 50
NEW_A_DAY = 10
"""For those who do not aim: what the usual tools suggest."""
LOG = 12_580
"""Reviews of a made-up log: as many as the public one has that the product document compares with."""


def measured(*, seeds: int = SEEDS, log: int = LOG) -> Iterator[Row]:
    yield from _replayed()
    yield from _predicted(log)
    yield from _forecast()
    yield from _aimed(seeds)


@dataclass(frozen=True)
class Outcome:
    recall: float
    reviews: int
    most_a_day: int


@dataclass
class Practice:
    """What a method of choosing cards sees: the memories and the logs, never the minds. One for each run."""

    cards: int = CARDS
    days: int = DAYS
    cap: int = CAP
    scheduler: Fsrs = field(default_factory=Fsrs)
    memories: list[Memory] = field(default_factory=list)
    logs: list[list[Rated]] = field(default_factory=list)

    def begins(self, day: int) -> datetime:
        """The practice day begins at 4 in the morning, 14 hours before these learners sit down."""
        return START + timedelta(days=day, hours=-14)


Choosing = Callable[[Practice, int], Sequence[int]]
"""The cards of a day, in order."""


def run(learner: str, method: str, seed: int, *, cards: int = CARDS, days: int = DAYS, cap: int = CAP) -> Outcome:
    """One learner, one deck, every evening until the day before: the true recall on the day, and what it took."""
    dice = random.Random(f"{learner} {seed}")
    make = LEARNERS[learner](dice)
    minds = [make(dice) for _ in range(cards)]
    retention, choose, repeats = METHODS[method]
    practice = Practice(cards, days, cap, Fsrs(retention=retention), [UNSEEN] * cards, [[] for _ in range(cards)])
    per_day = [_evening(practice, minds, list(choose(practice, day)), day, repeats, dice) for day in range(days)]
    known = (mind.recall(days) for mind, log in zip(minds, practice.logs, strict=True) if log)
    return Outcome(sum(known) / cards, sum(per_day), max(per_day))


def _evening(
    practice: Practice,
    minds: Sequence[Mind],
    queue: list[int],
    day: int,
    repeats: bool,  # noqa: FBT001
    dice: random.Random,
) -> int:
    """One card a minute. With `repeats`, one within its minutes of learning comes back some cards later."""
    done = 0
    while queue and done < practice.cap:
        card = queue.pop(0)
        log = practice.logs[card]
        rating = answer(minds[card], day=day + done / 1440, is_first=not log, dice=dice)
        at = START + timedelta(days=day + done / 1440)
        log.append(Rated(at, UUID(int=len(log)), rating))
        practice.memories[card] = practice.scheduler.after(practice.memories[card], rating, at)
        done += 1
        if repeats and practice.memories[card].stage in (Stage.LEARNING, Stage.RELEARNING):
            queue.insert(min(10, len(queue)), card)
    return done


def aim(practice: Practice, day: int) -> Sequence[int]:
    goal = aiming.Goal(practice.begins(day), practice.begins(practice.days), practice.cap)
    outlook = aiming.Outlook(practice.scheduler, aiming.trust(practice.logs, practice.scheduler))
    return aiming.todays(dict(enumerate(practice.memories)), goal, outlook)


def fixed(practice: Practice, day: int) -> Sequence[int]:
    """What is due, then ten new ones."""
    end = practice.begins(day + 1)
    due = [card for card, memory in enumerate(practice.memories) if memory.due_at and memory.due_at < end]
    new = [card for card, memory in enumerate(practice.memories) if memory.stage is Stage.NEW]
    return due + new[:NEW_A_DAY]


def ramp(practice: Practice, day: int) -> Sequence[int]:
    """The same, and in the last week everything once more, the weakest first."""
    queue = list(fixed(practice, day))
    if practice.days - day > 7:
        return queue
    week, now = practice.begins(practice.days - 7), practice.begins(day)
    old = [card for card, memory in enumerate(practice.memories) if memory.reviewed_at and memory.reviewed_at < week]
    old.sort(key=lambda card: practice.scheduler.recall(practice.memories[card], now))
    return queue + [card for card in old if card not in set(queue)]


METHODS: dict[str, tuple[float, Choosing, bool]] = {
    "aiming": (0.9, aim, False),
    "fixed 0.90": (0.9, fixed, True),
    "fixed 0.95": (0.95, fixed, True),
    "last-week ramp": (0.9, ramp, True),
}
"""Retention of the scheduler, the choice of cards, and whether cards come back within the evening."""


def _aimed(seeds: int) -> Iterator[Row]:
    asked = [(learner, method, seed) for learner in LEARNERS for method in METHODS for seed in range(seeds)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        outcomes = list(pool.map(run, *zip(*asked, strict=True), chunksize=8))
    found: dict[tuple[str, str], list[Outcome]] = {}
    for (learner, method, _), outcome in zip(asked, outcomes, strict=True):
        found.setdefault((learner, method), []).append(outcome)
        found.setdefault(("all of them", method), []).append(outcome)
    how = f"{CARDS} new cards, {DAYS} days, cap {CAP}, {seeds} seeds"
    for learner in ("all of them", *LEARNERS):
        others = "; ".join(f"{method} {_outcome(found[learner, method])}" for method in METHODS if method != "aiming")
        against = f"aim 0.96 with 800; {others}" if learner == "all of them" else others
        ours = found[learner, "aiming"]
        most = max(each.most_a_day for each in ours)
        yield Row(f"known on the day: {learner}", how, f"{_outcome(ours)}, at most {most} a day", against)


def _outcome(outcomes: Sequence[Outcome]) -> str:
    return f"{mean(each.recall for each in outcomes):.3f} with {mean(each.reviews for each in outcomes):.0f}"


def _forecast() -> Iterator[Row]:
    for cards in (CARDS, 500):
        took = []
        for cap in (CAP // 2, CAP, CAP * 2):
            goal = aiming.Goal(START, START + timedelta(days=DAYS), cap)
            started = time.process_time()
            aiming.forecast([UNSEEN] * cards, goal, aiming.Outlook(Fsrs()))
            took.append((time.process_time() - started) * 1000)
        said = ", ".join(f"{each:.0f}" for each in took)
        yield Row(
            "a forecast of the day",
            f"{cards} new cards, {DAYS} days, time of one core",
            f"{said} ms",
            "cap half, as is, double; aim 150",
        )


def _replayed() -> Iterator[Row]:
    cards = made_log("FSRS, other parameters, noisy", reviews=20_000, seed=1)
    for name, scheduler in (("FSRS", Fsrs()), ("SM-2", Sm2())):
        started = time.process_time()
        for card in cards:
            fold(card, scheduler)
        rate = 20_000 / (time.process_time() - started)
        yield Row(f"replaying a log, {name}", "20,000 reviews, time of one core", f"{rate:,.0f} reviews/s", "aim 4,000")


def _predicted(reviews: int) -> Iterator[Row]:
    cards = made_log("FSRS, other parameters, noisy", reviews=5_000, seed=2)
    started = time.process_time()
    fitting.fit(cards)
    took = time.process_time() - started
    yield Row("fitting, with its proof", "5,000 reviews, time of one core", f"{took * 1000:.0f} ms", "aim 1,000 ms")
    for learner in ("FSRS, other parameters, noisy", "half-life"):
        losses = [_losses(made_log(learner, reviews=reviews, seed=seed)) for seed in range(3)]
        fitted, default, sm2 = (mean(each) for each in zip(*losses, strict=True))
        yield Row(
            f"log loss, made-up log ({learner})",
            f"3 × {reviews:,} reviews, 5 parts in time",
            f"fitted {fitted:.4f}, default {default:.4f}, SM-2 {sm2:.4f}",
            "a public log, elsewhere: 0.4389, 0.4417, 0.5735",
        )


def _losses(cards: Sequence[Sequence[Rated]]) -> tuple[float, float, float]:
    """Of FSRS fitted, FSRS as it comes and SM-2: each of the last five sixths predicted from what was before it."""
    instants = sorted(each.at for card in cards for each in card)
    cuts = [instants[len(instants) * sixth // 6] for sixth in range(1, 6)] + [instants[-1] + timedelta(days=1)]
    made: tuple[list[tuple[float, bool]], ...] = ([], [], [])
    for since, until in pairwise(cuts):
        known = [[each for each in card if each.at < until] for card in cards]
        schedulers: tuple[Scheduler, ...] = (Fsrs(fitting.fitted(cards, before=since)), Fsrs(), Sm2())
        for predictions, scheduler in zip(made, schedulers, strict=True):
            predictions += fitting.predictions(known, scheduler, since=since)
    fitted, default, sm2 = (fitting.log_loss(each) for each in made)
    return fitted, default, sm2


def made_log(learner: str, *, reviews: int, seed: int) -> list[list[Rated]]:
    """The log of one made-up learner, who comes a little too early or too late, as people do."""
    dice = random.Random(seed)
    make = LEARNERS[learner](dice)
    scheduler = Fsrs(retention=0.87)
    cards: list[list[Rated]] = []
    while reviews > 0:
        cards.append(_card_of(make(dice), scheduler, reviews, dice))
        reviews -= len(cards[-1])
    return cards


def _card_of(mind: Mind, scheduler: Fsrs, most: int, dice: random.Random) -> list[Rated]:
    log: list[Rated] = []
    memory, day = UNSEEN, dice.uniform(0, 200)
    while day < 400 and len(log) < most:
        rating: Rating = answer(mind, day=day, is_first=not log, dice=dice)
        at = START + timedelta(days=day)
        log.append(Rated(at, UUID(int=dice.getrandbits(128)), rating))
        memory = scheduler.after(memory, rating, at)
        assert memory.due_at is not None
        waited = (memory.due_at - at) / timedelta(days=1)
        day += waited * (dice.lognormvariate(0, 0.4) if memory.interval else dice.uniform(1, 1.3))
    return log
