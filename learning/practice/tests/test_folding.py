"""A state is a fold of its log: whatever way the reviews arrive, and whatever was computed in between."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.practice.rules.fsrs import DEFAULT, Fsrs
from learning.practice.rules.memory import UNSEEN, Rated, Rating, fold
from learning.practice.rules.sm2 import Sm2

START = datetime(2026, 1, 1, 18, tzinfo=UTC)
OTHER = Fsrs([each * 1.05 if place < 4 else each for place, each in enumerate(DEFAULT)], retention=0.8)
SCHEDULERS = {"fsrs": Fsrs(), "fsrs, own parameters": OTHER, "sm2": Sm2()}

# Few different instants, so that ties happen and the id has to decide.
reviews = st.builds(
    Rated,
    at=st.one_of(st.integers(0, 20), st.integers(0, 86_400 * 90)).map(lambda each: START + timedelta(seconds=each)),
    id=st.uuids(),
    rating=st.sampled_from(Rating),
)
logs = st.lists(reviews, max_size=15, unique_by=lambda each: each.id)


@st.composite
def deliveries(draw):
    """A log, and the same log as it might arrive: shuffled, with some of it twice and thrice."""
    log = draw(logs)
    again = draw(st.lists(st.sampled_from(log), max_size=10)) if log else []
    return log, draw(st.permutations([*log, *again]))


@pytest.mark.parametrize("scheduler", SCHEDULERS.values(), ids=SCHEDULERS)
class TestFold:
    @given(delivery=deliveries())
    def test_any_delivery_of_the_same_reviews_gives_the_same_state(self, scheduler, delivery):
        log, arrived = delivery
        in_order = UNSEEN
        for each in sorted(log, key=lambda each: (each.at, each.id)):
            in_order = scheduler.after(in_order, each.rating, each.at)
        assert fold(arrived, scheduler) == in_order
        assert in_order.reviews == len(log)

    @given(log=logs, data=st.data())
    def test_what_came_later_may_go_on_from_what_was_before(self, scheduler, log, data):
        ordered = sorted(log, key=lambda each: (each.at, each.id))
        cut = data.draw(st.integers(0, len(ordered)))
        later = data.draw(st.permutations(ordered[cut:]))
        assert fold(later, scheduler, begin=fold(ordered[:cut], scheduler)) == fold(log, scheduler)

    @given(one=logs, two=logs, hours=st.integers(-48, 48), data=st.data())
    def test_two_devices_with_wrong_clocks_converge(self, scheduler, one, two, hours, data):
        """The stamps are corrected once, where a review is first accepted; from then on nobody asks another clock.
        Each device folds what it has, in its own order and with its own again, and both end where the server ends."""
        known = {each.id for each in one}
        late = [Rated(each.at + timedelta(hours=hours), each.id, each.rating) for each in two if each.id not in known]
        everything = one + late
        first = data.draw(st.permutations(everything))
        second = data.draw(st.permutations(everything + one))
        states = {fold(first, scheduler), fold(second, scheduler), fold(everything, scheduler)}
        assert len(states) == 1
        assert states.pop().reviews == len(everything)


@given(log=logs.filter(bool))
def test_algorithms_keep_to_their_own_fields(log):
    fsrs, sm2 = fold(log, Fsrs()), fold(log, Sm2())
    assert (fsrs.ease, fsrs.repetitions) == (None, 0)
    assert (sm2.stability, sm2.difficulty, sm2.step) == (None, None, None)


def test_of_two_reviews_at_one_instant_the_lower_id_comes_first():
    low, high = Rated(START, UUID(int=1), Rating.AGAIN), Rated(START, UUID(int=2), Rating.EASY)
    swapped = Rated(START, UUID(int=2), Rating.AGAIN), Rated(START, UUID(int=1), Rating.EASY)
    assert fold([high, low], Fsrs()) == fold([low, high], Fsrs())
    assert fold([low, high], Fsrs()) != fold(swapped, Fsrs())
