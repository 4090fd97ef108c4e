"""What RevenueCat tells of purchases in the stores, and what goes from hand to hand."""

import hmac
import itertools
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from accounts import commands, queries
from accounts.models import Subscription, WebhookEvent
from accounts.rules import webhooks as rules
from accounts.tests.clubs import a_club
from accounts.tests.telling_webhooks import CONFIGURED, Letter, revenuecat_event
from tests.programs import eventually

pytestmark = pytest.mark.django_db

IS_DEEP = os.environ.get("DEPTH") == "deep"


@pytest.fixture(autouse=True)
def configured(settings):
    for name, value in CONFIGURED.items():
        setattr(settings, name, value)
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, 0)


@pytest.fixture
def at():
    return timezone.now().replace(microsecond=0)


def told(client, type, person, at, *, event_id="", days=20, **more):
    ends_at = at + timedelta(days=days)
    letter = revenuecat_event(event_id or f"rc_{type}", type, person=person.actor_id, at=at, ends_at=ends_at, **more)
    answer = letter.post(client)
    assert answer.status_code == 200, answer.text
    return answer.json()["outcome"]


def moved(source, target, at, event_id):
    ids = {"transferred_from": [str(source)], "transferred_to": [str(target)]}
    return revenuecat_event(event_id, "TRANSFER", at=at, **ids)


class TestMeaning:
    @pytest.mark.parametrize(
        ("type", "status", "renews"),
        [
            ("INITIAL_PURCHASE", "active", True),
            ("RENEWAL", "active", True),
            ("UNCANCELLATION", "active", True),
            ("SUBSCRIPTION_EXTENDED", "active", True),
            ("NON_RENEWING_PURCHASE", "active", False),
            ("CANCELLATION", "active", False),
            ("SUBSCRIPTION_PAUSED", "active", False),
            ("TEMPORARY_ENTITLEMENT_GRANT", "active", False),
            ("BILLING_ISSUE", "past_due", True),
            ("EXPIRATION", "canceled", False),
        ],
    )
    def test_types(self, client, ben, at, type, status, renews):
        assert told(client, type, ben, at) == "processed"
        kept = Subscription.objects.get()
        assert (kept.status, kept.renews, kept.current_period_end) == (status, renews, at + timedelta(days=20))
        assert ("no_ads" in queries.entitlements(person=ben)) is (type != "EXPIRATION")

    @pytest.mark.parametrize("type", ["TEST", "PRODUCT_CHANGE", "INVOICE_ISSUANCE", "A_NEW_TYPE"])
    def test_what_changes_nothing_is_ignored(self, client, ben, at, type):
        assert told(client, type, ben, at) == "ignored"
        assert not Subscription.objects.exists()

    @pytest.mark.parametrize("type", ["CANCELLATION", "SUBSCRIPTION_PAUSED"])
    def test_access_lasts_until_it_expires(self, client, ben, at, type):
        told(client, "INITIAL_PURCHASE", ben, at - timedelta(days=1))
        told(client, type, ben, at, days=5)
        assert "no_ads" in queries.entitlements(person=ben, now=at + timedelta(days=5, seconds=-1))
        assert "no_ads" not in queries.entitlements(person=ben, now=at + timedelta(days=5))

    def test_a_trial_says_so_and_a_grace_period_counts(self, client, ben, at):
        told(client, "INITIAL_PURCHASE", ben, at - timedelta(days=1), period_type="TRIAL")
        assert Subscription.objects.get().status == "trialing"
        grace = at + timedelta(days=16)
        told(client, "BILLING_ISSUE", ben, at, days=0, grace_period_expiration_at_ms=int(grace.timestamp() * 1000))
        assert Subscription.objects.get().current_period_end == grace

    def test_a_renewal_brings_the_product_that_was_changed_to(self, client, ada, at):
        club = a_club(ada, paid=None)
        told(client, "INITIAL_PURCHASE", ada, at - timedelta(days=2))
        told(client, "PRODUCT_CHANGE", ada, at - timedelta(days=1), plan="pro")
        told(client, "RENEWAL", ada, at, plan="club")
        kept = Subscription.objects.get()
        assert (kept.plan, kept.seats, kept.club) == ("club", 20, club)

    def test_a_sandbox_counts_where_it_is_said_to(self, client, ben, at, settings):
        settings.REVENUECAT_SANDBOX = False
        assert told(client, "INITIAL_PURCHASE", ben, at, environment="SANDBOX") == "ignored"
        settings.REVENUECAT_SANDBOX = True
        assert told(client, "RENEWAL", ben, at, environment="SANDBOX") == "processed"

    def test_without_a_transaction_it_is_whose_and_what(self, client, ben, at):
        told(client, "INITIAL_PURCHASE", ben, at, original_transaction_id=None)
        told(client, "EXPIRATION", ben, at + timedelta(seconds=1), original_transaction_id=None)
        kept = Subscription.objects.get()
        assert (kept.reference, kept.status) == (f"{ben.actor_id}:dojang.pro.month", "canceled")

    def test_who_is_not_of_this_hall_is_ignored(self, client, ben, at):
        assert told(client, "INITIAL_PURCHASE", ben, at, app_user_id="$RCAnonymousID:1", aliases=[]) == "ignored"
        assert told(client, "RENEWAL", ben, at, app_user_id="$RCAnonymousID:1") == "processed"  # by an alias

    def test_what_looks_like_mail_is_not_kept(self, client, ben, at):
        told(client, "INITIAL_PURCHASE", ben, at, original_app_user_id="jan@kowalski.example")
        assert "kowalski" not in json.dumps(WebhookEvent.objects.get().payload)


