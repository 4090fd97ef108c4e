"""Whatever providers send, however often and in whatever order, and whoever else sends something: what people have in
the end is what they paid for. Nothing is lost when a process is killed between any two statements."""

import json
import os
import queue
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts import queries
from accounts.models import Subscription, User, WebhookEvent
from accounts.tests.telling_webhooks import CONFIGURED, revenuecat_event, stripe_event, stripe_subscription
from accounts.tests.webhook_storms import Truth, Year
from project.foundation.audit.models import AuditEvent
from tests.programs import ROOT, database_url

IS_DEEP = os.environ.get("DEPTH") == "deep"
DELIVERIES = 20_000 if IS_DEEP else 600
THREADS = 8


@pytest.fixture
def configured(settings):
    for name, value in CONFIGURED.items():
        setattr(settings, name, value)
    settings.FREE_ENTITLEMENTS = []
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, 0)


def people(number):
    made = User.objects.bulk_create(User(email=f"storm{n}@dojang.example", password="!") for n in range(number))
    return [each.actor_id for each in made]


def year_of(deliveries, now):
    """As many people as it takes so that their events, three times each, are nine tenths of all deliveries."""
    everybody = people(deliveries // 5)
    spare = everybody[: len(everybody) // 2]
    for number in range(4, len(everybody)):
        year = Year(everybody[len(spare) :][:number], spare=spare, seed=7, now=now)
        if len(year.letters) * 3 >= deliveries * 0.9:
            return year, everybody
    raise AssertionError("too few people")


def forged(letters, number, dice, now):
    """Lies under names of their own, and old truths said again."""
    lies = []
    for count in range(number):
        letter = dice.choice(letters)
        body = json.loads(json.dumps(letter.body))
        is_stripe = letter.provider == "stripe"
        (body if is_stripe else body["event"])["id"] = f"forged_{count}"
        match dice.randrange(3 if is_stripe else 2):
            case 0:
                lies.append(replace(letter, body=body, secret="whsec_guessed"))
            case 1 if is_stripe:
                lies.append(replace(letter, body=body, signed_at=now.timestamp() + 7200))
            case 1:
                body["event"]["event_timestamp_ms"] = int((now + timedelta(hours=1)).timestamp() * 1000)
                lies.append(replace(letter, body=body))
            case _:
                lies.append(replace(letter, signed_at=now.timestamp() - 400))
    return lies


class Provider:
    """Sends what waits, from several threads, and again what was not taken; only 200 counts as received."""

    def __init__(self, letters):
        self.waiting = queue.SimpleQueue()
        for letter in letters:
            self.waiting.put(letter)
        self.answers = []
        self.again = 0

    def send(self, _):
        client = Client()
        try:
            while True:
                is_lie, letter = self.waiting.get_nowait()
                answer = letter.post(client)
                self.answers.append((is_lie, answer.status_code))
                if answer.status_code == 500 and not is_lie:
                    self.again += 1
                    self.waiting.put((is_lie, letter))
        except queue.Empty:
            pass
        finally:
            connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_webhooks(configured, figure):
    now = timezone.now()
    year, everybody = year_of(DELIVERIES, now)
    dice = random.Random(11)
    true = [(False, letter) for letter in year.letters] * 3
    lies = [(True, letter) for letter in forged(year.letters, DELIVERIES - len(true), dice, now)]
    letters = true + lies
    dice.shuffle(letters)

    provider, began = Provider(letters), time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(provider.send, range(THREADS)))
    took = time.monotonic() - began

    assert {status for is_lie, status in provider.answers if is_lie} == {400}
    assert {status for is_lie, status in provider.answers if not is_lie} <= {200, 500}
    assert not WebhookEvent.objects.filter(event_id__startswith="forged").exists()
    assert WebhookEvent.objects.count() == len(year.letters)
    assert not WebhookEvent.objects.filter(state="failed").exists()

    kept = Subscription.objects.select_related("person")
    found = {
        (each.provider, each.reference): Truth(
            each.person.actor_id, each.plan, each.status, each.current_period_end, each.renews, each.seats
        )
        for each in kept
    }
    assert found.keys() == year.truth.keys()
    wrong = {key: (found[key], year.truth[key]) for key in found if not alike(found[key], year.truth[key])}
    assert wrong == {}
    for person in User.objects.filter(actor_id__in=everybody):
        assert queries.entitlements(person=person, now=year.now) == year.entitlements(person.actor_id)
    words = f"{len(letters):,} deliveries, {len(lies):,} of them forged, from {THREADS} threads"
    figure(
        "a storm of webhooks",
        f"{words}: {len(year.letters):,} events, {provider.again:,} sent again, none lost, none forged accepted;"
        f" entitlements of {len(everybody):,} people equal the oracle's; {len(provider.answers) / took:.0f} a second",
    )


def alike(found, truth):
    """Stripe's seconds are whole, and RevenueCat's thousandths."""
    return abs(found.ends_at - truth.ends_at) < timedelta(seconds=1) and replace(found, ends_at=truth.ends_at) == truth


# --- Killed ---------------------------------------------------------------------------------------


def posted(letter):
    """What the process that dies is given: it signs nothing itself."""
    seen = {}

    class Pen:
        def post(self, path, text, *, content_type, headers):
            seen.update(path=path, text=text, headers=headers)

    letter.post(Pen())
    return seen


def victims(kind, person, now):
    ends_at = now + timedelta(days=20)
    if kind == "stripe":
        about = stripe_subscription("sub_kill", person=person.actor_id, ends_at=ends_at, plan="club", cancels=True)
        return stripe_event("evt_kill", "customer.subscription.updated", about, at=now - timedelta(minutes=1))
    return revenuecat_event(
        "rc_kill", "CANCELLATION", person=person.actor_id, at=now - timedelta(minutes=1), ends_at=ends_at
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["stripe", "revenuecat"])
def test_killed_between_any_two_statements_nothing_is_lost_or_doubled(configured, kind):
    """A process takes one delivery and is killed before its k-th statement (BEGIN and COMMIT count), for every k
    until it lives. After each death: all or nothing, and all once the provider has come again."""
    now = timezone.now()
    environment = (
        os.environ
        | {
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "THROTTLE_ANONYMOUS": "0",
        }
        | {name: ",".join(value) if isinstance(value, list) else value for name, value in CONFIGURED.items()}
    )
    person = User.objects.create(email="kill@dojang.example", password="!")
    letter = victims(kind, person, now)
    dying = subprocess.Popen(
        [sys.executable, "-m", "accounts.tests.dying"], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    fates = []
    try:
        for k in range(1, 80):
            dying.stdin.write(json.dumps(posted(letter) | {"before": k}) + "\n")
            dying.stdin.flush()
            fates.append(dying.stdout.readline().strip())
            assert fates[-1] in {"killed", "200"}
            was_kept = WebhookEvent.objects.count()
            assert was_kept == Subscription.objects.count() == changes()
            assert letter.post(Client()).json()["outcome"] == ("duplicate" if was_kept else "processed")
            event = WebhookEvent.objects.get()
            assert (event.state, event.attempts) == ("processed", 1)
            kept = Subscription.objects.get()
            assert (kept.person, kept.status, kept.renews) == (person, "active", False)
            assert changes() == 1
            assert person.notices.count() == 1
            if fates[-1] == "200":
                break
            WebhookEvent.objects.all().delete()
            Subscription.objects.all().delete()
            person.notices.all().delete()
    finally:
        dying.kill()
        dying.wait()
        dying.stdin.close()
        dying.stdout.close()
    assert fates[-1] == "200"
    assert len(fates) > 10


def changes():
    """How many subscriptions that are there were changed by somebody, by the trail, which keeps everything."""
    there = [str(pk) for pk in Subscription.objects.values_list("pk", flat=True)]
    return AuditEvent.objects.filter(type="subscription.changed", object_id__in=there).count()
