"""Whoever has an answer about their practice already is told so, and never when anything has changed for them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from learning.handbook.tests.factories import small_handbook
from learning.practice import commands
from learning.practice.models import ReviewCard

from .factories import CardFactory
from .progress_factories import ProgressFactory

pytestmark = pytest.mark.django_db
PROGRESS, QUEUE, STATS = URLS = ("/api/v1/progress", "/api/v1/reviews/queue", "/api/v1/stats")


@pytest.fixture
def card(ben):
    """One of two that are due, and something told."""
    ProgressFactory(person=ben, item="ap-cha-busigi")
    CardFactory(person=ben, front="Hello?", back="Annyong")
    return CardFactory(person=ben)


def ask(client, url, tag=""):
    return client.get(url, headers={"If-None-Match": tag} if tag else {})


def tags(client):
    return {url: ask(client, url)["ETag"] for url in URLS}


def statuses(client, held):
    return {url: ask(client, url, tag).status_code for url, tag in held.items()}


def reviewed(person, card):
    now = timezone.now()
    given = commands.Given(uuid4(), card.pk, 4, now)
    commands.accept_reviews(person=person, given=[given], sent_at=None, device="", now=now)


class TestNotModified:
    @pytest.mark.parametrize("url", URLS)
    def test_what_has_not_changed_is_not_sent_again(self, signed_in, card, url):
        answer = ask(signed_in, url)
        again = ask(signed_in, url, answer["ETag"])
        assert (answer.status_code, again.status_code, again.content) == (200, 304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again[name] == answer[name]
        assert answer["Cache-Control"] == "private, no-cache"
        assert ask(signed_in, url, "*").status_code == 304
        assert ask(signed_in, url, 'W/"another"').status_code == 200

    @pytest.mark.parametrize("url", URLS)
    def test_refusals_have_no_tag(self, client, db, url):
        answer = client.get(url, headers={"If-None-Match": "*"})
        assert (answer.status_code, answer["Cache-Control"]) == (401, "no-store")
        assert "ETag" not in answer

    def test_another_question_has_another_tag(self, signed_in, ben, card):
        assert ask(signed_in, f"{PROGRESS}?limit=1")["ETag"] != ask(signed_in, PROGRESS)["ETag"]
        assert ask(signed_in, f"{QUEUE}?limit=1", ask(signed_in, QUEUE)["ETag"]).status_code == 200

    def test_so_has_somebody_else(self, app, ben, cleo):
        mine, theirs = tags(app(ben)), tags(app(cleo))
        assert not set(mine.values()) & set(theirs.values())

    def test_that_time_goes_on_is_no_news_of_the_queue(self, signed_in, card):
        """Each key says when the card would come back: a second later that is a second later."""
        first, second = ask(signed_in, QUEUE), ask(signed_in, QUEUE)
        assert first.json()["items"][0]["keys"] != second.json()["items"][0]["keys"]
        assert first["ETag"] == second["ETag"]


class TestNews:
    def test_a_review_is_news_of_the_queue_and_the_numbers(self, signed_in, ben, card):
        held = tags(signed_in)
        reviewed(ben, card)
        assert statuses(signed_in, held) == {PROGRESS: 304, QUEUE: 200, STATS: 200}

    def test_one_of_somebody_else_is_not(self, signed_in, cleo, card):
        held = tags(signed_in)
        reviewed(cleo, CardFactory(person=cleo))
        assert set(statuses(signed_in, held).values()) == {304}

    def test_progress_is_news_of_itself_and_of_the_streak(self, signed_in, ben, card):
        small_handbook(now=timezone.now() - timedelta(days=1))
        held, now = tags(signed_in), timezone.now()
        commands.merge_progress(
            person=ben, item_type="technique", item="ap-cha-busigi", status="done", score=9, occurred_at=now, now=now
        )
        assert statuses(signed_in, held) == {PROGRESS: 200, QUEUE: 304, STATS: 200}

    def test_another_text_of_a_card_is_news_of_the_queue(self, signed_in, ben, card):
        held = tags(signed_in)
        commands.rewrite(person=ben, card_id=card.pk, now=timezone.now(), front="Other", back="Side")
        assert statuses(signed_in, held) == {PROGRESS: 304, QUEUE: 200, STATS: 304}

    def test_an_interval_that_changes_is_news_of_the_queue(self, signed_in, ben, card):
        """What a rating would lead to counts, only its instant does not."""
        reviewed(ben, card)
        now = timezone.now()
        ReviewCard.objects.filter(pk=card.pk).update(due_at=now, reviewed_at=now - timedelta(days=8))
        held = tags(signed_in)
        ReviewCard.objects.filter(pk=card.pk).update(stability=500)
        assert statuses(signed_in, held)[QUEUE] == 200