class TestBelieving:
    def test_another_value_is_refused(self, client, ben, at):
        letter = revenuecat_event("rc_1", "INITIAL_PURCHASE", person=ben.actor_id, at=at, ends_at=at)
        for value in ("Bearer of others", "bearer of the tests", "ż"):
            assert Letter("revenuecat", letter.body, secret=value).post(client).status_code == 400
        assert not WebhookEvent.objects.exists()

    def test_nothing_configured_is_nothing_believed(self, client, ben, at, settings):
        settings.REVENUECAT_WEBHOOK_AUTHORIZATION = ""
        letter = revenuecat_event("rc_1", "INITIAL_PURCHASE", person=ben.actor_id, at=at, ends_at=at)
        answer = letter.post(client)
        assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")

    def test_the_future_is_refused(self, client, ben, at):
        late = at + timedelta(minutes=6)
        letter = revenuecat_event("rc_1", "INITIAL_PURCHASE", person=ben.actor_id, at=late, ends_at=late)
        assert letter.post(client).status_code == 400

    @pytest.mark.parametrize("way", ["plain", "timed"])
    def test_a_signature_in_a_header_of_any_name(self, client, ben, at, settings, way):
        settings.REVENUECAT_WEBHOOK_AUTHORIZATION = ""
        settings.REVENUECAT_SIGNING_SECRET, settings.REVENUECAT_SIGNATURE_HEADER = "secret", "X-Any-Name"
        body = revenuecat_event("rc_1", "INITIAL_PURCHASE", person=ben.actor_id, at=at, ends_at=at).body

        def signed(seconds, secret=b"secret"):
            text = json.dumps(body)
            if way == "plain":
                return {"X-Any-Name": hmac.new(secret, text.encode(), sha256).hexdigest()}
            mac = hmac.new(secret, f"{seconds}.{text}".encode(), sha256).hexdigest()
            return {"X-Any-Name": f"t={seconds},v1={mac}"}

        now = int(time.time())

        def status(headers):
            return Letter("revenuecat", body, headers=headers).post(client).status_code

        assert status({}) == status({"X-Any-Name": "t=x,v1=00"}) == status(signed(now, b"guessed")) == 400
        if way == "timed":
            assert status(signed(now - 301)) == status(signed(now + 310)) == 400
        assert status(signed(now)) == 200

    @pytest.mark.parametrize(
        "body", [{}, {"event": {}}, {"event": []}, {"event": {"id": "x", "type": "RENEWAL"}}, [], 7]
    )
    def test_what_is_no_event_is_refused(self, client, body):
        assert Letter("revenuecat", body).post(client).json()["code"] == "unreadable"


