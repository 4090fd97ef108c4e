"""A year of people who buy, renew, cancel, fail to pay and hand over; and what is true at the end of it.

The truth is kept while the year is made up, one thing after the other, so it knows nothing of events that come late.
"""

import random
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.tests.telling_webhooks import Letter, revenuecat_event, stripe_event, stripe_subscription

MONTH = timedelta(days=30)
ALLOWS = {
    "pro": {"no_ads", "export_pdf", "offline_video", "quiz_create"},
    "club": {"no_ads", "export_pdf", "offline_video", "quiz_create", "club_creator"},
}


@dataclass(frozen=True)
class Truth:
    """How a subscription stands."""

    person: UUID
    plan: str
    status: str
    ends_at: datetime
    renews: bool
    seats: int

    def lives(self, now: datetime) -> bool:
        late = timedelta(days=3) if self.renews else timedelta()
        return self.status != "canceled" and now < self.ends_at + late


class Year:
    """`spare` are people to whom things are handed over."""

    def __init__(self, people: list[UUID], *, spare: list[UUID], seed: int, now: datetime) -> None:
        self.dice = random.Random(seed)
        self.now = now.replace(microsecond=0)
        self.spare = list(spare)
        self.holders: list[UUID] = []
        self.letters: list[Letter] = []
        self.truth: dict[tuple[str, str], Truth] = {}
        for number, person in enumerate(people):
            self._live(number, person)

    def entitlements(self, person: UUID) -> set[str]:
        mine = [each for each in self.truth.values() if each.person == person and each.lives(self.now)]
        return set().union(*(ALLOWS[each.plan] for each in mine))

    def _id(self, word: str) -> str:
        return f"{word}_{uuid.UUID(int=self.dice.getrandbits(128)).hex[:20]}"

    def _live(self, number: int, person: UUID) -> None:
        buy = self._at_stripe if self.dice.random() < 0.5 else self._in_a_store
        buy(number, person)
        if self.dice.random() < 0.15:
            self._at_stripe(number, person)

    # --- Stripe

    def _at_stripe(self, number: int, person: UUID) -> None:
        """Some are named only by their checkout, which may come last of all."""
        reference, customer = self._id("sub"), self._id("cus")
        is_named = self.dice.random() < 0.7
        plan = self.dice.choice(["pro", "pro", "club"])
        at = self.now - timedelta(days=self.dice.randint(1, 360), seconds=self.dice.randint(0, 80_000))
        state = Truth(person, plan, "trialing", at + timedelta(days=7), True, 20 if plan == "club" else 0)

        def tell(type: str, when: datetime) -> None:
            self.truth["stripe", reference] = state
            about = stripe_subscription(
                reference, person=person if is_named else None, ends_at=state.ends_at, plan=state.plan,
                status="unpaid" if state.status == "canceled" and not type.endswith("deleted") else state.status,
                customer=customer, cancels=not state.renews and state.status != "canceled",
            )  # fmt: skip
            if state.status == "canceled":
                about["ended_at"] = int(state.ends_at.timestamp())
            self.letters.append(stripe_event(self._id("evt"), f"customer.subscription.{type}", about, at=when))

        if not is_named:
            about = {"id": self._id("cs"), "customer": customer, "client_reference_id": str(person)}
            self.letters.append(stripe_event(self._id("evt"), "checkout.session.completed", about, at=at))
        tell("created", at)
        state = replace(state, status="active", ends_at=at + MONTH)
        tell("updated", at)  # within the same second
        while (at := at + timedelta(days=self.dice.randint(5, 29), seconds=7)) < self.now:
            turn = self.dice.random()
            if turn < 0.45:
                state = replace(state, status="active", ends_at=at + MONTH, renews=True)
            elif turn < 0.55:
                plan = self.dice.choice(["pro", "club"])
                state = replace(state, plan=plan, seats=20 if plan == "club" else 0)
            elif turn < 0.7:
                state = replace(state, renews=False)
            elif turn < 0.8:
                state = replace(state, status="past_due")
                about = {"id": self._id("in"), "subscription": reference, "customer": customer}
                self.letters.append(stripe_event(self._id("evt"), "invoice.payment_failed", about, at=at))
            else:
                state = replace(state, status="canceled", ends_at=at, renews=False)
                tell("deleted", at)
                break
            tell("updated", at)

    # --- RevenueCat

    def _in_a_store(self, number: int, person: UUID) -> None:
        reference = self._id("tx")
        plan = self.dice.choice(["pro", "pro", "club"])
        at = self.now - timedelta(days=self.dice.randint(1, 360), seconds=self.dice.randint(0, 80_000))
        state = Truth(person, plan, "active", at + MONTH, True, 20 if plan == "club" else 0)

        def tell(type: str, **more: object) -> None:
            self.truth["revenuecat", reference] = state
            self.letters.append(
                revenuecat_event(
                    self._id("rc"), type, person=state.person, at=at, ends_at=state.ends_at, plan=state.plan,
                    reference=reference, **more,
                )
            )  # fmt: skip

        self.holders = [person]
        tell("INITIAL_PURCHASE")
        while (at := at + timedelta(days=self.dice.randint(2, 25), milliseconds=number + 1)) < self.now:
            turn = self.dice.random()
            if turn < 0.35:
                plan = self.dice.choice([state.plan, state.plan, "pro", "club"])
                seats = 20 if plan == "club" else 0
                state = replace(state, status="active", plan=plan, seats=seats, ends_at=at + MONTH, renews=True)
                tell("RENEWAL")
            elif turn < 0.5:
                state = replace(state, status="active", renews=False)
                tell(self.dice.choice(["CANCELLATION", "SUBSCRIPTION_PAUSED"]))
            elif turn < 0.6:
                state = replace(state, status="active", renews=True)
                tell("UNCANCELLATION")
            elif turn < 0.7:
                state = replace(state, status="past_due", renews=True)
                tell("BILLING_ISSUE")
            elif turn < 0.75:
                self.letters.append(
                    revenuecat_event(
                        self._id("rc"), "PRODUCT_CHANGE", person=state.person, at=at, ends_at=state.ends_at,
                        reference=reference,
                    )
                )  # fmt: skip
            elif turn < 0.9:
                state = self.truth["revenuecat", reference] = self._hand_over(state, at)
            else:
                state = replace(state, status="canceled", renews=False)
                tell("EXPIRATION")
                break

    def _hand_over(self, state: Truth, at: datetime) -> Truth:
        """To somebody new, or back to whoever had it before."""
        before = [each for each in self.holders if each != state.person]
        target = self.dice.choice(before) if before and self.dice.random() < 0.3 else self.spare.pop()
        self.holders.append(target)
        self.letters.append(
            revenuecat_event(
                self._id("rc"), "TRANSFER", at=at, transferred_from=[str(state.person)], transferred_to=[str(target)]
            )
        )
        return replace(state, person=target)
