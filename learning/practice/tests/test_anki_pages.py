"""Cards go to Anki and come from it: through the pages, the commands and the files themselves."""

import io
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from learning.handbook import queries as handbook
from learning.practice import anki, commands, queries
from learning.practice.models import AnkiImport, CardKind, CardOrigin, Learner, Retraction, Review, ReviewCard
from learning.practice.rules.fsrs import Fsrs
from learning.practice.rules.memory import Memory, Rated, Rating, fold
from learning.practice.rules.subjects import Subject
from learning.practice.tests.factories import CardFactory
from learning.practice.views import anki as pages
from project.foundation.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

NOW = datetime.now(tz=UTC).replace(microsecond=0) + timedelta(hours=1)
"""After the shipped content has become valid."""
SCHEDULER = Fsrs()


def history(*days_ago, rating=Rating.GOOD):
    return [(Rated(NOW - timedelta(days=days), uuid4(), rating), 4000) for days in days_ago]


def card(guid, *days_ago, front="front", back="back", **more):
    log = history(*days_ago)
    memory = fold([each for each, _ in log], SCHEDULER)
    return anki.Card(
        guid=guid, front=front, back=back, memory=memory, answers=anki.answers(log, SCHEDULER), **more
    )  # fmt: skip


def package(*cards, name="Taekwon-Do"):
    return anki.write(anki.Deck(name=name, cards=cards), now=NOW)


def bring(person, content, *, name="mine.apkg", now=NOW):
    return commands.import_anki(person=person, file=io.BytesIO(content), name=name, now=now)


def upload(content, name="mine.apkg"):
    return {"file": SimpleUploadedFile(name, content)}


def rows():
    return [model.objects.count() for model in (ReviewCard, Review, AnkiImport, Learner)]


