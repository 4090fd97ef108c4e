"""Progress past the commands, and days on which something was practised."""

from datetime import date, timedelta

import factory

from accounts.tests.factories import UserFactory
from learning.practice.models import PracticeDay, Progress, Status

from .factories import WHEN


class ProgressFactory(factory.django.DjangoModelFactory[Progress]):
    class Meta:
        model = Progress

    person = factory.SubFactory(UserFactory)
    item_type = "technique"
    item = factory.Sequence(lambda n: f"technique-{n}")
    status = Status.SEEN
    occurred_at = WHEN
    updated_at = WHEN


def practised(person, *, last: date, days: int, item: tuple[str, str] = ("", "")) -> None:
    """So many days in a row, up to and with the last."""
    PracticeDay.objects.bulk_create(
        PracticeDay(person=person, day=last - timedelta(days=back), item_type=item[0], item=item[1])
        for back in range(days)
    )
