"""Buying at Stripe, spoken to through its own library; and the page of plans with and without it."""

from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.conf import settings as configured
from django.utils import timezone

from accounts import commands, stripe
from accounts.models import Subscription
from accounts.tests.clubs import SubscriptionFactory
from project.foundation.jobs.models import Job
from project.foundation.outbound import ServiceError
from tests.standin import FAULTS, HARMLESS

pytestmark = pytest.mark.django_db

PAGE = "https://checkout.stripe.com/c/pay/cs_1"
SESSION = {"id": "cs_1", "object": "checkout.session", "url": PAGE}
PORTAL = {"id": "bps_1", "object": "billing_portal.session", "url": "https://billing.stripe.com/p/session/1"}
GONE = {"id": "sub_1", "object": "subscription", "status": "canceled"}


@pytest.fixture
def sold(stand_in, settings, monkeypatch):
    settings.STRIPE_SECRET_KEY = "sk_test_0123456789"
    settings.STRIPE_API_BASE = stand_in.url
    settings.STRIPE_PRICE_PRO, settings.STRIPE_PRICE_CLUB = "price_pro", "price_club"
    monkeypatch.setattr(stripe, "DEADLINE", 1.0)
    stand_in.on("POST", "/v1/checkout/sessions", SESSION)
    stand_in.on("POST", "/v1/billing_portal/sessions", PORTAL)
    stand_in.on("DELETE", "/v1/subscriptions/{id}", GONE)
    return stand_in


def asked(request):
    return {name: value for name, (value,) in parse_qs(request.body.decode()).items()}


class TestBuying:
    def test_the_button_leads_to_a_page_of_stripes(self, sold, signed_in, ben):
        answer = signed_in.post("/subscriptions/pro/checkout/")
        assert (answer.status_code, answer.url) == (303, PAGE)
        (request,) = sold.requests
        said = asked(request)
        assert said["client_reference_id"] == said["subscription_data[metadata][person]"] == str(ben.actor_id)
        assert (said["mode"], said["line_items[0][price]"]) == ("subscription", "price_pro")
        assert said["subscription_data[trial_period_days]"] == "7"
        assert said["success_url"] == f"{configured.PUBLIC_URL}/subscriptions/?paid=pro"
        assert request.headers["Authorization"] == "Bearer sk_test_0123456789"
        assert not Subscription.objects.exists()  # nothing is theirs before Stripe says so

    def test_asked_twice_it_is_the_same_page(self, sold, ben, now):
        for later in (0, 1, 3600):
            commands.begin_checkout(person=ben, plan="pro", now=now + timedelta(seconds=later))
        first, second, third = (request.headers["Idempotency-Key"] for request in sold.requests)
        assert first == second != third

    def test_the_trial_comes_once(self, sold, ben, now):
        SubscriptionFactory(
            person=ben, plan="pro", seats=0, status="canceled", provider="stripe", reference="sub_0", customer="cus_1"
        )
        commands.begin_checkout(person=ben, plan="pro", now=now)
        said = asked(sold.requests[0])
        assert "subscription_data[trial_period_days]" not in said
        assert said["customer"] == "cus_1"
        assert "customer_email" not in said

    def test_nobody_buys_what_they_have(self, sold, signed_in, ben):
        SubscriptionFactory(person=ben, plan="pro", seats=0)
        answer = signed_in.post("/subscriptions/pro/checkout/")
        assert answer.status_code == 422
        assert "You have this plan already." in answer.text
        assert sold.requests == []

    def test_what_is_free_is_not_sold_and_what_is_unknown_is_not_there(self, sold, signed_in):
        assert signed_in.post("/subscriptions/free/checkout/").status_code == 422
        assert signed_in.post("/subscriptions/gold/checkout/").status_code == 404
        assert signed_in.post("/subscriptions/gold/trial/").status_code == 404

    def test_the_portal_is_for_who_pays(self, sold, signed_in, ben):
        assert signed_in.post("/subscriptions/portal/").status_code == 422
        SubscriptionFactory(person=ben, plan="pro", seats=0, provider="stripe", reference="sub_0", customer="cus_1")
        answer = signed_in.post("/subscriptions/portal/")
        assert (answer.status_code, answer.url) == (303, PORTAL["url"])
        assert asked(sold.requests[0])["customer"] == "cus_1"