class TestBringing:
    def test_cards_come_with_their_texts_deck_and_history(self, ben):
        done = bring(ben, package(card("one", 9, 6, front="차기", back="kick &amp; more"), card("two")))
        one, two = ReviewCard.objects.order_by("created_at")
        assert (one.kind, one.origin, one.deck) == (CardKind.OWN, CardOrigin.IMPORT, "Taekwon-Do")
        assert (one.front, one.back) == ("차기", "kick & more")
        assert (one.reviews, one.stage) == (2, 2)
        assert (two.reviews, two.stage) == (0, 0)
        assert {key: done.report[key] for key in ("cards", "reviews", "known_cards", "known_reviews")} == {
            "cards": 2, "reviews": 2, "known_cards": 0, "known_reviews": 0,
        }  # fmt: skip

    def test_the_state_of_a_card_is_the_fold_of_the_log_that_came(self, ben):
        bring(ben, package(card("one", 30, 22, 8)))
        [found] = ReviewCard.objects.all()
        log = [Rated(each.corrected_at, each.client_id, Rating(each.rating)) for each in Review.objects.all()]
        assert found.memory == fold(log, SCHEDULER)
        assert {each.source for each in Review.objects.all()} == {"import"}
        assert all(each.corrected_at == each.reviewed_at <= each.accepted_at == NOW for each in Review.objects.all())

    def test_the_same_file_twice_adds_nothing(self, ben):
        content = package(card("one", 9, 6), card("two", 3))
        bring(ben, content)
        before = rows()
        done = bring(ben, content, now=NOW + timedelta(days=1))
        assert rows() == [before[0], before[1], 2, 1]
        report = done.report
        assert (report["cards"], report["reviews"], report["known_cards"], report["known_reviews"]) == (0, 0, 2, 3)

    def test_what_goes_out_and_comes_back_is_never_doubled(self, ben):
        """Anki gives the reviews of a card that went out from here ids of its own."""
        content = package(card("one", 9, 6, 2))
        bring(ben, content)
        before = ReviewCard.objects.get().memory
        for _ in range(3):
            assert bring(ben, queries.anki_deck(person=ben, now=NOW)).report["reviews"] == 0
        assert bring(ben, content).report["reviews"] == 0
        assert Review.objects.count() == 3
        assert ReviewCard.objects.get().memory == before

    def test_an_id_that_was_sent_as_a_practised_review_is_not_taken_again(self, ben):
        """The ids of a file can be worked out, so anybody can send one."""
        content = package(card("one", 9, 6))
        [found] = anki.read(io.BytesIO(content), now=NOW).cards
        given = commands.Given(found.reviews[0].id, CardFactory(person=ben).pk, 3, NOW)
        commands.accept_reviews(person=ben, given=[given], sent_at=None, device="", now=NOW)
        done = bring(ben, content)
        assert (done.report["reviews"], done.report["known_reviews"]) == (1, 1)

    def test_a_newer_file_adds_what_is_new(self, ben):
        first = card("one", 9, 6)
        bring(ben, package(first))
        later = anki.answers(
            [(Rated(each.at, uuid4(), each.rating), 1) for each in first.answers] + history(1), SCHEDULER
        )
        newer = anki.Card(guid="one", front="changed", back="back", memory=first.memory, answers=later)
        done = bring(ben, package(newer, card("two")))
        assert (done.report["cards"], done.report["reviews"]) == (1, 1)
        assert ReviewCard.objects.get(guid="one:0").reviews == 3
        assert ReviewCard.objects.get(guid="one:0").front == "front"

    def test_a_review_that_was_taken_back_here_does_not_come_again(self, ben):
        content = package(card("one", 9, 6))
        bring(ben, content)
        last = Review.objects.order_by("-corrected_at")[0]
        commands.retract(person=ben, review_client_id=last.client_id, now=NOW)
        assert bring(ben, content).report["reviews"] == 0
        assert ReviewCard.objects.get().reviews == 1

    def test_two_people_bring_the_same_file_and_each_has_their_own(self, ben, cleo):
        content = package(card("one", 9, 6))
        bring(ben, content)
        bring(cleo, content)
        assert Counter(ReviewCard.objects.values_list("person", flat=True)) == {ben.pk: 1, cleo.pk: 1}
        assert Counter(Review.objects.values_list("person", flat=True)) == {ben.pk: 2, cleo.pk: 2}

    def test_suspended_cards_are_put_away(self, ben):
        done = bring(ben, package(card("one", is_suspended=True), card("two")))
        assert ReviewCard.objects.get(guid="one:0").put_away_at == NOW
        assert ReviewCard.objects.get(guid="two:0").put_away_at is None
        assert done.report["put_away"] == 1

    def test_a_card_with_a_date_but_no_log_begins_anew_and_the_report_says_so(self, ben):
        known = Memory(**{name: getattr(card("x", 9, 6).memory, name) for name in Memory.__slots__})
        done = bring(ben, package(anki.Card(guid="one", front="front", back="back", memory=known)))
        assert ReviewCard.objects.get().stage == 0
        assert done.report["begin_anew"] == 1

    def test_very_long_names_are_cut_and_still_the_same_card(self, ben):
        content = package(card("g" * 300), name="D" * 300)
        bring(ben, content)
        [found] = ReviewCard.objects.all()
        assert (len(found.guid) <= 80, len(found.deck) <= 120) == (True, True)
        bring(ben, content)
        assert ReviewCard.objects.count() == 1

    def test_the_trail_tells_how_many_and_nothing_of_what(self, ben):
        bring(ben, package(card("one", 9)))
        event = AuditEvent.objects.get(type="anki.imported")
        assert event.actor_id == ben.actor_id
        assert event.payload == {
            "cards": 1, "known_cards": 0, "put_away": 0, "reviews": 1, "known_reviews": 0, "begin_anew": 0,
        }  # fmt: skip

    def test_who_practises_by_sm2_gets_its_states(self, ben):
        bring(ben, package(card("other")))
        Learner.objects.update(algo="sm2")
        bring(ben, package(card("one", 9, 6)))
        found = ReviewCard.objects.get(guid="one:0")
        assert (found.ease is not None, found.stability) == (True, None)


