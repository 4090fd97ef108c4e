"""What plans allow, and for how long: rules, and what the database refuses by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as some

from accounts import commands, queries
from accounts.models import Notice, Subscription
from accounts.rules import plans
from accounts.tests.clubs import SubscriptionFactory, a_club, joined
from accounts.tests.factories import UserFactory
from accounts.tests.personal_factories import Pupils
from project.foundation.audit.models import AuditEvent

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
instants = some.integers(0, 63_000_000).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
standings = some.builds(
    plans.Standing,
    plan=some.sampled_from(["pro", "club"]),
    status=some.sampled_from(["trialing", "active", "past_due", "canceled"]),
    ends_at=some.none() | instants,
    seats=some.integers(0, 20),
    renews=some.booleans(),
)


class TestRules:
    @given(some.lists(standings, max_size=6), instants)
    def test_nothing_comes_from_what_has_ended(self, held, now):
        live = [
            each
            for each in held
            if each.status != "canceled"
            and (each.ends_at is None or now < each.ends_at + timedelta(days=3 if each.renews else 0))
        ]
        assert plans.own_entitlements(held, now=now) == plans.own_entitlements(live, now=now)
        assert bool(plans.own_entitlements(held, now=now)) is bool(live)
        assert plans.seats_paid(held, now=now) == max([each.seats for each in live], default=0)

    @given(standings, instants)
    def test_what_has_ended_never_comes_back_by_itself(self, standing, now):
        if not standing.is_live(now):
            assert not standing.is_live(now + timedelta(days=1))

    @given(some.lists(some.integers(), max_size=30), some.integers(0, 20), some.integers(0, 20))
    def test_who_is_covered_is_a_beginning_and_grows_with_the_seats(self, members, one, other):
        fewer, more = sorted([one, other])
        assert plans.covered(members, paid=fewer) == members[:fewer]
        assert plans.covered(members, paid=more)[:fewer] == plans.covered(members, paid=fewer)

    def test_a_renewal_may_be_told_three_days_late_and_no_more(self):
        standing = plans.Standing("pro", "active", AT)
        assert standing.is_live(AT + timedelta(days=3, microseconds=-1))
        assert not standing.is_live(AT + timedelta(days=3))
        assert not plans.Standing("pro", "active", AT, renews=False).is_live(AT)

    def test_prices(self):
        assert {key: (plan.price.minor, plan.trial_days, plan.seats_max) for key, plan in plans.PLANS.items()} == {
            "free": (0, 0, 0),
            "pro": (1499, 7, 0),
            "club": (5900, 14, 20),
        }


@pytest.mark.django_db
class TestTrials:
    def test_a_trial_allows_all_that_the_plan_does_until_it_ends(self, ben, now):
        trial = commands.start_trial(person=ben, plan="pro", now=now)
        assert (trial.status, trial.current_period_end) == ("trialing", now + timedelta(days=7))
        assert "quiz_create" in queries.entitlements(person=ben, now=now + timedelta(days=7, seconds=-1))
        assert queries.entitlements(person=ben, now=now + timedelta(days=7)) == {"export_pdf"}
        assert AuditEvent.objects.filter(type="trial.started", actor_id=ben.actor_id).count() == 1

    def test_it_is_once_for_each_plan(self, ben, now):
        commands.start_trial(person=ben, plan="pro", now=now)
        with pytest.raises(commands.HasPlan):
            commands.start_trial(person=ben, plan="pro", now=now)
        with pytest.raises(commands.HadTrial):
            commands.start_trial(person=ben, plan="pro", now=now + timedelta(days=400))
        commands.start_trial(person=ben, plan="club", now=now)

    def test_there_is_none_where_plans_are_sold_nor_of_what_is_free(self, ben, now, settings):
        with pytest.raises(commands.NotSoldHere):
            commands.start_trial(person=ben, plan="free", now=now)
        settings.STRIPE_SECRET_KEY = "sk_test_1"
        with pytest.raises(commands.NotSoldHere):
            commands.start_trial(person=ben, plan="pro", now=now)

    def test_a_plan_for_clubs_covers_the_club_that_has_none(self, ada, now):
        covered, bare = a_club(ada), a_club(ada, name="Bare", paid=None)
        Subscription.objects.filter(club=covered).update(plan="club")
        with pytest.raises(commands.HasPlan):
            commands.start_trial(person=ada, plan="club", now=now)
        Subscription.objects.update(person=UserFactory())
        assert commands.start_trial(person=ada, plan="club", now=now).club == bare

    def test_a_club_made_later_takes_the_newest_live_plan_that_covers_none(self, ada, now):
        club = a_club(ada, paid=None)
        assert commands.attach_plan(club=club, person=ada, now=now) is None
        SubscriptionFactory(person=ada, status="canceled", created_at=now)
        older = SubscriptionFactory(person=ada, created_at=now - timedelta(days=2))
        newer = SubscriptionFactory(person=ada, created_at=now - timedelta(days=1))
        assert commands.attach_plan(club=club, person=ada, now=now) == newer
        assert commands.attach_plan(club=club, person=ada, now=now) == older
        assert commands.attach_plan(club=club, person=ada, now=now) is None


@pytest.mark.django_db
class TestGiven:
    def test_operators_give_and_end_and_leave_a_trail(self, ben, otto, now):
        given = commands.give_plan(person=ben, plan="pro", until=None, by=otto, now=now)
        assert "offline_video" in queries.entitlements(person=ben, now=now + timedelta(days=4000))
        commands.end_plan(subscription_id=given.pk, by=otto, now=now)
        assert "offline_video" not in queries.entitlements(person=ben, now=now)
        trail = AuditEvent.objects.filter(actor_id=otto.actor_id, object_id=str(given.pk))
        assert sorted(each.type for each in trail) == ["plan.ended", "plan.given"]
        with pytest.raises(commands.NothingToEnd):
            commands.end_plan(subscription_id=given.pk, by=otto, now=now)

    @pytest.mark.parametrize("who", ["ada", "ben"])
    def test_nobody_else_does(self, request, who, cleo, now):
        somebody = request.getfixturevalue(who)
        with pytest.raises(queries.RoleMissing):
            commands.give_plan(person=cleo, plan="pro", until=None, by=somebody, now=now)
        given = SubscriptionFactory(person=cleo)
        with pytest.raises(queries.RoleMissing):
            commands.end_plan(subscription_id=given.pk, by=somebody, now=now)

    def test_what_is_sold_elsewhere_is_not_ended_here(self, ben, otto, now):
        sold = SubscriptionFactory(person=ben, provider="stripe", reference="sub_1")
        with pytest.raises(commands.NothingToEnd):
            commands.end_plan(subscription_id=sold.pk, by=otto, now=now)

    def test_a_gift_takes_the_place_of_a_trial(self, ben, otto, now):
        commands.start_trial(person=ben, plan="pro", now=now)
        commands.give_plan(person=ben, plan="pro", until=now + timedelta(days=90), by=otto, now=now)
        with pytest.raises(commands.HasPlan):
            commands.give_plan(person=ben, plan="pro", until=None, by=otto, now=now)
        assert sorted(Subscription.objects.values_list("status", flat=True)) == ["active", "canceled"]


@pytest.mark.django_db
class TestOverTheLimit:
    def test_the_owner_is_told_once_when_a_plan_has_run_out_silently(self, ada, now):
        club = a_club(ada)
        Subscription.objects.update(current_period_end=now - timedelta(days=10), renews=False)
        for _ in range(3):
            joined(club, UserFactory())
        assert commands.look_after_clubs(now=now) == 1
        assert commands.look_after_clubs(now=now + timedelta(days=1)) == 1
        notice = Notice.objects.get(person=ada, kind="club_over_limit")
        assert notice.facts == {"club": str(club.pk), "members": 4, "seats": 0}

    def test_nobody_is_told_of_a_club_that_is_paid_for_or_never_had_a_plan(self, ada, ben, now):
        joined(a_club(ada), ben)
        joined(a_club(ada, name="Never", paid=None), ben)
        assert commands.look_after_clubs(now=now) == 0
        assert not Notice.objects.exists()

    def test_whoever_ends_it_tells_at_once(self, ada, otto, now):
        club = a_club(ada, paid=None)
        given = commands.give_plan(person=ada, plan="club", until=None, seats=3, by=otto, now=now)
        assert given.club == club
        joined(club, UserFactory())
        commands.end_plan(subscription_id=given.pk, by=otto, now=now)
        assert Notice.objects.get(person=ada).kind == "club_over_limit"

    @pytest.mark.parametrize("clubs", [1, 4])
    def test_looking_after_them_costs_the_same_for_one_and_for_four(self, ada, clubs, now, django_assert_num_queries):
        for number in range(clubs):
            a_club(ada, name=f"Club {number}")
        with django_assert_num_queries(5):  # which clubs, savepoint, they, their plans, end of savepoint
            commands.look_after_clubs(now=now)


ROW = {
    "provider": "manual", "reference": "", "plan": "pro", "status": "active", "seats": 0, "is_house_trial": False,
    "current_period_end": None,
}  # fmt: skip


@pytest.mark.django_db
class TestConstraints:
    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("subscription_provider_is_known", {"provider": "paypal", "reference": "x"}),
            ("subscription_status_is_known", {"status": "unpaid"}),
            ("subscription_of_a_provider_has_its_reference", {"reference": "sub_1"}),
            ("subscription_of_a_provider_has_its_reference", {"provider": "stripe"}),
            ("subscription_has_the_seats_of_its_plan", {"seats": 1}),
            ("subscription_has_the_seats_of_its_plan", {"plan": "club", "seats": 0}),
            ("subscription_has_the_seats_of_its_plan", {"plan": "club", "seats": 21}),
            ("trial_of_the_house_ends", {"is_house_trial": True}),
        ],
    )
    def test_the_database_refuses(self, ben, name, change):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            insert(ben, change)

    def test_it_refuses_a_second_subscription_of_one_reference(self, ben, cleo):
        insert(ben, {"provider": "stripe", "reference": "sub_1"})
        insert(ben, {"provider": "revenuecat", "reference": "sub_1"})
        with pytest.raises(IntegrityError, match="one_subscription_per_reference"), transaction.atomic():
            insert(cleo, {"provider": "stripe", "reference": "sub_1"})

    def test_it_refuses_a_second_trial(self, ben):
        trial = {"is_house_trial": True, "current_period_end": AT}
        insert(ben, trial)
        with pytest.raises(IntegrityError, match="one_trial_per_person_and_plan"), transaction.atomic():
            insert(ben, trial)


def insert(person, change):
    row = ROW | change
    with connection.cursor() as sql:
        sql.execute(
            """
            INSERT INTO accounts_subscription
                (id, person_id, provider, reference, customer, plan, status, seats, is_house_trial,
                 current_period_end, renews, said_by, created_at)
            VALUES (gen_random_uuid(), %s, %s, %s, '', %s, %s, %s, %s, %s, true, '', now())
            """,
            [
                person.pk, row["provider"], row["reference"], row["plan"], row["status"], row["seats"],
                row["is_house_trial"], row["current_period_end"],
            ],
        )  # fmt: skip


def test_a_pupil_tries_nothing(ada, now, db):
    pupil = Pupils.one(a_club(ada)).person
    with pytest.raises(commands.NotSoldHere):
        commands.start_trial(person=pupil, plan="pro", now=now)
    assert not pupil.subscriptions.exists()
