"""The queue and the log over HTTP: each review is answered by itself, and nobody reaches the cards of others."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from learning.practice import commands, queries
from learning.practice.models import CardOrigin, Retraction, Review

from .deck_factories import BELT, put_term, small_deck
from .factories import CardFactory

pytestmark = pytest.mark.django_db
QUEUE, SEND = "/api/v1/reviews/queue", "/api/v1/reviews"


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


def said(card, rating=3, **fields):
    review = {
        "client_id": str(uuid4()), "card_id": str(getattr(card, "pk", card)), "rating": rating,
        "reviewed_at": timezone.now().isoformat(), "duration": 1200,
    }  # fmt: skip
    return review | fields


def send(client, *reviews, retractions=(), **fields):
    batch = {"sent_at": timezone.now().isoformat(), "device": "phone", "reviews": reviews, "retractions": retractions}
    return client.post(SEND, batch | fields, content_type="application/json")


def results(reply):
    return [(each["result"], each["reason"]) for each in reply.json()["reviews"]]


class TestDoor:
    def test_nobody_asks_without_signing_in(self, client):
        assert client.get(QUEUE).status_code == 401
        assert send(client).status_code == 401

    def test_the_app_and_our_pages_may(self, app, signed_in, ben):
        CardFactory(person=ben)
        for client in (app(ben), signed_in):
            assert client.get(QUEUE).json()["total"] == 1

    def test_a_page_of_another_site_may_not_send(self, ben):
        client = Client(enforce_csrf_checks=True)
        client.force_login(ben)
        reply = send(client, said(CardFactory(person=ben)))
        assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")
        assert not Review.objects.exists()


class TestQueue:
    @pytest.fixture
    def mine(self, ben, now):
        small_deck(now=now)
        subjects = queries.subjects_of_deck(belt=BELT, part="all", now=now)
        commands.add_cards(person=ben, subjects=subjects, origin=CardOrigin.DECK, now=now)
        CardFactory(person=ben, front="Hello?", back="Annyong")

    def test_cards_with_both_sides_in_all_languages(self, signed_in, mine):
        told = signed_in.get(QUEUE).json()
        assert told["total"] == told["new"] == len(told["items"])
        by_kind = {card["kind"]: card for card in told["items"]}
        assert by_kind["term"]["word"]["names"].keys() == {"pl", "en", "ko"}
        assert by_kind["technique"]["word"]["hangul"] == "앞주먹"
        assert by_kind["step"]["movement"]["tul"] == "dan-gun"
        assert by_kind["question"]["question"]["options"][0] == {
            "text": {"pl": "one pl", "en": "one", "ko": "하나"}, "pair": None, "is_right": True,
        }  # fmt: skip
        assert by_kind["own"]["own"] == {"front": "Hello?", "back": "Annyong", "deck": ""}
        for card in told["items"]:
            assert sum(card[face] is not None for face in ("word", "movement", "question", "own")) == 1
            assert [key["rating"] for key in card["keys"]] == [1, 2, 3, 4]

    def test_as_many_as_asked_for(self, signed_in, mine):
        told = signed_in.get(f"{QUEUE}?limit=2").json()
        assert len(told["items"]) == 2
        assert told["total"] > 2

    @pytest.mark.parametrize("wrong", ["limit=0", "limit=201", "limit=x", "cursor=1"])
    def test_what_cannot_be_asked_is_a_problem(self, signed_in, wrong):
        reply = signed_in.get(f"{QUEUE}?{wrong}")
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid")

    def test_nobody_sees_the_cards_of_others(self, signed_in, cleo):
        CardFactory(person=cleo)
        assert signed_in.get(QUEUE).json()["items"] == []

    @pytest.mark.parametrize("number", [2, 40])
    def test_many_cards_cost_as_much_as_few(self, signed_in, ben, now, number, django_assert_max_num_queries):
        for each in range(number):
            put_term(now=now, slug=f"word-{each}")
        subjects = [
            subject
            for each in range(number)
            for subject in queries.subjects_about(kind="term", key=f"word-{each}", now=now)
        ]
        commands.add_cards(person=ben, subjects=subjects, origin=CardOrigin.DECK, now=now)
        with django_assert_max_num_queries(14):
            assert len(signed_in.get(f"{QUEUE}?limit=200").json()["items"]) == min(number, 10)


class TestSending:
    def test_each_is_answered_by_itself_in_order(self, signed_in, ben, cleo):
        mine, theirs = CardFactory(person=ben), CardFactory(person=cleo)
        first = said(mine, 4)
        reply = send(
            signed_in, first, said(theirs), said(uuid4()), said(mine, 9), first,
            said(mine, reviewed_at="1970-01-01T00:00:00Z"),
        )  # fmt: skip
        assert reply.status_code == 200
        assert results(reply) == [
            ("applied", ""), ("rejected", "not_found"), ("rejected", "not_found"), ("rejected", "no_such_rating"),
            ("duplicate", ""), ("rejected", "no_such_time"),
        ]  # fmt: skip
        assert Review.objects.get().device == "phone"
        stand = reply.json()["reviews"][0]["card"]
        mine.refresh_from_db()
        assert stand["id"] == str(mine.pk)
        assert (stand["stage"], stand["interval"]) == ("review", mine.interval)
        assert reply.json()["reviews"][1]["card"] is None

    def test_sent_again_it_is_a_duplicate(self, signed_in, ben):
        review = said(CardFactory(person=ben))
        assert results(send(signed_in, review)) == [("applied", "")]
        assert results(send(signed_in, review)) == [("duplicate", "")]
        assert Review.objects.count() == 1

    def test_a_clock_that_is_wrong_is_set_right(self, signed_in, ben):
        fast = timezone.now() + timedelta(hours=48)
        send(
            signed_in, said(CardFactory(person=ben), reviewed_at=(fast - timedelta(hours=1)).isoformat()),
            sent_at=fast.isoformat(),
        )  # fmt: skip
        age = timezone.now() - Review.objects.get().corrected_at
        assert timedelta(minutes=59) < age < timedelta(minutes=61)

    def test_a_review_is_taken_back_also_before_it_arrives(self, signed_in, ben):
        card = CardFactory(person=ben)
        late, sent = said(card), said(card)
        send(signed_in, sent)
        gone = [{"client_id": each["client_id"]} for each in (sent, late)]
        reply = send(signed_in, retractions=gone).json()["retractions"]
        assert [each["client_id"] for each in reply] == [each["client_id"] for each in gone]
        assert [each["result"] for each in reply] == ["applied", "applied"]
        assert reply[0]["card"]["stage"] == "new"
        assert reply[1]["card"] is None
        send(signed_in, late)
        card.refresh_from_db()
        assert card.reviews == 0
        assert Retraction.objects.count() == 2

    def test_nobody_takes_back_what_others_did(self, signed_in, cleo, now):
        card = CardFactory(person=cleo)
        given = commands.Given(uuid4(), card.pk, 4, now)
        commands.accept_reviews(person=cleo, given=[given], sent_at=None, device="", now=now)
        send(signed_in, retractions=[{"client_id": str(given.client_id)}])
        card.refresh_from_db()
        assert card.reviews == 1
        assert queries.counted(person=cleo).count() == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"reviewed_at": "2026-11-21T18:04:12"},
            {"reviewed_at": "yesterday"},
            {"reviewed_at": "9999-12-31T23:59:59-12:00"},
            {"client_id": "one"},
            {"card_id": None},
            {"rating": "good"},
            {"duration": -1},
        ],
    )
    def test_what_has_no_meaning_is_a_problem_and_nothing_is_kept(self, signed_in, ben, fields):
        card = CardFactory(person=ben)
        reply = send(signed_in, said(card), said(card, **fields))
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid")
        assert not Review.objects.exists()

    @pytest.mark.parametrize("sent_at", ["2026-11-21T18:04:12", "", None])
    def test_the_clock_says_its_offset(self, signed_in, sent_at):
        assert send(signed_in, sent_at=sent_at).status_code == 422

    def test_a_batch_has_an_end(self, signed_in, ben):
        card = CardFactory(person=ben)
        assert send(signed_in, *[said(card) for _ in range(501)]).status_code == 422
        assert results(send(signed_in, *[said(card) for _ in range(500)])) == [("applied", "")] * 500

    def test_odd_devices_are_written_down_as_far_as_they_can_be(self, signed_in, ben):
        assert send(signed_in, said(CardFactory(person=ben)), device="a\x00b").status_code == 200
        assert Review.objects.get().device == "ab"
        assert send(signed_in, device="x" * 65).status_code == 422

    @pytest.mark.parametrize("number", [1, 50])
    def test_many_that_are_taken_back_cost_as_much_as_one(self, signed_in, ben, number, django_assert_max_num_queries):
        reviews = [said(card) for card in CardFactory.create_batch(number, person=ben)]
        send(signed_in, *reviews)
        with django_assert_max_num_queries(28):
            reply = send(signed_in, retractions=[{"client_id": each["client_id"]} for each in reviews]).json()
        assert [each["card"]["stage"] for each in reply["retractions"]] == ["new"] * number

    @pytest.mark.parametrize("number", [1, 50])
    def test_many_reviews_cost_as_much_as_one(self, signed_in, ben, number, django_assert_max_num_queries):
        reviews = [said(card) for card in CardFactory.create_batch(number, person=ben)]
        with django_assert_max_num_queries(18):
            assert results(send(signed_in, *reviews)) == [("applied", "")] * number