class TestPuttingAway:
    def test_all_that_an_import_made_and_nothing_else(self, ben, cleo):
        mine = CardFactory(person=ben)
        first = bring(ben, package(card("one", 9), card("two")))
        later = NOW + timedelta(seconds=1)
        bring(ben, package(card("one", 9), card("three")), now=later)
        bring(cleo, package(card("one", 9), card("two")))
        reviews = Review.objects.count()
        assert commands.put_away_brought(person=ben, import_id=first.pk, now=later) == 2
        away = ReviewCard.objects.filter(put_away_at=later)
        assert {(each.person_id, each.guid) for each in away} == {(ben.pk, "one:0"), (ben.pk, "two:0")}
        assert Review.objects.count() == reviews
        mine.refresh_from_db()
        assert mine.put_away_at is None

    def test_a_second_press_changes_nothing(self, ben):
        done = bring(ben, package(card("one"), card("two", is_suspended=True)))
        for number in (1, 0):
            assert commands.put_away_brought(person=ben, import_id=done.pk, now=NOW + timedelta(hours=1)) == number
        assert ReviewCard.objects.get(guid="two:0").put_away_at == NOW
        event = AuditEvent.objects.get(type="anki.put_away")
        assert (event.actor_id, event.payload) == (ben.actor_id, {"cards": 1})

    def test_that_of_somebody_else_is_not_found(self, ben, cleo):
        done = bring(cleo, package(card("one")))
        with pytest.raises(AnkiImport.DoesNotExist):
            commands.put_away_brought(person=ben, import_id=done.pk, now=NOW)

    def test_cards_that_are_one_here_are_counted_once(self, ben, monkeypatch):
        """A note that went out from here and was given a second card there."""
        monkeypatch.setattr(commands.importing, "_key", lambda card: card.front)
        done = bring(ben, package(card("one", front="same"), card("two", front="same"), card("three", front="last")))
        assert queries.cards_brought(done=done).count() == 2


