"""Aiming at a day: which cards to practise today, so that a deck is known on the day of the grading.

A fixed retention keeps every card alive for ever, and the grading finds each at another point of its curve. Whoever
has a day can do with a third of the reviews:

1. New cards begin 24 days before the day (earlier when the cap asks for it) and are all met before the last pass.
2. Until the last pass a card comes back when its believed recall has fallen under a bar, which rises from 0.75 to 0.84
   as the day comes nearer. A long wait is worth more than a sure success.
3. The last pass goes through every card that gains by it, as late as the cap allows; when it does not allow all, those
   that gain most go first, otherwise those that lose least by going early.

A card comes at most once a day: what FSRS knows of a second look within the day is that it moves stability by some
percent. So a card that was failed is for tomorrow, not for in ten minutes.

The learner may forget faster or slower than the scheduler believes. `trust` says by how much, from their own answers;
and every day is planned anew, from what has happened, with nothing kept in between.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .fsrs import Fsrs
from .memory import UNSEEN, Memory, Rated, Rating, Stage

BEGIN = 24
"""Days before the day when new cards begin to come, if the cap allows that few. Earlier costs more reviews than it
gains; later leaves no room for the cards that turn out hard. This and the bar were found with `bench/learners.py`."""

REVIEWS_EACH = 4.0
"""What a card takes from first sight to the day, roughly: says how early a small cap has to begin."""

MET_BEFORE_LAST_PASS = 1
"""Days between the last new card and the last pass."""

BAR = (0.75, 0.84)
"""The recall under which a card comes back: when new cards begin (and before), and when the last pass begins."""

PASSES = 1.4
"""Reviews of the last pass for each card of the deck, failures included: says how many days it takes."""

USED = 0.8
"""The share of the days after today that the last pass counts on. The rest is for what fails, and for a day off."""

LEAST_GAIN = 0.003
"""Recall on the day that a review in the last pass has to bring. Less is not worth a learner's time."""