class TestFaults:
    @pytest.mark.parametrize("fault", [each for each in FAULTS if each not in HARMLESS])
    def test_whatever_stripe_does_a_sentence_says_so_and_nothing_is_half_done(self, sold, signed_in, fault):
        sold.fault = fault
        answer = signed_in.post("/subscriptions/pro/checkout/")
        assert answer.status_code == 503
        assert "The payment service does not answer as it should. Nothing was paid." in answer.text
        assert "sk_test" not in answer.text
        assert not Subscription.objects.exists()

    @pytest.mark.parametrize("fault", HARMLESS)
    def test_what_looks_like_one_does_not_matter(self, sold, signed_in, fault):
        sold.fault = fault
        assert signed_in.post("/subscriptions/pro/checkout/").url == PAGE

    @pytest.mark.parametrize(
        "url", ["https://evil.example/", "http://checkout.stripe.com/", "javascript:alert(1)", "", None]
    )
    def test_a_page_of_somebody_elses_is_not_gone_to(self, sold, signed_in, url):
        sold.on("POST", "/v1/checkout/sessions", SESSION | {"url": url})
        assert signed_in.post("/subscriptions/pro/checkout/").status_code == 503

    def test_one_bad_moment_is_got_over(self, sold, signed_in):
        sold.faults = ["500"]
        assert signed_in.post("/subscriptions/pro/checkout/").url == PAGE
        one, other = (request.headers["Idempotency-Key"] for request in sold.requests)
        assert one == other


class TestCanceling:
    def test_a_job_ends_it_at_stripe_by_its_name_alone(self, ben, now):
        paid = SubscriptionFactory(person=ben, plan="pro", seats=0, provider="stripe", reference="sub_1")
        assert commands.cancel_at_provider(subscription=paid, now=now)
        assert Job.objects.get(kind="billing.cancel_at_stripe").arguments == {"reference": "sub_1"}

    @pytest.mark.parametrize(
        "more",
        [
            {},
            {"provider": "apple", "reference": "x"},
            {"provider": "stripe", "reference": "x", "status": "canceled"},
        ],
    )
    def test_what_we_cannot_end_or_has_ended_is_left(self, ben, now, more):
        subscription = SubscriptionFactory(person=ben, plan="pro", seats=0, **more)
        assert not commands.cancel_at_provider(subscription=subscription, now=now)
        assert not Job.objects.exists()

    def test_it_is_ended_and_what_is_gone_is_no_mistake(self, sold):
        stripe.cancel(reference="sub_1")
        assert (sold.requests[0].method, sold.requests[0].path) == ("DELETE", "/v1/subscriptions/sub_1")
        sold.fault = "404"
        stripe.cancel(reference="sub_1")
        sold.fault = "401"
        with pytest.raises(ServiceError):
            stripe.cancel(reference="sub_1")

    def test_without_a_key_it_says_so(self):
        with pytest.raises(stripe.NotConfigured):
            stripe.cancel(reference="sub_1")


class TestPage:
    def test_strangers_see_what_there_is_and_are_led_in(self, client):
        page = client.get("/subscriptions/")
        assert page.status_code == 200
        assert "14.99 PLN" in page.text
        assert "/account/login/?next=/subscriptions/" in page.text
        assert client.post("/subscriptions/pro/trial/").status_code == 302

    def test_prices_are_written_as_the_reader_writes_them(self, client, ada):
        client.force_login(ada)
        assert "14,99 PLN" in client.get("/subscriptions/").text

    def test_without_stripe_there_is_a_trial_and_a_sentence(self, signed_in, ben):
        page = signed_in.get("/subscriptions/")
        assert "Try it for 7 days" in page.text
        assert "Plans are not sold here." in page.text
        assert signed_in.post("/subscriptions/pro/trial/").status_code == 303
        after = signed_in.get("/subscriptions/").text
        assert "You have it" in after
        assert "Pro · on trial" in after
        Subscription.objects.update(current_period_end=timezone.now())
        assert "You have tried it. The operator of your school gives it." in signed_in.get("/subscriptions/").text
        again = signed_in.post("/subscriptions/pro/trial/")
        assert again.status_code == 422
        assert "A trial is once for each plan." in again.text
        assert signed_in.post("/subscriptions/club/checkout/").status_code == 422

    def test_who_pays_has_a_way_to_change_it(self, sold, signed_in, ben):
        assert "subscriptions/portal" not in signed_in.get("/subscriptions/").text
        SubscriptionFactory(person=ben, plan="pro", seats=0, provider="stripe", reference="sub_0", customer="cus_1")
        assert 'action="/subscriptions/portal/"' in signed_in.get("/subscriptions/").text

    @pytest.mark.parametrize("held", [1, 5])
    def test_it_costs_the_same_however_much_somebody_had(self, signed_in, ben, held, django_assert_num_queries):
        for _ in range(held):
            SubscriptionFactory(person=ben, plan="pro", seats=0, status="canceled")
        signed_in.get("/subscriptions/")
        with django_assert_num_queries(3):
            signed_in.get("/subscriptions/")
