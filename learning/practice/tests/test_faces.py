"""What cards show, in which language, and that many cost no more queries than one; what a belt's deck is."""

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from learning.handbook import commands as handbook_commands
from learning.handbook import queries as handbook
from learning.handbook.models import QuestionOrigin, TechniqueEdition
from learning.handbook.tests.factories import published_tul, step, technique_entry, tul_entry
from learning.practice import commands, queries
from learning.practice.models import CardOrigin, ReviewCard
from learning.practice.rules.decks import evenly
from learning.practice.rules.memory import Rating
from learning.practice.rules.subjects import Subject

from .deck_factories import BELT, put_question, put_term, small_deck
from .factories import CardFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def shelf(now):
    small_deck(now=now)


def add(person, *subjects, now):
    return commands.add_cards(person=person, subjects=subjects, origin=CardOrigin.LEARNER, now=now)


def sides(card, rf, *, now, language="en"):
    """Front and back as the page draws them."""
    face = queries.faces(cards=[card], now=now)[card.pk]
    request = rf.get("/")
    request.user = card.person
    with translation.override(language):
        names = [f"practice/_card.html#{side}" for side in ("front", "back")]
        return [" ".join(render_to_string(name, {"face": face, "request": request}).split()) for name in names]


class TestDeck:
    def test_the_deck_of_a_belt_is_all_that_it_asks_to_remember(self, shelf, now):
        deck = handbook.deck_of(belt=BELT, now=now)
        assert [tuple(entry[:4]) for entry in deck] == [
            ("term", "charyot", "meaning", ""),
            ("term", "charyot", "korean", ""),
            ("term", "kyong-ye", "meaning", ""),
            ("term", "kyong-ye", "korean", ""),
            ("technique", "ap-joomuk", "meaning", ""),
            ("technique", "ap-joomuk", "korean", ""),
            ("step", "dan-gun", "", "1"),
            ("step", "dan-gun", "", "2"),
            ("question", "what-is-it", "", ""),
        ]

    def test_what_others_or_nobody_should_learn_is_in_none(self, shelf, now):
        put_question(now=now, slug="made", origin=QuestionOrigin.GENERATED)
        put_question(now=now, slug="later", belts=(3, 0))
        put_term(now=now, slug="later", min_belt=3)
        handbook_commands.draft_technique(
            entry=technique_entry(slug="secret-sogi", min_belt=BELT), editor=None, now=now
        )
        keys = {entry.key for entry in handbook.deck_of(belt=BELT, now=now)}
        assert keys == {"charyot", "kyong-ye", "ap-joomuk", "dan-gun", "what-is-it"}

    def test_a_belt_without_a_grading_takes_its_own_tuls(self, now):
        published_tul(now=now, belt=10)
        assert {entry.key for entry in handbook.deck_of(belt=10, now=now) if entry.kind == "step"} == {"chon-ji"}

    @pytest.mark.parametrize("belts", [[BELT], list(range(10, -1, -1))])
    def test_all_decks_cost_as_much_as_one(self, shelf, now, django_assert_max_num_queries, belts):
        with django_assert_max_num_queries(6):
            handbook.decks(now=now, belts=belts)

    def test_every_entry_can_be_a_card(self, shelf, ben, now):
        wanted = queries.subjects_of_deck(belt=BELT, part="all", now=now)
        cards = add(ben, *wanted, now=now)
        assert len(cards) == len({card.pk for card in cards}) == 9
        assert queries.tally_of(person=ben, belt=BELT, now=now) == queries.Tally(total=9, mine=9, known=0)

    def test_kinds_come_mixed(self):
        assert "".join(evenly(["aaaa", "bb", ""])) == "abaaba"
        assert evenly([]) == []