FIRST = (0.24, 0.09, 0.5, 0.17)
"""Shares of again, hard, good and easy at first sight, as fsrs-rs's simulator has them; for the forecast only."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Goal:
    """What is aimed at, seen from one practice day.

    `day_begins` and `exam_begins` are the instants when today's practice day and the day of the grading begin; the
    day of the grading itself is not practised on. `cap` is the learner's own: reviews a day; `done` those of today.
    """

    day_begins: datetime
    exam_begins: datetime
    cap: int
    done: int = 0

    @property
    def days_left(self) -> int:
        """Days to practise on, today included. A day of 23 or 25 hours is one too."""
        return max(0, round((self.exam_begins - self.day_begins) / DAY))


@dataclass(frozen=True, slots=True)
class Aim:
    """What can be expected: mean recall of the deck on the day (0 to 1), reviews from today on, those of each day."""

    expected_recall: float
    reviews: int
    per_day: tuple[int, ...]


class Outlook:
    """FSRS's curve and its next states, written out (Ye et al., FSRS-6), because a plan asks for them a hundred
    thousand times. Stability and waits are in days; `trust` scales every stability.
    """

    def __init__(self, scheduler: Fsrs, trust: float = 1.0) -> None:
        self.w = scheduler.parameters
        self.trust = trust
        self.decay, self.factor = scheduler.decay, scheduler.factor
        self._growth = math.exp(self.w[8])
        self._shortest_loss = math.exp(self.w[17] * self.w[18])
        self._easy = self.w[4] - math.exp(self.w[5] * 3) + 1

    def recall(self, days: float, stability: float) -> float:
        """Believed probability, so many days after the last review."""
        return float((1 + self.factor * days / (stability * self.trust)) ** self.decay)

    def known(self, memory: Memory, at: datetime) -> float:
        """Believed probability of recalling a card at an instant, whatever algorithm made its memory; 0 for one that
        was never seen. Days are whole ones, as FSRS counts them."""
        if memory.reviewed_at is None or memory.stage is Stage.NEW:
            return 0.0
        stability, _ = _strength(memory)
        return self.recall(max(0, (at - memory.reviewed_at) // DAY), stability)

    def first(self, rating: Rating) -> tuple[float, float]:
        """Stability and difficulty after first sight."""
        return self.w[rating - 1], _within(self.w[4] - math.exp(self.w[5] * (rating - 1)) + 1)

    def good(self, stability: float, difficulty: float, recall: float) -> tuple[float, float]:
        """Stability and difficulty after a success, when recall had come down to this."""
        growth = self._growth * (11 - difficulty) * stability ** -self.w[9] * math.expm1((1 - recall) * self.w[10])
        return stability * (1 + growth), self._difficulty(difficulty, difficulty)

    def again(self, stability: float, difficulty: float, recall: float) -> tuple[float, float]:
        """And after a failure."""
        w = self.w
        left = w[11] * difficulty ** -w[12] * ((stability + 1) ** w[13] - 1) * math.exp((1 - recall) * w[14])
        harder = difficulty + (10 - difficulty) * 2 * w[6] / 9
        return max(0.001, min(left, stability / self._shortest_loss)), self._difficulty(difficulty, harder)

    def _difficulty(self, before: float, moved: float) -> float:
        return _within(self.w[7] * self._easy + (1 - self.w[7]) * moved)


def _within(difficulty: float) -> float:
    return min(10.0, max(1.0, difficulty))


@dataclass(slots=True)
class _Card:
    """A card as the plan sees it: `days` since its last review, None for one that was never seen."""

    stability: float = 0.0
    difficulty: float = 0.0
    days: int | None = None
    is_fresh: bool = False


def todays[Id](deck: Mapping[Id, Memory], goal: Goal, outlook: Outlook) -> list[Id]:
    """The cards to practise today, first things first: never more than the cap has left, none that was seen today.

    New cards come in the deck's own order. Asked again in the middle of the day, it says what remains of the day.
    """
    ids = list(deck)
    cards = [_seen_from(goal.day_begins, memory) for memory in deck.values()]
    return [ids[place] for place in _plan(cards, goal.days_left, goal.cap, goal.done, outlook)]


def asked_again_after(memory: Memory, goal: Goal, outlook: Outlook, *, cards: int) -> int:
    """In how many days a card of a deck of so many comes again that was seen today: when it has fallen under the bar,
    or gains by the last pass. Where neither comes before the day, it is after it that the card's own due date counts.
    """
    card = _seen_from(goal.day_begins, memory)
    begin, last_pass = _phases(cards, goal.cap)
    for days in range(1, goal.days_left):
        left, recall = goal.days_left - days, outlook.recall(days, card.stability)
        if left > last_pass:
            is_asked = recall < _bar(left, begin, last_pass)
        else:
            never = outlook.recall(days + left, card.stability)
            is_asked = _when_reviewed(card, days, left, outlook) - never > LEAST_GAIN
        if is_asked:
            return days
    return max(goal.days_left, memory.interval)


def forecast(deck: Iterable[Memory], goal: Goal, outlook: Outlook) -> Aim:
    """What comes of it when the learner does what `todays` says until the day, and forgets as the outlook believes.

    The plan itself is played through, with as many failures as are to be expected: no dice, so the same question has
    the same answer.
    """
    cards = [_seen_from(goal.day_begins, memory) for memory in deck]
    fate = _Fate(outlook)
    per_day = []
    done = goal.done
    for left in range(goal.days_left, 0, -1):
        chosen = _plan(cards, left, goal.cap, done, outlook)
        for place in chosen:
            fate.review(cards[place])
        for card in cards:
            if card.days is not None:
                card.days += 1
                card.is_fresh = False
        per_day.append(len(chosen))
        done = 0
    known = [outlook.recall(card.days, card.stability) for card in cards if card.days is not None]
    return Aim(sum(known) / max(1, len(cards)), sum(per_day), tuple(per_day))


class _Fate:
    """Deals out answers in just the shares that are believed: whatever has been owed longest comes next."""

    def __init__(self, outlook: Outlook) -> None:
        self.outlook = outlook
        self.owed = [0.0] * len(FIRST)
        self.failing = 0.0

    def review(self, card: _Card) -> None:
        if card.days is None:
            card.stability, card.difficulty = self.outlook.first(self._first())
            card.is_fresh = True
        else:
            recall = self.outlook.recall(card.days, card.stability)
            self.failing += 1 - recall
            after = self.outlook.again if self.failing >= 1 else self.outlook.good
            self.failing -= self.failing >= 1
            card.stability, card.difficulty = after(card.stability, card.difficulty, recall)
        card.days = 0

    def _first(self) -> Rating:
        self.owed = [owed + share for owed, share in zip(self.owed, FIRST, strict=True)]
        most = self.owed.index(max(self.owed))
        self.owed[most] -= 1
        return Rating(most + 1)


def trust(logs: Iterable[Sequence[Rated]], scheduler: Fsrs) -> float:
    """How many times as long this learner remembers as the scheduler believes (0.25 to 2; 1 without any answers).

    The most likely factor on all stabilities, given what was recalled a day or more after the review before, where a
    factor of 1 is believed to begin with (log-normal, σ = 0.2). Logs are of one card each, in order of time.
    """
    waits: list[tuple[float, bool]] = []
    for log in logs:
        memory = UNSEEN
        for each in log:
            if memory.reviewed_at is not None and memory.stability and (days := (each.at - memory.reviewed_at).days):
                waits.append((days / memory.stability, each.rating is not Rating.AGAIN))
            memory = scheduler.after(memory, each.rating, each.at)
    return max(_FACTORS, key=lambda factor: _likelihood(factor, waits, scheduler))


_FACTORS = sorted((2 ** (tenth / 10) for tenth in range(-20, 11)), key=lambda factor: abs(math.log(factor)))
"""From the most believed to the least, so that a draw is won by what was believed before."""

_DOUBT = 0.2


def _likelihood(factor: float, waits: Sequence[tuple[float, bool]], scheduler: Fsrs) -> float:
    sum_ = -((math.log(factor) / _DOUBT) ** 2) / 2
    for wait, was_recalled in waits:
        recall = (1 + scheduler.factor * wait / factor) ** scheduler.decay
        sum_ += math.log(recall if was_recalled else max(1e-9, 1 - recall))
    return sum_


def _seen_from(day_begins: datetime, memory: Memory) -> _Card:
    if memory.reviewed_at is None or memory.stage is Stage.NEW:
        return _Card()
    days = max(0, math.ceil((day_begins - memory.reviewed_at) / DAY))
    stability, difficulty = _strength(memory)
    return _Card(stability, difficulty, days, is_fresh=days == 0 and memory.reviews == 1)


def _strength(memory: Memory) -> tuple[float, float]:
    """Stability and difficulty. SM-2 aims at a recall of 0.9 after its interval, which is what stability means; its
    ease goes from 1.3 up."""
    if memory.stability is None or memory.difficulty is None:
        return float(max(1, memory.interval)), _within(10 - 5 * ((memory.ease or 2.5) - 1.3))
    return memory.stability, memory.difficulty


def _plan(cards: Sequence[_Card], left: int, cap: int, done: int, outlook: Outlook) -> list[int]:
    """Places of the cards for today, with so many days left."""
    room = cap - done
    if left <= 0 or room <= 0:
        return []
    begin, last_pass = _phases(len(cards), cap)
    chosen = _to_meet(cards, left, begin, last_pass)[:room]
    if left <= last_pass:
        last = _last_pass(cards, left, cap, room - len(chosen), outlook)
        if last is not None:
            return chosen + last
    bar = _bar(left, begin, last_pass)
    fallen = [
        (recall, place)
        for place, card in enumerate(cards)
        if card.days and (recall := outlook.recall(card.days, card.stability)) < bar
    ]
    return chosen + [place for _, place in sorted(fallen)[: room - len(chosen)]]


def _phases(cards: int, cap: int) -> tuple[int, int]:
    """Days before the day on which new cards begin to come, and on which the last pass does."""
    return max(BEGIN, math.ceil(cards * REVIEWS_EACH / cap * 1.2)), math.ceil(cards * PASSES / cap)


def _bar(left: int, begin: int, last_pass: int) -> float:
    far = min(1.0, max(0.0, (left - last_pass) / (begin - last_pass)))
    return BAR[1] - (BAR[1] - BAR[0]) * far


def _to_meet(cards: Sequence[_Card], left: int, begin: int, last_pass: int) -> list[int]:
    """New cards, as many as make all of them met in time, evenly."""
    if left > begin:
        return []
    new = [place for place, card in enumerate(cards) if card.days is None]
    met_today = sum(card.is_fresh for card in cards)
    days = max(1, left - last_pass - MET_BEFORE_LAST_PASS)
    return new[: max(0, math.ceil((len(new) + met_today) / days) - met_today)]


def _last_pass(cards: Sequence[_Card], left: int, cap: int, room: int, outlook: Outlook) -> list[int] | None:
    """As few as possible today, so that the rest still fits into the days that remain; None while all of it does."""
    wanting: list[tuple[float, float, int]] = []
    for place, card in enumerate(cards):
        if not card.days:
            continue
        never = outlook.recall(card.days + left, card.stability)
        today = _when_reviewed(card, card.days, left, outlook)
        half = left // 2
        later = _when_reviewed(card, card.days + left - half, half, outlook) if half else 0.0
        if max(today, later) - never > LEAST_GAIN:
            wanting.append((later - today, today - never, place))
    fits_later = int(cap * (left - 1) * USED)
    if len(wanting) + sum(card.days == 0 for card in cards) <= fits_later:
        return None
    if len(wanting) > room + fits_later:
        wanting.sort(key=lambda each: -each[1])
        return [place for _, _, place in wanting[:room]]
    wanting.sort()
    must = len(wanting) - fits_later
    now = [place for number, (loss, _, place) in enumerate(wanting) if number < must or loss <= 0]
    return now[:room]


def _when_reviewed(card: _Card, wait: int, before: int, outlook: Outlook) -> float:
    """Expected recall on the day, if it is reviewed after such a wait, so many days before the day, and never again."""
    recall = outlook.recall(wait, card.stability)
    kept, _ = outlook.good(card.stability, card.difficulty, recall)
    lost, _ = outlook.again(card.stability, card.difficulty, recall)
    return recall * outlook.recall(before, kept) + (1 - recall) * outlook.recall(before, lost)