class TestFromHandToHand:
    def test_it_belongs_to_who_it_went_to_in_any_order(self, client, ben, cleo, ada, at):
        day = timedelta(days=1)
        said = [
            lambda: told(client, "INITIAL_PURCHASE", ben, at - 9 * day, event_id="rc_1"),
            lambda: moved(ben.actor_id, cleo.actor_id, at - 8 * day, "rc_2").post(client),
            lambda: moved(cleo.actor_id, ada.actor_id, at - 7 * day, "rc_3").post(client),
            lambda: moved(ada.actor_id, ben.actor_id, at - 6 * day, "rc_4").post(client),
            lambda: told(client, "RENEWAL", ben, at - 5 * day, event_id="rc_5"),
            lambda: moved(ben.actor_id, ada.actor_id, at - 4 * day, "rc_6").post(client),
        ]
        orders = list(itertools.permutations(said))
        for order in orders if IS_DEEP else orders[:: len(orders) // 40]:
            for say in order:
                say()
            kept = Subscription.objects.get()
            assert (kept.person, kept.status) == (ada, "active")
            WebhookEvent.objects.all().delete()
            Subscription.objects.all().delete()

    def test_whoever_gave_it_away_has_it_no_more(self, client, ben, cleo, at):
        told(client, "INITIAL_PURCHASE", ben, at - timedelta(days=1))
        moved(ben.actor_id, cleo.actor_id, at, "rc_2").post(client)
        assert "no_ads" not in queries.entitlements(person=ben)
        assert "no_ads" in queries.entitlements(person=cleo)

    def test_what_goes_to_somebody_else_altogether_is_nobodys_here(self, client, ben, at):
        told(client, "INITIAL_PURCHASE", ben, at - timedelta(days=1))
        assert moved(ben.actor_id, "$RCAnonymousID:2", at, "rc_2").post(client).status_code == 200
        assert not Subscription.objects.exists()

    def test_forgetting_old_moves_forgets_nobody(self, client, ben, cleo, ada, at):
        """What was bought a year ago still belongs to who has it, when the moves since are forgotten one by one."""
        day = timedelta(days=1)
        told(client, "INITIAL_PURCHASE", ben, at - 300 * day, days=400)
        moved(ben.actor_id, cleo.actor_id, at - 200 * day, "rc_2").post(client)
        moved(cleo.actor_id, ben.actor_id, at - 150 * day, "rc_3").post(client)
        moved(ben.actor_id, ada.actor_id, at - 50 * day, "rc_4").post(client)
        assert commands.forget_webhooks(now=at) == 3
        moved(ada.actor_id, cleo.actor_id, at, "rc_5").post(client)
        assert Subscription.objects.get().person == cleo
        assert commands.forget_webhooks(now=at + 100 * day) == 2
        assert Subscription.objects.get().customer == str(cleo.actor_id)

    @given(
        some.lists(some.tuples(some.sampled_from("abcd"), some.sampled_from("abcd")), max_size=8),
        some.integers(0, 8),
    )
    def test_the_owner_is_found_as_if_everything_had_come_in_order(self, hands, since):
        start = datetime(2026, 1, 1, tzinfo=UTC)
        moves = [
            rules.Move(frozenset({source}), target, start + timedelta(days=day), rules.by(event_id=str(day)))
            for day, (source, target) in enumerate(hands)
        ]
        has_it = "a"
        for source, target in hands[since:]:
            if has_it == source:
                has_it = target
        bought = (start + timedelta(days=since, seconds=-1), "")
        assert rules.owner(customer="a", since=bought, moves=moves[::-1]) == has_it


@pytest.mark.django_db(transaction=True)
def test_what_is_bought_while_it_is_handed_over_waits_to_hear_to_whom(ben, cleo):
    """Neither could see the other otherwise, and what was bought would stay with whoever gave it away."""
    at = timezone.now().replace(microsecond=0)
    bought = revenuecat_event(
        "rc_1", "INITIAL_PURCHASE", person=ben.actor_id, at=at - timedelta(days=1), ends_at=at + timedelta(days=9)
    )

    def deliver():
        try:
            return bought.post(Client()).json()["outcome"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            event = WebhookEvent.objects.create(
                provider="revenuecat", event_id="rc_2", type="TRANSFER", occurred_at=at, received_at=at,
                payload=moved(ben.actor_id, cleo.actor_id, at, "rc_2").body["event"], state="failed", error="not yet",
            )  # fmt: skip
            commands.replay_webhook(event_id=event.pk, by=None, now=at)
            waiting = pool.submit(deliver)
            eventually(somebody_waits)
        assert waiting.result(10) == "processed"
    assert Subscription.objects.get().person == cleo


def somebody_waits():
    with connection.cursor() as sql:
        sql.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return sql.fetchone()[0]