class TestSides:
    def test_a_word_asked_for_its_meaning(self, shelf, ben, rf, now):
        (card,) = add(ben, Subject("term", "charyot", "meaning"), now=now)
        front, back = sides(card, rf, now=now)
        assert '<p class="face__hangul" lang="ko">차렷</p>' in front
        assert "charyot" in front
        assert 'data-say="차렷"' in front
        assert "attention" not in front
        assert "attention" in back
        assert "Stand straight." in back
        assert 'href="/glossary/charyot/"' in back

    def test_a_word_asked_for_its_korean(self, shelf, ben, rf, now):
        (card,) = add(ben, Subject("term", "charyot", "korean"), now=now)
        front, back = sides(card, rf, now=now, language="pl")
        assert "baczność" in front
        assert "차렷" not in front
        assert "차렷" in back

    def test_a_reader_of_korean_is_asked_how_the_korean_is_written_abroad(self, shelf, ben, rf, now):
        meaning, korean = add(
            ben, Subject("term", "charyot", "meaning"), Subject("technique", "ap-joomuk", "korean"), now=now
        )
        front, back = sides(meaning, rf, now=now, language="ko")
        assert '<p class="face__hangul" lang="ko">차렷</p>' in front
        assert "charyot" not in front
        assert back.index('<span lang="ko-Latn">charyot</span>') < back.index('lang="en">attention<')
        front, back = sides(korean, rf, now=now, language="ko")
        assert '<span lang="ko-Latn">ap joomuk' in front
        assert "앞주먹" not in front
        assert "앞주먹" in back
        assert "ap joomuk" not in back

    def test_a_movement_is_asked_by_the_one_before(self, shelf, ben, rf, now):
        (card,) = add(ben, Subject("step", "dan-gun", "", "2"), now=now)
        front, back = sides(card, rf, now=now)
        assert "Dan-Gun" in front
        assert "What comes after movement 1?" in front
        assert 'src="/tuls/dan-gun/floor/1.svg"' in front
        assert 'src="/tuls/dan-gun/floor/2.svg"' in back
        assert "Gunnun-sogi en" in front
        assert "Forefist" not in front
        assert "Movement 2" in back
        assert "Forefist" in back
        assert 'href="/tuls/dan-gun/#step-2"' in back

    def test_the_first_movement_begins_in_the_ready_posture(self, shelf, ben, rf, now):
        (card,) = add(ben, Subject("step", "dan-gun", "", "1"), now=now)
        front, back = sides(card, rf, now=now)
        assert "What is the first movement?" in front
        assert 'src="/tuls/dan-gun/floor/0.svg"' in front
        assert "narani-junbi-sogi en" in front
        assert "In English." in back

    @pytest.mark.parametrize(
        ("kind", "asked", "answered"),
        [
            ("single", ["one", "two", "three"], "one <small>correct</small>"),
            ("multiple", ["one", "two", "three"], "two <small>correct</small>"),
            ("order", ["first", "second", "third"], "<li>first</li><li>second</li><li>third</li>"),
            ("match", ["sun", "moon", "day", "night"], "<li>sun – day</li><li>moon – night</li><li>rain – wet</li>"),
            ("type", [], "Ten"),
        ],
    )
    def test_a_question_with_its_answer_and_why(self, ben, rf, now, kind, asked, answered):
        put_question(now=now, kind=kind)
        (card,) = add(ben, Subject("question", "what-is-it"), now=now)
        front, back = sides(card, rf, now=now)
        assert "What is what-is-it?" in front
        assert "Think of the answer." in front
        assert all(re.search(rf"<li>(<span class=.icon icon--s.></span><span>)?{text}<", front) for text in asked)
        assert "Because" not in front
        assert answered.replace(" ", "") in back.replace(" ", "")
        assert "Because of the ground." in back

    @pytest.mark.parametrize(("kind", "right"), [("single", {"one"}), ("multiple", {"one", "two"})])
    def test_the_answer_is_told_in_the_list_that_was_asked(self, ben, rf, now, kind, right):
        put_question(now=now, kind=kind)
        (card,) = add(ben, Subject("question", "what-is-it"), now=now)
        front, back = sides(card, rf, now=now)
        asked = re.findall(r"<span>(one|two|three)", front)
        assert len(asked) == 3
        assert asked == re.findall(r"<span>(one|two|three)", back)
        marked = re.findall(r"<li data-right>.*?<span>(\w+) <small>correct</small>", back)
        assert set(marked) == right
        assert len(marked) == back.count("#check") == len(right)
        assert "#check" not in front
        assert "correct" not in front

    def test_what_is_to_be_put_in_order_is_not_shown_in_order_on_every_card(self, cleo, ben, now):
        put_question(now=now, kind="order")
        people = [ben, cleo]
        cards = [add(person, Subject("question", "what-is-it"), now=now)[0] for person in people]
        cards += [ReviewCard(pk=pk, kind="question", question_id=cards[0].question_id) for pk in "abcdef"]
        faces = queries.faces(cards=cards, now=now).values()
        orders = {tuple(option.text["en"] for option in face.options) for face in faces}
        assert len(orders) > 1
        again = queries.faces(cards=cards, now=now)
        assert all([*face.options] == [*again[face.card.pk].options] for face in faces)

    def test_a_card_of_ones_own_is_plain_text(self, ben, rf, now):
        card = CardFactory(person=ben, front="<b>1</b>\nline", back="2 < 3", deck="Words")
        front, back = sides(card, rf, now=now)
        assert "&lt;b&gt;1&lt;/b&gt;<br>line" in front
        assert "Words" in front
        assert "2 &lt; 3" in back

    def test_what_is_not_valid_any_more_still_has_its_words(self, shelf, ben, rf, now):
        (card,) = add(ben, Subject("technique", "ap-joomuk", "korean"), now=now)
        edition = handbook.technique(slug="ap-joomuk", now=now)
        TechniqueEdition.objects.filter(pk=edition.pk).update(valid_to=now + timedelta(hours=1))
        assert "forefist" in sides(card, rf, now=now + timedelta(days=1))[0]

    def test_a_movement_that_the_tul_lost_says_so(self, shelf, ben, rf, now):
        (card,) = add(ben, Subject("step", "dan-gun", "", "2"), now=now)
        other = step(2, key="9", technique="ap-joomuk", stance_side="left", side="right", moves=[])
        entry = tul_entry(slug="dan-gun", name="Dan-Gun", belt=BELT, steps=[step(1), other])
        draft = handbook_commands.draft_tul(entry=entry, editor=None, now=now)
        later = timezone.now() + timedelta(hours=1)
        handbook_commands.publish_edition(edition=draft, valid_from=later, editor=None, now=timezone.now())
        assert "What comes after" in sides(card, rf, now=now)[0]
        assert "does not have this any more" in sides(card, rf, now=later)[0]

    @pytest.mark.parametrize("number", [1, 6])
    def test_many_faces_cost_as_much_as_one_of_each_kind(self, shelf, ben, now, django_assert_num_queries, number):
        for each in range(number):
            put_term(now=now, slug=f"word-{each}")
            put_question(now=now, slug=f"question-{each}")
        subjects = [Subject("term", f"word-{each}", "meaning") for each in range(number)]
        subjects += [Subject("question", f"question-{each}") for each in range(number)]
        subjects += [Subject("step", "dan-gun", "", key) for key in ("1", "2")[:number]]
        subjects += [Subject("technique", "ap-joomuk", "meaning")]
        cards = add(ben, *subjects, now=now)
        with django_assert_num_queries(6):
            faces = queries.faces(cards=cards, now=now)
            assert all(face.shape != "gone" and (face.shape != "question" or face.options) for face in faces.values())