class TestRefusing:
    def broken(self):
        content = package(card("one", 9))
        return content[: len(content) // 2]

    def test_nothing_of_a_refused_file_stays(self, ben):
        with pytest.raises(anki.NotAnAnkiFile):
            bring(ben, self.broken())
        assert rows() == [0, 0, 0, 0]

    def test_nothing_stays_when_it_breaks_in_the_middle(self, ben, monkeypatch):
        monkeypatch.setattr(commands.importing, "refold", lambda **said: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bring(ben, package(card("one", 9)))
        assert rows() == [0, 0, 0, 0]

    def test_too_many_reviews_or_cards(self, ben, monkeypatch):
        monkeypatch.setattr(commands.importing, "MOST_REVIEWS", 2)
        with pytest.raises(commands.TooMuch, match="reviews"):
            bring(ben, package(card("one", 9, 6, 3)))
        monkeypatch.setattr(commands.importing, "MOST_CARDS", 2)
        bring(ben, package(card("one"), card("two")))
        with pytest.raises(commands.TooMuch, match="cards"):
            bring(ben, package(card("three")))
        assert ReviewCard.objects.count() == 2

    def test_what_is_here_already_never_counts_as_too_much(self, ben, monkeypatch):
        monkeypatch.setattr(commands.importing, "MOST_CARDS", 1)
        bring(ben, package(card("one")))
        assert bring(ben, package(card("one", 3))).report["reviews"] == 1


@pytest.mark.usefixtures("shipped_handbook")
class TestTaking:
    @pytest.fixture
    def cards(self, ben):
        entries = [each for deck in handbook.decks(now=NOW).values() for each in deck]
        kinds = [next(each for each in entries if each.kind == kind) for kind in KINDS]
        subjects = [Subject(each.kind, each.key, each.direction, each.step_key) for each in kinds]
        cards = commands.add_cards(person=ben, subjects=subjects, origin=CardOrigin.DECK, now=NOW)
        cards.append(CardFactory(person=ben, front="a < b\nsecond", back="& so on"))
        given = [
            commands.Given(uuid4(), each.pk, 3, NOW - timedelta(days=days), 4000) for each in cards for days in (9, 5)
        ]
        commands.accept_reviews(person=ben, given=given, sent_at=None, device="", now=NOW)
        return list(ReviewCard.objects.filter(person=ben))

    def taken(self, person, **more):
        return anki.read(io.BytesIO(queries.anki_deck(person=person, now=NOW, **more)), now=NOW)

    def test_every_kind_of_card_has_words_on_both_sides(self, ben, cards):
        found = self.taken(ben).cards
        assert {each.guid for each in found} == {f"dojang:{each.pk}" for each in cards}
        assert all(each.front and each.back for each in found)
        own = next(each for each in found if each.guid == f"dojang:{cards_of_kind(cards, 'own').pk}")
        assert (own.front, own.back) == ("a < b\nsecond", "& so on")

    def test_a_reader_of_korean_takes_along_what_the_page_asks(self, ben, cards):
        with translation.override("ko"):
            found = {each.guid: each for each in self.taken(ben).cards}
        for each in cards_of_words(cards):
            face = queries.faces(cards=[each], now=NOW)[each.pk].about
            taken = found[f"dojang:{each.pk}"]
            sides = [face.hangul, f"{face.transliteration}\n{face.name['en']}"]
            if each.direction == "korean":
                sides = [face.transliteration, face.hangul]
            assert [taken.front, taken.back] == sides

    def test_schedule_and_history_go_along(self, ben, cards):
        found = {each.guid: each for each in self.taken(ben).cards}
        for each in cards:
            taken = found[f"dojang:{each.pk}"]
            assert len(taken.reviews) == 2
            assert taken.hints.interval == each.interval
            assert taken.hints.stability == pytest.approx(each.stability, abs=0.01)

    def test_what_comes_back_is_the_same_cards_and_the_same_log(self, ben, cards):
        before = {each.pk: each.memory for each in cards}
        content = queries.anki_deck(person=ben, now=NOW)
        done = bring(ben, content, now=NOW + timedelta(minutes=1))
        report = done.report
        assert (report["cards"], report["reviews"]) == (0, 0)
        assert (report["known_cards"], report["known_reviews"]) == (5, 10)
        assert {each.pk: each.memory for each in ReviewCard.objects.filter(person=ben)} == before

    def test_what_was_reviewed_there_goes_on_here(self, ben, cards):
        found = {each.guid: each for each in self.taken(ben).cards}
        one = cards[0]
        words = one.front
        answers = anki.answers(
            [(Rated(each.at, each.id, each.rating), 1) for each in found[f"dojang:{one.pk}"].reviews] + history(1),
            SCHEDULER,
        )
        content = package(anki.Card(guid=f"dojang:{one.pk}", front="x", back="y", memory=one.memory, answers=answers))
        for added in (1, 0):
            assert bring(ben, content).report["reviews"] == added
        one.refresh_from_db()
        assert (one.reviews, one.front) == (3, words)

    def test_a_review_that_was_taken_back_does_not_come_back(self, ben, cards):
        content = queries.anki_deck(person=ben, now=NOW)
        review = Review.objects.filter(person=ben)[0]
        Retraction.objects.create(person=ben, review_client_id=review.client_id, retracted_at=NOW)
        assert bring(ben, content).report["reviews"] == 0

    def test_cards_that_somebody_else_took_out_are_texts_like_any_other(self, ben, cleo, cards):
        bring(cleo, queries.anki_deck(person=ben, now=NOW))
        hers = ReviewCard.objects.filter(person=cleo)
        assert {each.kind for each in hers} == {CardKind.OWN}
        assert hers.count() == 5
        assert ReviewCard.objects.filter(person=ben).count() == 5

    def test_the_deck_of_a_belt_has_what_belongs_to_it(self, ben, cards):
        seen = set()
        for belt, deck in handbook.decks(now=NOW).items():
            ids = {(each.kind, each.id, each.direction, each.step_key) for each in deck}
            mine = {f"dojang:{each.pk}" for each in cards if about(each) in ids}
            content = queries.anki_deck(person=ben, now=NOW, belt=belt)
            found = anki.read(io.BytesIO(content), now=NOW).cards if content else ()
            assert {each.guid for each in found} == mine
            seen |= mine
        assert len(seen) == len(KINDS)

    def test_cards_put_away_are_suspended_there(self, ben, cards):
        commands.put_away(person=ben, card_id=cards[0].pk, now=NOW)
        suspended = [each.guid for each in self.taken(ben).cards if each.is_suspended]
        assert suspended == [f"dojang:{cards[0].pk}"]

    def test_the_number_of_queries_does_not_grow(self, ben, cards, django_assert_max_num_queries):
        with django_assert_max_num_queries(14) as few:
            queries.anki_deck(person=ben, now=NOW)
        deck = handbook.deck_of(belt=8, now=NOW)
        subjects = [Subject(each.kind, each.key, each.direction, each.step_key) for each in deck]
        commands.add_cards(person=ben, subjects=subjects, origin=CardOrigin.DECK, now=NOW)
        with django_assert_max_num_queries(len(few)):
            queries.anki_deck(person=ben, now=NOW)


KINDS = ("term", "technique", "step", "question")


def about(card):
    return (
        card.kind,
        card.term_id or card.technique_id or card.tul_id or card.question_id,
        card.direction,
        card.step_key,
    )


def cards_of_words(cards):
    return [card for card in cards if card.direction]


def cards_of_kind(cards, kind):
    return next(each for each in cards if each.kind == kind)


class TestPages:
    def test_strangers_sign_in_first(self):
        for path in ("/practise/anki/", "/practise/anki/deck.apkg", f"/practise/anki/{uuid4()}/"):
            assert Client().get(path).status_code == 302

    def test_a_file_is_brought_and_its_report_is_shown(self, signed_in):
        content = package(card("one", 9, 6), card("two", is_suspended=True))
        answer = signed_in.post("/practise/anki/", upload(content), follow=True)
        done = AnkiImport.objects.get()
        assert answer.redirect_chain == [(f"/practise/anki/{done.pk}/", 303)]
        assert "1 of them was suspended in Anki and is put away here." in answer.text
        assert "Nothing was left behind." in answer.text
        assert "mine.apkg" in signed_in.get("/practise/anki/").text

    def test_the_second_time_it_says_that_nothing_was_added(self, signed_in):
        content = package(card("one", 9, 6))
        signed_in.post("/practise/anki/", upload(content))
        answer = signed_in.post("/practise/anki/", upload(content), follow=True)
        assert "Everything in this file was here already." in answer.text

    def test_what_was_not_taken_is_named_with_how_many(self, signed_in):
        pictured = card("one", front='<img src="a.png">kick', back="chagi [sound:b.mp3]")
        answer = signed_in.post("/practise/anki/", upload(package(pictured)), follow=True)
        assert "Pictures, left out of the texts" in answer.text
        assert "Sounds, left out of the texts" in answer.text
        assert ReviewCard.objects.get().front == "kick"

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"no zip", "This is no .apkg or .colpkg."),
            (b"", "The submitted file is empty."),
            (b"x" * (20 * 1024 * 1024 + 1), "This file has more than 20 MB."),
        ],
        ids=["no zip", "empty", "too big"],
    )
    def test_a_file_that_cannot_be_read_is_refused_beside_its_field(self, signed_in, content, sentence):
        answer = signed_in.post("/practise/anki/", upload(content))
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert rows() == [0, 0, 0, 0]

    def test_without_a_file_the_form_comes_back(self, signed_in):
        assert signed_in.post("/practise/anki/", {}).status_code == 422

    def test_too_much_is_said_in_a_sentence(self, signed_in, monkeypatch):
        monkeypatch.setattr(commands.importing, "MOST_REVIEWS", 1)
        answer = signed_in.post("/practise/anki/", upload(package(card("one", 9, 6))))
        assert answer.status_code == 422
        assert "more than 50,000 reviews" in answer.text

    def test_every_refusal_and_every_reason_has_its_words(self):
        assert set(pages.REFUSALS) == set(anki.Refusal)
        assert set(pages.REASONS) == set(anki.Reason)

    def test_texts_of_a_file_are_shown_as_they_are(self, signed_in):
        evil = card("one", front="&lt;script&gt;alert(1)&lt;/script&gt; [sound:x.mp3]")
        answer = signed_in.post("/practise/anki/", upload(package(evil), name="<b>.apkg"), follow=True)
        assert "<script>alert" not in answer.text
        assert "<b>.apkg" not in answer.text

    def test_reports_of_others_are_not_found(self, signed_in, cleo):
        done = bring(cleo, package(card("one")))
        assert signed_in.get(f"/practise/anki/{done.pk}/").status_code == 404

    def test_an_import_is_put_away_after_a_question(self, signed_in):
        shown = signed_in.post("/practise/anki/", upload(package(card("one", 9), card("two"))), follow=True)
        done = AnkiImport.objects.get()
        url = f"/practise/anki/{done.pk}/put-away/"
        assert url in shown.text
        assert "Put 2 cards away?" in signed_in.get(url).text
        assert ReviewCard.objects.filter(put_away_at__isnull=False).count() == 0
        said = signed_in.post(url, follow=True)
        assert said.redirect_chain == [(f"/practise/anki/{done.pk}/", 303)]
        assert "2 cards are put away." in said.text
        assert "The cards of this file are put away." in said.text
        assert url not in said.text
        assert "Nothing was left to put away." in signed_in.post(url, follow=True).text
        commands.bring_back(person=done.person, card_id=ReviewCard.objects.all()[0].pk, now=NOW)
        assert url in signed_in.get(f"/practise/anki/{done.pk}/").text

    def test_imports_of_others_are_not_put_away(self, signed_in, cleo):
        done = bring(cleo, package(card("one")))
        url = f"/practise/anki/{done.pk}/put-away/"
        assert [signed_in.get(url).status_code, signed_in.post(url).status_code] == [404, 404]
        assert ReviewCard.objects.get().put_away_at is None

    def test_a_deck_is_a_file_with_my_cards_only(self, signed_in, ben, cleo):
        CardFactory(person=ben, front="mine")
        CardFactory(person=cleo, front="hers")
        answer = signed_in.get("/practise/anki/deck.apkg")
        assert answer["Content-Disposition"].startswith('attachment; filename="dojang-2')
        assert answer["Cache-Control"] == "private, no-store"
        found = anki.read(io.BytesIO(answer.content), now=datetime.now(tz=UTC))
        assert [each.front for each in found.cards] == ["mine"]

    @pytest.mark.parametrize("belt", ["11", "x", "-9", "9", "--8", "-8", "8 ", "٨"])
    def test_without_cards_or_belt_there_is_no_file(self, signed_in, ben, belt):
        assert signed_in.get("/practise/anki/deck.apkg").status_code == 404
        CardFactory(person=ben)
        assert signed_in.get(f"/practise/anki/deck.apkg?belt={belt}").status_code == 404

    def test_it_works_without_a_script_and_the_form_carries_files(self, signed_in):
        text = signed_in.get("/practise/anki/").text
        assert 'enctype="multipart/form-data"' in text
        assert 'accept=".apkg,.colpkg"' in text


def test_ten_thousand_reviews_in_three_seconds(ben):
    """The number of 20-practice: an upload of 10,000 reviews."""
    days = [each * 3 + 1 for each in range(20)]
    content = package(*(card(f"card {number}", *days, front=f"front {number}") for number in range(500)))
    begin = time.perf_counter()
    done = bring(ben, content)
    took = time.perf_counter() - begin
    assert (done.report["cards"], done.report["reviews"]) == (500, 10_000)
    assert took < 30  # the machine of a test may be busy; the figure is measured by bench
