"""The review as people use it, without a script; the pack that a script takes along says the same."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from learning.practice import commands, queries
from learning.practice.models import CardOrigin, Retraction, Review, ReviewCard

from .deck_factories import BELT, put_term, small_deck
from .factories import CardFactory

pytestmark = pytest.mark.django_db
REVIEW = "/practise/review/"


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def shelf(now):
    small_deck(now=now)


def give_deck(person, now, part="all"):
    subjects = queries.subjects_of_deck(belt=BELT, part=part, now=now)
    return commands.add_cards(person=person, subjects=subjects, origin=CardOrigin.DECK, now=now)


def review(person, card, rating, *, at):
    given = commands.Given(uuid4(), card.pk, rating, at)
    commands.accept_reviews(person=person, given=[given], sent_at=None, device="test", now=at)
    card.refresh_from_db()
    return given.client_id


def shown(text):
    """The forms of the page as a browser without a script sees them: action → hidden fields."""
    forms = re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', text, re.DOTALL)
    return {
        action: dict(re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', body))
        for action, body in forms
    }


def embedded(text):
    return json.loads(re.search(r'<script id="pack" type="application/json">(.*?)</script>', text, re.DOTALL)[1])


class TestReview:
    def test_a_stranger_signs_in_first(self, client):
        assert client.get(REVIEW)["Location"].startswith("/account/login/")

    def test_the_whole_way_without_a_script(self, signed_in, ben):
        card = CardFactory(person=ben, front="Hello?", back="Annyong")
        text = signed_in.get(REVIEW).content.decode()
        assert "Hello?" in text
        assert ">Annyong" not in text.split('<script id="pack"')[0]
        (link,) = re.findall(r'href="([^"]+)"\s+data-show', text)
        answered = signed_in.get(link.replace("&amp;", "&")).content.decode()
        assert "Annyong" in answered.split('<script id="pack"')[0]
        action = f"{REVIEW}{card.pk}/rating/"
        fields = shown(answered)[action]
        reply = signed_in.post(action, fields | {"rating": "4"})
        assert (reply.status_code, reply["Location"]) == (303, REVIEW)
        card.refresh_from_db()
        assert card.reviews == 1
        assert Review.objects.get().device == "page"
        assert "Done for today" in signed_in.get(REVIEW).content.decode()

    def test_the_keys_say_when_the_card_comes_back(self, signed_in, ben):
        CardFactory(person=ben)
        text = signed_in.get(f"{REVIEW}?shown=1").content.decode()
        labels = re.findall(r"data-when>([^<]+)<", text)
        assert labels == ["1 min", "6 min", "10 min", "8 days"]

    def test_they_say_so_in_polish(self, signed_in, ben):
        CardFactory(person=ben)
        assert "1 min" in signed_in.get(f"{REVIEW}?shown=1", headers={"Accept-Language": "pl"}).content.decode()

    def test_a_second_press_is_the_same_review(self, signed_in, ben):
        card = CardFactory(person=ben)
        sent = {"client_id": str(uuid4()), "rating": "3", "seen_at": timezone.now().isoformat()}
        for _ in range(2):
            assert signed_in.post(f"{REVIEW}{card.pk}/rating/", sent).status_code == 303
        assert Review.objects.count() == 1

    def test_how_long_it_took_is_counted_from_the_showing(self, signed_in, ben):
        card = CardFactory(person=ben)
        seen_at = timezone.now() - timedelta(seconds=4)
        sent = {"client_id": str(uuid4()), "rating": "3", "seen_at": seen_at.isoformat()}
        signed_in.post(f"{REVIEW}{card.pk}/rating/", sent)
        assert 4000 <= Review.objects.get().duration < 60_000

    @pytest.mark.parametrize(
        "sent",
        [{}, {"rating": "5"}, {"rating": "x"}, {"rating": "3", "client_id": "no"}, {"rating": "3", "seen_at": "today"}],
    )
    def test_what_cannot_be_used_is_refused_with_the_card_still_there(self, signed_in, ben, sent):
        card = CardFactory(person=ben, front="Hello?")
        reply = signed_in.post(f"{REVIEW}{card.pk}/rating/", {"client_id": str(uuid4())} | sent)
        assert reply.status_code == 422
        text = reply.content.decode()
        assert 'role="alert"' in text
        assert "Hello?" in text
        assert not Review.objects.exists()

    def test_a_card_of_somebody_else_is_not_found(self, signed_in, cleo):
        card = CardFactory(person=cleo, front="Secret")
        sent = {"client_id": str(uuid4()), "rating": "3"}
        assert signed_in.post(f"{REVIEW}{card.pk}/rating/", sent).status_code == 404
        assert not Review.objects.exists()
        assert "Secret" not in signed_in.get(f"{REVIEW}?card={card.pk}").content.decode()

    def test_a_card_can_be_asked_for(self, signed_in, ben, now):
        CardFactory(person=ben, front="First?", created_at=now)
        second = CardFactory(person=ben, front="Second?", created_at=now + timedelta(seconds=1))
        page = signed_in.get(f"{REVIEW}?card={second.pk}").content.decode()
        assert embedded(page)["cards"][0]["id"] == str(second.pk)
        assert len(embedded(page)["cards"]) == 2
        for nonsense in ("x", str(uuid4()), "\x00"):
            assert signed_in.get(REVIEW, {"card": nonsense}).status_code == 200

    def test_nothing_due_and_nothing_done_stamps_no_seal(self, signed_in, ben):
        text = signed_in.get(REVIEW).content.decode()
        assert "Nothing is due" in text
        assert "stamp" not in text

    def test_a_finished_day_is_stamped(self, signed_in, ben, now):
        review(ben, CardFactory(person=ben), 4, at=now)
        text = signed_in.get(REVIEW).content.decode()
        assert "Done for today" in text
        assert 'class="stamp"' in text


class TestUndo:
    def test_the_last_review_is_taken_back_and_its_card_asked_again(self, signed_in, ben, now):
        card = CardFactory(person=ben)
        review(ben, card, 4, at=now)
        reply = self.pressed(signed_in)
        assert (reply.status_code, reply["Location"]) == (303, f"{REVIEW}?card={card.pk}")
        card.refresh_from_db()
        assert card.reviews == 0
        assert Review.objects.count() == Retraction.objects.count() == 1

    def test_a_second_press_takes_no_other_one_back(self, signed_in, ben, now):
        cards = CardFactory.create_batch(2, person=ben)
        for minute, card in enumerate(cards):
            review(ben, card, 4, at=now - timedelta(minutes=9 - minute))
        fields = self.fields(signed_in)
        for _ in range(2):
            assert signed_in.post(f"{REVIEW}undo/", fields)["Location"] == f"{REVIEW}?card={cards[1].pk}"
        assert [ReviewCard.objects.get(pk=card.pk).reviews for card in cards] == [1, 0]
        assert self.pressed(signed_in)["Location"] == f"{REVIEW}?card={cards[0].pk}"

    def test_what_is_not_the_last_one_any_more_stays(self, signed_in, ben, now):
        card = CardFactory(person=ben)
        review(ben, card, 4, at=now - timedelta(days=3))
        fields = self.fields(signed_in)
        review(ben, card, 4, at=now)
        self.assert_nothing_is_taken_back(signed_in, fields)

    @pytest.mark.parametrize("sent", [{}, {"review": ""}, {"review": "x"}, {"review": str(uuid4())}])
    def test_with_nothing_to_take_back_it_says_so(self, signed_in, ben, now, sent):
        review(ben, CardFactory(person=ben), 4, at=now)
        self.assert_nothing_is_taken_back(signed_in, sent)

    def test_that_of_somebody_else_is_not_taken_back(self, signed_in, cleo, now):
        theirs = review(cleo, CardFactory(person=cleo), 4, at=now)
        self.assert_nothing_is_taken_back(signed_in, {"review": str(theirs)})

    def assert_nothing_is_taken_back(self, client, fields):
        reply = client.post(f"{REVIEW}undo/", fields, follow=True)
        assert "There is nothing to take back." in reply.content.decode()
        assert not Retraction.objects.exists()

    def fields(self, client):
        return shown(client.get(REVIEW).content.decode())[f"{REVIEW}undo/"]

    def pressed(self, client):
        return client.post(f"{REVIEW}undo/", self.fields(client))

    def test_reading_takes_nothing_back(self, signed_in):
        assert signed_in.get(f"{REVIEW}undo/").status_code == 405


class TestPack:
    def test_the_pack_shows_what_the_page_shows(self, signed_in, ben, shelf, now):
        give_deck(ben, now)
        for card in embedded(signed_in.get(REVIEW).content.decode())["cards"]:
            page = signed_in.get(f"{REVIEW}?card={card['id']}&shown=1").content.decode()
            front = re.search(r'data-front>(.*?)</div>\s*<div class="face face--back"', page, re.DOTALL)[1]
            back = re.search(r"data-back>(.*?)</div>\s*</section>", page, re.DOTALL)[1]
            assert front.strip() == card["front"].strip()
            assert back.strip() == card["back"].strip()
            assert card["back"].strip()
            assert re.findall(r"data-when>([^<]+)<", page) == [key["label"] for key in card["keys"]]

    def test_it_says_for_whom_it_is_and_what_comes_back_soon(self, signed_in, ben):
        card = CardFactory(person=ben)
        pack = signed_in.get(f"{REVIEW}pack.json").json()
        assert pack["person"] == str(ben.actor_id)
        assert (pack["total"], pack["done"]) == (1, 0)
        (found,) = pack["cards"]
        assert found["id"] == str(card.pk)
        assert [key["soon"] > 0 for key in found["keys"]] == [True, True, True, False]
        assert set(found["then"]) == {"1", "2", "3"}
        assert [key["rating"] for key in found["then"]["1"]] == [1, 2, 3, 4]

    def test_it_says_which_cards_give_each_other_away(self, signed_in, ben, now):
        put_term(now=now)
        give_deck(ben, now, part="words")
        for guid in ("one:0", "dojang:x", ""):
            CardFactory(person=ben, guid=guid)
        found = {card["family"] for card in signed_in.get(f"{REVIEW}pack.json").json()["cards"]}
        assert found == {ReviewCard.objects.filter(kind="term")[0].term_id, "one", 0}

    def test_nobody_else_gets_it(self, client, signed_in, ben, cleo):
        CardFactory(person=ben)
        client.force_login(cleo)
        assert client.get(f"{REVIEW}pack.json").json()["cards"] == []
        client.logout()
        assert client.get(f"{REVIEW}pack.json").status_code == 302

    def test_nothing_keeps_it(self, signed_in):
        for url in (REVIEW, f"{REVIEW}pack.json"):
            assert "no-store" in signed_in.get(url)["Cache-Control"]

    @pytest.mark.parametrize("number", [3, 30])
    def test_many_cards_cost_as_much_as_few(self, signed_in, ben, now, number, django_assert_max_num_queries):
        for each in range(number):
            put_term(now=now, slug=f"word-{each}")
        commands.change_settings(
            person=ben, algo="fsrs", retention=0.9, new_a_day=200, reviews_a_day=50, grading_on=None,
            reminder_hour=None, now=now,
        )  # fmt: skip
        assert len(give_deck(ben, now)) == 2 * number
        with django_assert_max_num_queries(20):
            assert len(signed_in.get(f"{REVIEW}pack.json").json()["cards"]) == number


class TestPlace:
    def test_who_has_no_cards_is_offered_those_of_their_belt(self, signed_in, ben):
        text = signed_in.get("/practise/").content.decode()
        assert "Add the cards of the 9th kup" in text
        assert "/practise/decks/9/" in shown(text)

    def test_what_is_due_and_one_way_to_begin(self, signed_in, ben):
        CardFactory.create_batch(3, person=ben)
        text = signed_in.get("/practise/").content.decode()
        assert re.search(r"<dd>\s*3\s", text)
        assert text.count("btn--primary") == 1
        assert 'href="/practise/review/"' in text

    def test_a_backlog_can_be_spread_and_not_spread_any_more(self, signed_in, ben, now):
        begun = now - timedelta(days=60)
        for card in CardFactory.create_batch(25, person=ben, created_at=begun):
            review(ben, card, 4, at=begun)
        assert "over 7 days" in signed_in.get("/practise/").content.decode()
        assert signed_in.post("/practise/catch-up/", {"days": "7"})["Location"] == "/practise/"
        assert queries.queue(person=ben, now=now).due < 25
        text = signed_in.get("/practise/").content.decode()
        assert "You are catching up" in text
        assert "over 7 days" not in text
        signed_in.post("/practise/catch-up/", {"end": "1"})
        assert queries.queue(person=ben, now=now).due == 25

    @pytest.mark.parametrize("sent", [{}, {"days": "8"}, {"days": "x"}])
    def test_a_backlog_is_not_spread_over_anything_else(self, signed_in, sent):
        assert signed_in.post("/practise/catch-up/", sent).status_code == 404

    def test_a_few_due_cards_are_no_backlog(self, signed_in, ben, now):
        begun = now - timedelta(days=60)
        review(ben, CardFactory(person=ben, created_at=begun), 4, at=begun)
        assert "over 7 days" not in signed_in.get("/practise/").content.decode()

    def test_cards_that_are_forgotten_again_and_again_are_named(self, signed_in, ben):
        ReviewCard.objects.filter(pk=CardFactory(person=ben).pk).update(lapses=8)
        text = signed_in.get("/practise/").content.decode()
        assert "Forgotten again and again" in text
        assert "/practise/cards/?state=leech" in text
