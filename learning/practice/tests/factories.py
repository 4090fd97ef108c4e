from datetime import UTC, datetime
from uuid import uuid4

import factory

from accounts.tests.factories import UserFactory
from learning.practice.models import CardKind, CardOrigin, Learner, Review, ReviewCard

WHEN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


class LearnerFactory(factory.django.DjangoModelFactory[Learner]):
    class Meta:
        model = Learner

    person = factory.SubFactory(UserFactory)
    created_at = WHEN


class CardFactory(factory.django.DjangoModelFactory[ReviewCard]):
    """A new card of somebody's own; the states of cards come from their log (commands.accept_reviews)."""

    class Meta:
        model = ReviewCard

    person = factory.SubFactory(UserFactory)
    kind = CardKind.OWN
    origin = CardOrigin.LEARNER
    front = factory.Sequence(lambda n: f"What is number {n}?")
    back = "That one."
    created_at = WHEN


class ReviewFactory(factory.django.DjangoModelFactory[Review]):
    """A line of the log past the commands: the state of its card is not worked out."""

    class Meta:
        model = Review

    card = factory.SubFactory(CardFactory)
    person = factory.SelfAttribute("card.person")
    client_id = factory.LazyFunction(uuid4)
    rating = 3
    reviewed_at = WHEN
    corrected_at = factory.SelfAttribute("reviewed_at")
    accepted_at = factory.SelfAttribute("corrected_at")
