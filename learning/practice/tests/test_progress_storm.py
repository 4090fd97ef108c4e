"""Many devices tell of the same item at once: the row is what merging all of it gives, whoever was last."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import reduce

import pytest
from django.db import connections

from accounts.tests.factories import UserFactory
from learning.practice import commands
from learning.practice.models import PracticeDay, Progress
from learning.practice.rules import progress as rules

DEVICES, TELLINGS = 8, 5
MODES = ["mixed", "theory", "terms"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_devices_at_once_give_the_merged_value(now, seed):
    dice = random.Random(seed)
    person = UserFactory()
    told = [
        [
            (
                dice.choice(MODES),
                rules.Standing(
                    dice.randint(1, 3), dice.randint(0, 100), now - timedelta(minutes=dice.randrange(4)),
                    {"at": dice.randrange(5)},
                ),
            )
            for _ in range(TELLINGS)
        ]
        for _ in range(DEVICES)
    ]  # fmt: skip

    def tell(device):
        try:
            for mode, standing in [*device, *device]:
                commands.merge_progress(
                    person=person, item_type="quiz", item=mode, status=standing.status, score=standing.score,
                    occurred_at=standing.occurred_at, detail=standing.detail, now=now,
                )  # fmt: skip
        finally:
            connections.close_all()

    with ThreadPoolExecutor(DEVICES) as pool:
        list(pool.map(tell, told))
    for mode in MODES:
        merged = reduce(rules.merge, [standing for device in told for each, standing in device if each == mode])
        row = Progress.objects.get(item=mode)
        assert rules.Standing(row.status, row.score, row.occurred_at, row.detail) == merged
    assert PracticeDay.objects.filter(item="").count() == 1


@pytest.mark.django_db(transaction=True)
def test_batches_that_name_items_in_different_orders_do_not_wait_for_each_other_for_ever(now):
    person = UserFactory()

    def tell(turn):
        modes = MODES if turn % 2 else MODES[::-1]
        told = [commands.Telling("quiz", mode, 1, turn, now) for mode in modes]
        try:
            return [row.score for row in commands.merge_tellings(person=person, tellings=told, now=now)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tell, range(40)))
    assert set(Progress.objects.values_list("score", flat=True)) == {39}
