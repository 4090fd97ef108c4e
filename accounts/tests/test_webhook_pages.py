"""What operators see of webhooks and of plans that were given, and what they can do about them."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import commands, queries
from accounts.models import Subscription, WebhookEvent
from accounts.tests.clubs import SubscriptionFactory
from accounts.tests.factories import UserFactory
from accounts.tests.telling_webhooks import CONFIGURED, stripe_event, stripe_subscription
from project.foundation.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

LIST, GIVEN = "/webhooks/", "/subscriptions/given/"


@pytest.fixture
def failed(client, ben, settings):
    """An event that came before anybody had said whose it is; meanwhile that is known."""
    for name, value in CONFIGURED.items():
        setattr(settings, name, value)
    at = timezone.now()
    about = stripe_subscription("sub_1", person=None, ends_at=at + timedelta(days=30), customer="cus_1")
    assert stripe_event("evt_1", "customer.subscription.created", about, at=at).post(client).status_code == 500
    checkout = {"id": "cs_1", "customer": "cus_1", "client_reference_id": str(ben.actor_id)}
    assert stripe_event("evt_2", "checkout.session.completed", checkout, at=at).post(client).status_code == 200
    return WebhookEvent.objects.get(event_id="evt_1")


def event(number, **more):
    now = timezone.now()
    facts = {
        "provider": "revenuecat", "event_id": f"rc_{number}", "type": "RENEWAL", "occurred_at": now,
        "received_at": now - timedelta(minutes=number), "payload": {}, "state": "processed", "processed_at": now,
    }  # fmt: skip
    return WebhookEvent.objects.create(**facts | more)


class TestList:
    def test_filters_stand_in_the_address(self, at_the_console, failed):
        event(1)
        page = at_the_console.get(LIST, {"provider": "stripe", "state": "failed"}).text
        assert "evt_1" in page
        assert "evt_2" not in page
        assert "rc_1" not in page
        page = at_the_console.get(LIST, {"type": "RENEWAL"}).text
        assert "rc_1" in page
        assert "evt_1" not in page
        assert "1 has failed" in page

    def test_a_choice_that_is_none_is_said(self, at_the_console):
        assert at_the_console.get(LIST, {"state": "lost"}).status_code == 422
        assert at_the_console.get(LIST, {"after": "nonsense"}).status_code == 422

    def test_page_after_page_nothing_is_left_out(self, at_the_console):
        for number in range(60):
            event(number)
        first = at_the_console.get(LIST)
        assert "rc_49" in first.text
        assert "rc_50" not in first.text
        second = at_the_console.get(LIST + first.context["older_url"]).text
        assert "rc_50" in second
        assert "rc_59" in second
        assert "rc_49" not in second

    @pytest.mark.parametrize("rows", [1, 30])
    def test_it_costs_the_same_for_one_and_for_thirty(self, at_the_console, rows, django_assert_max_num_queries):
        for number in range(rows):
            event(number)
        at_the_console.get(LIST)
        with django_assert_max_num_queries(12):
            at_the_console.get(LIST)

    def test_the_console_leads_there(self, at_the_console):
        assert f'href="{LIST}"' in at_the_console.get("/console/").text


class TestReplay:
    def test_what_failed_is_applied_and_leaves_a_trail(self, at_the_console, failed, ben, otto):
        page = at_the_console.get(f"{LIST}{failed.pk}/")
        assert "NotYet: Nobody has said yet whose customer this is." in page.text
        assert "sub_1" in page.text
        assert "4242" not in page.text
        assert at_the_console.post(f"{LIST}{failed.pk}/replay/").status_code == 303
        assert Subscription.objects.get().person == ben
        failed.refresh_from_db()
        assert (failed.state, failed.attempts) == ("processed", 2)
        trail = AuditEvent.objects.get(type="webhook.replayed")
        assert (trail.actor_id, trail.payload["answer"]) == (otto.actor_id, "processed")
        assert "Apply it again" not in at_the_console.get(f"{LIST}{failed.pk}/").text

    def test_what_was_applied_meanwhile_is_left(self, at_the_console, failed):
        commands.replay_webhook(event_id=failed.pk, by=None, now=timezone.now())
        answer = at_the_console.post(f"{LIST}{failed.pk}/replay/", follow=True)
        assert "this event has been applied meanwhile" in answer.text
        assert WebhookEvent.objects.get(pk=failed.pk).attempts == 2

    def test_what_fails_again_says_so(self, at_the_console):
        bad = event(1, state="failed", processed_at=None, error="KeyError", payload={"product_id": "pro"})
        WebhookEvent.objects.filter(pk=bad.pk).update(provider="stripe", type="customer.subscription.created")
        answer = at_the_console.post(f"{LIST}{bad.pk}/replay/", follow=True)
        assert "It has failed again." in answer.text

    def test_nobody_but_operators_replays(self, failed, ben, ada):
        for somebody in (ben, ada):
            with pytest.raises(queries.RoleMissing):
                commands.replay_webhook(event_id=failed.pk, by=somebody, now=timezone.now())

    def test_why_something_was_ignored_is_said(self, at_the_console):
        ignored = event(1, type="TEST", state="ignored")
        assert "Nothing here depends on it." in at_the_console.get(f"{LIST}{ignored.pk}/").text

    def test_what_is_not_there_is_not_found(self, at_the_console, ben):
        assert at_the_console.get(f"{LIST}{ben.actor_id}/").status_code == 404
        assert at_the_console.post(f"{LIST}{ben.actor_id}/replay/").status_code == 404


class TestGiven:
    FORM = {"email": "ben@dojang.example", "plan": "pro", "until": "2099-12-31", "seats": "20"}

    def test_somebody_is_given_a_plan_and_it_is_ended(self, at_the_console, ben):
        assert at_the_console.post(GIVEN, self.FORM).status_code == 303
        given = Subscription.objects.get(person=ben)
        assert (given.plan, given.seats, f"{given.current_period_end:%Y-%m-%d}") == ("pro", 0, "2099-12-31")
        assert "Ben" in at_the_console.get(GIVEN).text
        assert "End this plan?" in at_the_console.get(f"{GIVEN}{given.pk}/end/").text
        assert at_the_console.post(f"{GIVEN}{given.pk}/end/").status_code == 303
        assert "no_ads" not in queries.entitlements(person=ben)

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"email": "nobody@dojang.example"}, "Nobody signs in with this address."),
            ({"until": "2001-01-01"}, "This day is over."),
            ({"seats": "21"}, "20"),
            ({"plan": "gold"}, "gold"),
        ],
    )
    def test_what_cannot_be_given_is_said_beside_the_field(self, at_the_console, ben, change, sentence):
        answer = at_the_console.post(GIVEN, self.FORM | change)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert not Subscription.objects.exists()

    def test_a_second_one_is_refused(self, at_the_console, ben):
        SubscriptionFactory(person=ben, plan="pro", seats=0)
        answer = at_the_console.post(GIVEN, self.FORM)
        assert answer.status_code == 422
        assert "They have this plan already." in answer.text

    def test_people_are_found_and_the_address_does_not_name_them(self, at_the_console, ben, cleo):
        for person in (ben, cleo):
            SubscriptionFactory(person=person, plan="pro", seats=0)
        found = at_the_console.post(f"{GIVEN}person/", {"email": ben.email})
        assert (found.status_code, found.url) == (303, f"{GIVEN}?person={ben.actor_id}")
        page = at_the_console.get(found.url).text
        assert "What Ben was given" in page
        assert "Cleo" not in page
        assert at_the_console.post(f"{GIVEN}person/", {"email": "no@dojang.example"}).status_code == 422

    @pytest.mark.parametrize("rows", [1, 20])
    def test_it_costs_the_same_for_one_and_for_twenty(self, at_the_console, rows, django_assert_max_num_queries):
        for _ in range(rows):
            SubscriptionFactory(person=UserFactory(), plan="pro", seats=0)
        at_the_console.get(GIVEN)
        with django_assert_max_num_queries(10):
            at_the_console.get(GIVEN)


@pytest.mark.parametrize("path", [LIST, GIVEN, f"{LIST}0b8f7d9c-6a2e-4f3c-9b1d-2f4a6c8e0d12/"])
def test_learners_do_not_come_in(signed_in, client, path):
    assert signed_in.get(path).status_code == 403
    client.logout()
    assert client.get(path).status_code == 302


def test_payloads_are_json_that_can_be_read(at_the_console, failed):
    page = at_the_console.get(f"{LIST}{failed.pk}/")
    assert json.loads(page.context["payload"])["object"]["id"] == "sub_1"
