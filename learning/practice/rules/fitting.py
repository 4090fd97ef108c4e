"""Fitting FSRS to one learner, and the proof that it was worth it.

`fsrs-rs` fits the 21 parameters to the earlier four fifths of a learner's reviews, in time; the last fifth, which it
has not seen, says whether they predict better than the defaults. Whatever predicts no better is never used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import fsrs_rs_python as optimizer

from .fsrs import DEFAULT, HIGHEST, LOWEST, Fsrs
from .memory import UNSEEN, Rated, Rating, Scheduler
from .sm2 import Sm2

AT_LEAST = 400
"""Reviews of a learner. With fewer the defaults, made from many people, know better."""

HELD_OUT = 0.2
"""The share of reviews, the latest, that judge the fit."""

_TRAINING = optimizer.TrainingConfig(num_epochs=20, batch_size=128, learning_rate=0.01, seed=2026)
"""More and smaller steps than fsrs-rs takes by itself: the log of one learner is short, and a second is long."""


class TooFewReviews(Exception):
    """There are not enough reviews to fit to; the defaults are good."""


@dataclass(frozen=True)
class Fitting:
    """What came of it. Log losses are means per held-out review, in nats: lower is better."""

    parameters: tuple[float, ...]
    log_loss_default: float
    log_loss_fitted: float
    log_loss_sm2: float
    reviews: int
    held_out: int

    @property
    def is_better(self) -> bool:
        return self.log_loss_fitted < self.log_loss_default


def fit(log: Sequence[Sequence[Rated]]) -> Fitting:
    """Fit to a learner's log, the reviews of each card by itself. The same log always gives the same parameters.

    Raises TooFewReviews.
    """
    cards = [sorted(card, key=lambda each: (each.at, each.id)) for card in log]
    reviews = sum(len(card) for card in cards)
    if reviews < AT_LEAST:
        raise TooFewReviews
    since = _split(cards)
    parameters = fitted(cards, before=since)
    held_out = len(predictions(cards, Fsrs(), since=since))
    return Fitting(
        parameters=parameters,
        log_loss_default=log_loss(predictions(cards, Fsrs(), since=since)),
        log_loss_fitted=log_loss(predictions(cards, Fsrs(parameters), since=since)),
        log_loss_sm2=log_loss(predictions(cards, Sm2(), since=since)),
        reviews=reviews,
        held_out=held_out,
    )


def fitted(cards: Sequence[Sequence[Rated]], *, before: datetime | None = None) -> tuple[float, ...]:
    """Parameters fitted to the reviews before an instant (all, if None), within the bounds that `fsrs` demands.

    Each card's reviews are in order of time. The defaults come back when there is nothing to learn from.
    """
    items: list[tuple[datetime, int, optimizer.FSRSItem]] = []
    for number, card in enumerate(cards):
        items += _items(number, [each for each in card if before is None or each.at < before])
    if not items:
        return DEFAULT
    items.sort(key=lambda item: item[:2])
    found = optimizer.FSRS(DEFAULT).compute_parameters(
        [item for _, _, item in items],
        card_ids=[number for _, number, _ in items],
        num_relearning_steps=1,
        training_config=_TRAINING,
    )
    return tuple(min(max(each, low), high) for each, low, high in zip(found, LOWEST, HIGHEST, strict=True))


def _items(number: int, card: Sequence[Rated]) -> list[tuple[datetime, int, optimizer.FSRSItem]]:
    """For each review a day or more after the one before: its instant, its card, and all that led to it."""
    items, so_far = [], []
    for place, each in enumerate(card):
        days = (each.at - card[place - 1].at).days if place else 0
        so_far.append(optimizer.FSRSReview(int(each.rating), days))
        if days:
            items.append((each.at, number, optimizer.FSRSItem(list(so_far))))
    return items


def predictions(
    cards: Sequence[Sequence[Rated]], scheduler: Scheduler, *, since: datetime | None = None
) -> list[tuple[float, bool]]:
    """For each review since an instant: the recall that the scheduler expected just before, and whether it came true.

    A second look within 24 hours is left out: nobody schedules by it, and FSRS predicts certainty.
    """
    made = []
    for card in cards:
        memory = UNSEEN
        for each in card:
            is_counted = since is None or each.at >= since
            if is_counted and memory.reviewed_at is not None and (each.at - memory.reviewed_at).days:
                made.append((scheduler.recall(memory, each.at), each.rating is not Rating.AGAIN))
            memory = scheduler.after(memory, each.rating, each.at)
    return made


def log_loss(made: Sequence[tuple[float, bool]]) -> float:
    """Mean of −ln of the probability that was given to what happened, in nats; infinite when nothing was predicted."""
    if not made:
        return math.inf
    sure = 1e-6
    return -sum(math.log(max(sure, recall if came_true else 1 - recall)) for recall, came_true in made) / len(made)


def _split(cards: Sequence[Sequence[Rated]]) -> datetime:
    """The instant from which reviews are held out."""
    instants = sorted(each.at for card in cards for each in card)
    return instants[int(len(instants) * (1 - HELD_OUT))]
