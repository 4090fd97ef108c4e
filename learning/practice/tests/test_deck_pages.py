"""Decks, cards, settings and the grading, as people use them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from learning.handbook import commands as handbook_commands
from learning.handbook.rules import entries
from learning.handbook.tests.factories import TEXT
from learning.practice import commands, queries
from learning.practice.models import Learner, ReviewCard

from .deck_factories import BELT, put_question, put_term, small_deck
from .factories import CardFactory, ReviewFactory
from .test_review_pages import give_deck, review, shown

pytestmark = pytest.mark.django_db
DECK = f"/practise/decks/{BELT}/"
SETTINGS = {"algo": "fsrs", "retention": "90", "new_a_day": "10", "reviews_a_day": "50"}


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def shelf(now):
    small_deck(now=now)


def parts(client):
    """The buttons above the lists."""
    top = client.get(DECK).text.split("<section")[0]
    return re.findall(r'name="part"\s+value="(\w+)"', top)


@pytest.mark.parametrize(
    "url", ["/practise/", "/practise/decks/", DECK, "/practise/cards/", "/practise/settings/", "/practise/grading/"]
)
class TestEveryPage:
    def test_a_stranger_signs_in_first(self, client, url):
        assert client.get(url)["Location"].startswith("/account/login/")

    @pytest.mark.parametrize("language", ["en", "pl", "ko"])
    def test_it_has_one_heading(self, signed_in, shelf, url, language):
        text = signed_in.get(url, headers={"Accept-Language": language}).content.decode()
        assert text.count("<h1") == 1


class TestDecks:
    def test_each_belt_with_what_is_mine(self, signed_in, ben, shelf, now):
        give_deck(ben, now, part="words")
        text = signed_in.get("/practise/decks/").content.decode()
        assert DECK in text
        assert "9 cards" in text
        assert "6 mine" in text
        assert "You meet 10 new cards a day, however many you add." in text
        assert "6 in review" not in text

    def test_before_a_grading_more_new_cards_may_come_than_the_limit(self, signed_in, ben, shelf):
        ahead = (timezone.localdate() + timedelta(days=20)).isoformat()
        signed_in.post("/practise/settings/", SETTINGS | {"grading_on": ahead})
        for url in ("/practise/decks/", DECK):
            assert "however many you add; the plan for your grading may ask for more." in signed_in.get(url).text

    @pytest.mark.parametrize(("part", "number"), [("all", 9), ("words", 6), ("tul", 2), ("questions", 1)])
    def test_a_part_of_a_deck_is_added(self, signed_in, ben, shelf, part, number):
        reply = signed_in.post(DECK, {"part": part}, follow=True)
        assert reply.redirect_chain == [(DECK, 303)]
        assert "among yours now" in reply.content.decode()
        assert ReviewCard.objects.filter(person=ben).count() == number
        signed_in.post(DECK, {"part": part})
        assert ReviewCard.objects.filter(person=ben).count() == number

    def test_a_second_press_adds_nothing_and_says_so(self, signed_in, ben, shelf):
        assert "9 cards are among yours now." in signed_in.post(DECK, {"part": "all"}, follow=True).text
        again = signed_in.post(DECK, {"part": "all"}, follow=True).text
        assert "They are all yours already." in again
        assert "among yours now" not in again

    def test_only_what_was_missing_is_counted(self, signed_in, ben, shelf, now):
        cards = give_deck(ben, now, part="words")
        commands.put_away(person=ben, card_id=cards[0].pk, now=now)
        assert "4 cards are among yours now." in signed_in.post(DECK, {"part": "all"}, follow=True).text

    def test_a_part_can_be_added_while_anything_of_it_is_missing(self, signed_in, ben, shelf, now):
        assert parts(signed_in) == ["all", "words", "tul", "questions"]
        give_deck(ben, now, part="tul")
        assert parts(signed_in) == ["all", "words", "questions"]
        signed_in.post(DECK, {"part": "all"})
        assert parts(signed_in) == []

    def test_it_can_be_begun_when_something_of_it_waits_today(self, signed_in, ben, shelf, now):
        CardFactory(person=ben)
        assert "Practise now" not in signed_in.get(DECK).text
        cards = give_deck(ben, now, part="questions")
        assert "Practise now" in signed_in.get(DECK).text
        review(ben, cards[0], 4, at=now)
        assert "Practise now" not in signed_in.get(DECK).text

    def test_one_tul_is_added(self, signed_in, ben, shelf):
        signed_in.post(DECK, {"part": "tul", "tul": "dan-gun"})
        assert ReviewCard.objects.filter(person=ben).count() == 2
        signed_in.post(DECK, {"part": "tul", "tul": "another"})
        assert ReviewCard.objects.filter(person=ben).count() == 2

    def test_what_is_in_it_and_what_of_it_i_know(self, signed_in, ben, shelf, now):
        for card in give_deck(ben, now, part="words"):
            review(ben, card, 4, at=now)
        text = signed_in.get(DECK).content.decode()
        for name in ("Attention", "Bow", "Forefist", "Dan-Gun", "What is what-is-it?"):
            assert name in text
        assert text.count("chip--good") == 3
        assert "not added" in text

    @pytest.mark.parametrize("part", ["", "everything", "al\x00l"])
    def test_another_part_is_refused(self, signed_in, shelf, part):
        assert signed_in.post(DECK, {"part": part}).status_code == 422

    @pytest.mark.parametrize("belt", [3, 11, 99])
    def test_a_belt_without_a_deck_is_not_found(self, signed_in, shelf, belt):
        assert signed_in.get(f"/practise/decks/{belt}/").status_code == 404

    @pytest.mark.parametrize("number", [1, 12])
    def test_a_large_deck_costs_as_much_as_a_small_one(
        self, signed_in, ben, shelf, now, number, django_assert_max_num_queries
    ):
        for each in range(number):
            put_term(now=now, slug=f"word-{each}")
            put_question(now=now, slug=f"question-{each}")
        give_deck(ben, now)
        with django_assert_max_num_queries(24):
            signed_in.get(DECK)


class TestPractiseThis:
    def term_page(self, client):
        return client.get("/glossary/charyot/").content.decode()

    def test_beside_a_word(self, signed_in, ben, shelf):
        forms = shown(self.term_page(signed_in))
        fields = forms["/practise/cards/new/"]
        assert fields["kind"] == "term"
        reply = signed_in.post("/practise/cards/new/", fields)
        assert (reply.status_code, reply["Location"]) == (303, "/glossary/charyot/")
        assert ReviewCard.objects.filter(person=ben, kind="term").count() == 2
        assert "/practise/cards/new/" not in shown(self.term_page(signed_in))

    def test_a_stranger_sees_nothing_of_it(self, client, shelf):
        assert "Practise this" not in self.term_page(client)

    def test_beside_a_technique_and_a_tul(self, signed_in, ben, shelf):
        for url, number in (("/techniques/ap-joomuk/", 2), ("/tuls/dan-gun/", 4)):
            signed_in.post("/practise/cards/new/", shown(signed_in.get(url).content.decode())["/practise/cards/new/"])
            assert ReviewCard.objects.filter(person=ben).count() == number

    def test_beside_an_article_that_has_questions(self, signed_in, ben, now):
        for slug in ("belts", "silent"):
            entry = entries.Article(
                slug=slug, topic="belts", belt=BELT, order=1, title=TEXT, body=TEXT, sources=["A book"]
            )
            draft = handbook_commands.draft_article(entry=entry, editor=None, now=now)
            handbook_commands.publish_edition(edition=draft, valid_from=now, editor=None, now=now)
        put_question(now=now, about="article:belts")
        assert "Practise this" not in signed_in.get("/theory/silent/").content.decode()
        fields = shown(signed_in.get("/theory/belts/").content.decode())["/practise/cards/new/"]
        signed_in.post("/practise/cards/new/", fields)
        assert ReviewCard.objects.get(person=ben).question.slug == "what-is-it"

    def test_beside_what_a_grading_asks(self, signed_in, shelf):
        text = signed_in.get(f"/belts/{BELT}/").content.decode()
        assert DECK in text
        assert "0 mine" in text

    @pytest.mark.parametrize(
        "sent",
        [{}, {"kind": "term", "key": "nothing"}, {"kind": "tul", "key": "nothing"}, {"kind": "own", "key": "x"},
         {"kind": "article", "key": "nothing"}, {"kind": "term", "key": "no slug"}],
    )  # fmt: skip
    def test_what_the_handbook_does_not_have_is_not_found(self, signed_in, shelf, sent):
        assert signed_in.post("/practise/cards/new/", sent).status_code == 404
        assert not ReviewCard.objects.exists()

    def test_it_leads_to_no_other_site(self, signed_in, shelf):
        sent = {"kind": "term", "key": "charyot", "next": "https://elsewhere.example/"}
        assert signed_in.post("/practise/cards/new/", sent)["Location"] == "/"


class TestCards:
    def listed(self, client, query=""):
        text = client.get(f"/practise/cards/{query}").content.decode()
        return set(re.findall(r'href="/practise/cards/([0-9a-f-]{36})/"', text))

    def test_mine_and_nobody_elses(self, signed_in, ben, cleo):
        mine = CardFactory(person=ben)
        CardFactory(person=cleo)
        assert self.listed(signed_in) == {str(mine.pk)}

    def test_narrowed_by_kind_state_and_deck(self, signed_in, ben, shelf, now):
        give_deck(ben, now, part="tul")
        own = CardFactory(person=ben, deck="Words")
        review(ben, own, 4, at=now)
        away = CardFactory(person=ben)
        commands.put_away(person=ben, card_id=away.pk, now=now)
        leech = CardFactory(person=ben)
        ReviewCard.objects.filter(pk=leech.pk).update(lapses=8)
        assert len(self.listed(signed_in)) == 4
        assert len(self.listed(signed_in, "?kind=step")) == 2
        assert self.listed(signed_in, "?state=known") == {str(own.pk)}
        assert self.listed(signed_in, "?deck=Words") == {str(own.pk)}
        assert self.listed(signed_in, "?state=away") == {str(away.pk)}
        assert self.listed(signed_in, "?state=leech") == {str(leech.pk)}
        assert len(self.listed(signed_in, "?state=new&kind=own")) == 1
        assert self.listed(signed_in, "?state=learning") == set()

    @pytest.mark.parametrize(
        ("q", "number"),
        [("charyot", 2), ("chariot", 2), ("Forefist", 2), ("dan gun", 2), ("what-is", 1), ("Annyong", 1)],
    )
    def test_found_by_what_they_are_about(self, signed_in, ben, shelf, now, q, number):
        give_deck(ben, now)
        CardFactory(person=ben, front="Hello?", back="annyong")
        assert len(self.listed(signed_in, f"?q={q}")) == number

    @pytest.mark.parametrize("wrong", ["kind=dance", "state=x", "deck=nothing", "q=" + "x" * 101, "q=%00"])
    def test_a_filter_that_does_not_exist_says_so(self, signed_in, wrong):
        reply = signed_in.get(f"/practise/cards/?{wrong}")
        assert reply.status_code == 422
        assert 'role="alert"' in reply.content.decode()

    @pytest.mark.parametrize("odd", ["q=%25_", "page=99", "page=x"])
    def test_odd_addresses_are_answered(self, signed_in, ben, odd):
        CardFactory(person=ben)
        assert signed_in.get(f"/practise/cards/?{odd}").status_code == 200

    ADD = "Add the deck of a belt"

    def test_only_who_has_no_card_is_told_to_add_a_deck(self, signed_in, ben, now):
        assert self.ADD in signed_in.get("/practise/cards/").text
        assert self.ADD in signed_in.get("/practise/cards/?state=leech").text
        card = CardFactory(person=ben)
        assert self.ADD not in signed_in.get("/practise/cards/?q=nothing").text
        commands.put_away(person=ben, card_id=card.pk, now=now)
        text = signed_in.get("/practise/cards/").text
        assert self.ADD not in text
        assert "All of your cards are put away" in text

    def test_no_card_that_is_forgotten_is_good(self, signed_in, ben):
        card = CardFactory(person=ben)
        text = signed_in.get("/practise/cards/?state=leech").text
        assert "None: good." in text
        assert "These were forgotten" not in text
        ReviewCard.objects.filter(pk=card.pk).update(lapses=8)
        assert "These were forgotten" in signed_in.get("/practise/cards/?state=leech").text

    @pytest.mark.parametrize("query", ["q=nothing", "state=away", "state=leech&q=nothing", "kind=term"])
    def test_a_filter_without_a_hit_can_be_cleared(self, signed_in, ben, query):
        CardFactory(person=ben)
        text = signed_in.get(f"/practise/cards/?{query}").text
        assert "Nothing found" in text
        assert re.search(r'class="btn" href="/practise/cards/"', text)

    def test_htmx_gets_only_the_list(self, signed_in, ben):
        reply = signed_in.get("/practise/cards/", headers={"HX-Request": "true"})
        assert b"<h1" not in reply.content
        assert "HX-Request" in reply["Vary"]

    @pytest.mark.parametrize("number", [2, 40])
    def test_a_long_list_costs_as_much_as_a_short_one(self, signed_in, ben, now, number, django_assert_max_num_queries):
        for each in range(number):
            put_term(now=now, slug=f"word-{each}")
        give_deck(ben, now)
        with django_assert_max_num_queries(12):
            assert len(self.listed(signed_in)) == min(30, 2 * number)


class TestCard:
    def test_both_sides_its_history_and_its_numbers(self, signed_in, ben, now):
        card = CardFactory(person=ben, front="Hello?", back="Annyong")
        first = review(ben, card, 3, at=now - timedelta(days=3))
        review(ben, card, 1, at=now - timedelta(days=1))
        commands.retract(person=ben, review_client_id=first, now=now)
        text = signed_in.get(f"/practise/cards/{card.pk}/").content.decode()
        for words in ("Hello?", "Annyong", "Recall now", "Stability", "taken back"):
            assert words in text
        assert len(re.findall(r"<tr role=\"row\">", text)) == 3

    @pytest.mark.parametrize(
        ("device", "said"),
        [("browser 1a2b3c4d", "Browser 1a2b"), ("page", "Browser"), ("Ben’s phone", "Ben’s phone"), ("", "–")],
    )
    def test_where_an_answer_came_from_is_said_in_words(self, signed_in, ben, device, said):
        card = ReviewFactory(card__person=ben, device=device).card
        text = signed_in.get(f"/practise/cards/{card.pk}/").text
        assert f'data-label="Device">{said}</td>' in text

    def test_a_card_of_somebody_else_is_not_found(self, signed_in, cleo):
        card = CardFactory(person=cleo)
        url = f"/practise/cards/{card.pk}/"
        assert signed_in.get(url).status_code == 404
        assert signed_in.post(url, {"front": "mine"}).status_code == 404
        for deed in ("put-away", "bring-back", "bury", "keep"):
            assert signed_in.post(f"{url}{deed}/").status_code == 404
        card.refresh_from_db()
        assert card.put_away_at is None
        assert card.front != "mine"

    def test_its_text_can_be_changed_when_it_is_my_own(self, signed_in, ben):
        card = CardFactory(person=ben)
        url = f"/practise/cards/{card.pk}/"
        assert signed_in.post(url, {"front": "", "back": "x"}).status_code == 422
        assert signed_in.post(url, {"front": "New?", "back": "Yes"})["Location"] == url
        card.refresh_from_db()
        assert (card.front, card.back) == ("New?", "Yes")

    def test_what_the_handbook_says_cannot(self, signed_in, ben, shelf, now):
        card = give_deck(ben, now, part="words")[0]
        assert signed_in.post(f"/practise/cards/{card.pk}/", {"front": "x"}).status_code == 404

    def test_put_away_and_brought_back(self, signed_in, ben):
        card = CardFactory(person=ben)
        signed_in.post(f"/practise/cards/{card.pk}/put-away/")
        assert "Practise it again" in signed_in.get(f"/practise/cards/{card.pk}/").content.decode()
        signed_in.post(f"/practise/cards/{card.pk}/bring-back/")
        assert queries.card(viewer=ben, card_id=card.pk).put_away_at is None

    def test_not_today(self, signed_in, ben):
        card = CardFactory(person=ben)
        reply = signed_in.post(f"/practise/cards/{card.pk}/bury/", {"next": "/practise/review/"})
        assert reply["Location"] == "/practise/review/"
        assert queries.queue(person=ben, now=timezone.now()).total == 0

    def test_one_that_is_forgotten_again_and_again_can_be_kept(self, signed_in, ben):
        card = CardFactory(person=ben)
        ReviewCard.objects.filter(pk=card.pk).update(lapses=8)
        assert "Forgotten 8 times" in signed_in.get(f"/practise/cards/{card.pk}/").content.decode()
        signed_in.post(f"/practise/cards/{card.pk}/keep/")
        card.refresh_from_db()
        assert not card.is_leech


class TestSettings:
    url = "/practise/settings/"

    def test_they_are_kept_and_the_log_is_replayed(self, signed_in, ben, now):
        card = CardFactory(person=ben)
        review(ben, card, 3, at=now)
        sent = SETTINGS | {"algo": "sm2", "retention": "85", "new_a_day": "0", "reminder_hour": "18"}
        assert signed_in.post(self.url, sent)["Location"] == self.url
        learner = Learner.objects.get(person=ben)
        assert (learner.algo, learner.retention, learner.new_a_day, learner.reminder_hour) == ("sm2", 0.85, 0, 18)
        card.refresh_from_db()
        assert card.ease is not None
        assert card.stability is None
        assert "SM-2 does not know percentages" in signed_in.get(self.url).content.decode()

    @pytest.mark.parametrize(
        ("field", "value"),
        [("algo", "sm3"), ("retention", "69"), ("retention", "98"), ("retention", "x"), ("new_a_day", "201"),
         ("new_a_day", "-1"), ("reviews_a_day", "4"), ("reviews_a_day", "501"), ("grading_on", "2020-01-01"),
         ("grading_on", "soon"), ("reminder_hour", "24")],
    )  # fmt: skip
    def test_what_is_impossible_is_refused_beside_its_field(self, signed_in, field, value):
        reply = signed_in.post(self.url, SETTINGS | {field: value})
        assert reply.status_code == 422
        assert f'id="id_{field}_error"' in reply.content.decode()
        assert not Learner.objects.exists()

    def test_a_grading_day_is_two_years_ahead_at_most(self, signed_in, ben):
        today = queries.practice_day(person=ben, now=timezone.now()).on
        reply = signed_in.post(self.url, SETTINGS | {"grading_on": (today + timedelta(days=732)).isoformat()})
        assert reply.status_code == 422
        assert "two years ahead at most" in reply.text
        assert not Learner.objects.exists()
        signed_in.post(self.url, SETTINGS | {"grading_on": (today + timedelta(days=731)).isoformat()})
        assert Learner.objects.get().grading_on == today + timedelta(days=731)

    def test_nothing_is_told_of_what_it_costs_before_there_is_anything_to_tell(self, signed_in, ben):
        assert "What it costs" not in signed_in.get(self.url).text
        card = CardFactory(person=ben)
        known = {"stage": 2, "reviews": 1, "stability": 200.0, "reviewed_at": timezone.now(), "due_at": timezone.now()}
        ReviewCard.objects.filter(pk=card.pk).update(**known)
        assert "about 0" not in signed_in.get(self.url).text

    def test_the_hour_and_the_ways_of_reminders_lead_to_each_other(self, signed_in, ben):
        preferences = "/notices/preferences/"
        assert f'href="{preferences}"' in signed_in.get(self.url).text
        shown = signed_in.get(preferences).text
        assert f'href="{self.url}#id_reminder_hour"' in shown
        assert "Your hour: never" in shown
        signed_in.post(self.url, SETTINGS | {"reminder_hour": "18"})
        assert "Your hour: 18:00" in signed_in.get(preferences).text

    def test_what_more_remembering_costs(self, ben, now):
        for card in CardFactory.create_batch(5, person=ben):
            review(ben, card, 4, at=now)
        loads = queries.daily_load(person=ben, retentions=[0.7, 0.9, 0.97])
        assert 0 < loads[0.7] < loads[0.9] < loads[0.97] <= 5
        stability = ReviewCard.objects.first().stability
        assert loads[0.9] == pytest.approx(5 / stability, rel=1e-6)

    def test_the_page_tells_it(self, signed_in, ben, now):
        review(ben, CardFactory(person=ben), 4, at=now)
        text = signed_in.get(self.url).content.decode()
        assert "97%" in text
        assert 'aria-current="true"' in text


class TestGrading:
    def test_without_one_it_says_what_to_do(self, signed_in, ben):
        assert "No grading is ahead" in signed_in.get("/practise/grading/").content.decode()

    def test_what_to_expect_on_a_day_of_my_own(self, signed_in, ben, shelf, now):
        ahead = (timezone.localdate() + timedelta(days=20)).isoformat()
        put_term(now=now, slug="junbi", min_belt=9)
        signed_in.post("/practise/settings/", SETTINGS | {"grading_on": ahead})
        signed_in.post("/practise/decks/9/", {"part": "all"})
        text = signed_in.get("/practise/grading/").content.decode()
        assert re.search(r"<h2[^>]*>Reviews of this deck</h2>", text)
        assert "count as not known" not in text
        assert "You have set this day yourself." in text
        assert len(re.findall(r'<th scope="row"\s+class="num">', text)) == 3
        assert "Expected on the day" in text
        assert "The next grading" in signed_in.get("/practise/").content.decode()

    def test_it_says_how_much_of_the_deck_is_practised(self, signed_in, ben, now):
        put_term(now=now, slug="junbi", min_belt=9)
        ahead = (timezone.localdate() + timedelta(days=20)).isoformat()
        signed_in.post("/practise/settings/", SETTINGS | {"grading_on": ahead})
        text = signed_in.get("/practise/grading/").text
        assert "You practise 0 of the 2 cards of this deck; the others count as not known." in text
        assert 'href="/practise/decks/9/"' in text

    def test_on_the_day_itself_it_wishes_luck(self, signed_in, ben, now):
        put_term(now=now, slug="junbi", min_belt=9)
        today = queries.practice_day(person=ben, now=timezone.now()).on
        signed_in.post("/practise/settings/", SETTINGS)
        signed_in.post("/practise/decks/9/", {"part": "all"})
        Learner.objects.update(grading_on=today)
        for url in ("/practise/grading/", "/practise/"):
            text = signed_in.get(url).text
            assert "It is today. Good luck!" in text
            assert "Known today" in text
            assert "Expected on the day" not in text
            assert "in 0 days" not in text
        assert "Reviews of this deck" not in signed_in.get("/practise/grading/").text

    def test_a_card_that_does_not_exist(self, signed_in):
        assert signed_in.get(f"/practise/cards/{uuid4()}/").status_code == 404