class TestKeys:
    def test_each_key_says_what_it_leads_to(self, ben, now):
        (turn,) = queries.turns(cards=[CardFactory(person=ben)], person=ben, now=now)
        assert list(turn.keys) == list(Rating)
        assert turn.keys[Rating.AGAIN].due_at < turn.keys[Rating.GOOD].due_at < turn.keys[Rating.EASY].due_at
        assert turn.keys[Rating.EASY].interval > 1

    def test_what_comes_back_soon_has_keys_for_then(self, ben, now):
        (turn,) = queries.turns(cards=[CardFactory(person=ben)], person=ben, now=now)
        assert set(turn.then) == {Rating.AGAIN, Rating.HARD, Rating.GOOD}
        assert turn.then[Rating.GOOD][Rating.GOOD].interval > 0

    def test_with_sm2_nothing_comes_back_today(self, ben, now):
        wanted = {"new_a_day": 10, "reviews_a_day": 50, "grading_on": None, "reminder_hour": None}
        commands.change_settings(person=ben, algo="sm2", retention=0.9, now=now, **wanted)
        (turn,) = queries.turns(cards=[CardFactory(person=ben)], person=ben, now=now)
        assert turn.then == {}
        assert [memory.interval for memory in turn.keys.values()] == [1, 1, 1, 1]
