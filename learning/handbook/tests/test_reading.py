"""Glossary, theory and training plans: rows, pages, and what PostgreSQL refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from learning.handbook import commands, queries
from learning.handbook.models import GlossaryTerm, PlanItem, Question, QuestionOption, QuestionOrigin, TrainingPlan
from learning.handbook.rules import entries
from project.foundation.audit import queries as audit

from .factories import TEXT, published_technique

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


def term(**fields):
    wanted = {
        "slug": "charyot",
        "topic": "commands",
        "names": {"pl": "baczność", "en": "attention", "ko": "차렷"},
        "transliteration": "charyot",
        "min_belt": 10,
    }
    return entries.Term(**(wanted | fields))


def article(**fields):
    wanted = {
        "slug": "the-five-tenets",
        "topic": "tenets",
        "belt": 9,
        "order": 10,
        "title": {"pl": "Pięć zasad", "en": "The five tenets"},
        "body": {"en": "## Courtesy\n\nBow first. [Stance](/techniques/gunnun-sogi/)"},
    }
    return entries.Article(**(wanted | fields))


def question(**fields):
    wanted = {
        "slug": "tenets-second",
        "kind": "single",
        "modules": ["tenets"],
        "belts": [9, 0],
        "prompt": TEXT,
        "options": [{"text": {"en": word}, "right": word == "a"} for word in "abc"],
        "explanation": TEXT,
        "source": "A book",
    }
    return entries.Question(**(wanted | fields))


def plan(**fields):
    wanted = {
        "slug": "first-minutes",
        "belt": 10,
        "names": TEXT,
        "goal": TEXT,
        "blocks": [{"name": TEXT, "rounds": 2, "items": [{"technique": "gunnun-sogi", "work": 40, "rest": 20}]}],
    }
    return entries.Plan(**(wanted | fields))


def shelve(entry, now):
    return commands.shelve(entry=entry, editor=None, now=now)


def ask(entry, now, origin=QuestionOrigin.AUTHORED):
    return commands.put_question(entry=entry, origin=origin, editor=None, now=now)


class TestGlossary:
    def test_a_word_is_found_in_any_language_and_spelling(self, client, now):
        shelve(term(), now)
        for q in ("charyot", "차렷", "baczność", "bacznosc", "atention"):
            assert "차렷" in client.get("/glossary/", {"q": q}, headers=HTMX).content.decode(), q

    def test_words_can_be_narrowed_by_topic(self, client, now):
        shelve(term(), now)
        assert "차렷" not in client.get("/glossary/?topic=counting", headers=HTMX).content.decode()
        assert client.get("/glossary/?topic=weather").status_code == 422

    def test_the_general_search_finds_words_too(self, client, now):
        shelve(term(), now)
        assert "차렷" in client.get("/search/?q=charyot").content.decode()

    def test_changing_a_word_names_the_fields_in_the_trail(self, now):
        shelve(term(), now)
        assert shelve(term(min_belt=9), now) is True
        assert shelve(term(min_belt=9), now) is False
        events = audit.events_of(GlossaryTerm.objects.get(), object_id="charyot")
        newest = events[0]
        assert (newest.type, newest.payload["fields"]) == ("glossaryterm.changed", ["min_belt"])

    def test_the_list_costs_two_queries(self, client, now, django_assert_num_queries):
        for number in range(30):
            shelve(term(slug=f"word-{number}"), now)
        with django_assert_num_queries(2):
            client.get("/glossary/")


class TestTheory:
    def test_an_article_is_read_with_its_headings_and_links(self, client, now):
        shelve(article(), now)
        text = client.get("/theory/the-five-tenets/").content.decode()
        assert "<h2>Courtesy</h2>" in text
        assert 'href="/techniques/gunnun-sogi/"' in text

    def test_a_missing_language_falls_back_and_says_so(self, client, now):
        shelve(article(), now)
        text = client.get("/theory/the-five-tenets/", headers={"Accept-Language": "pl"}).content.decode()
        assert "<h1>Pięć zasad</h1>" in text
        assert '<div class="prose" lang="en">' in text

    @pytest.mark.parametrize(
        "hostile",
        [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            '<img src=x onerror="alert(1)">',
            "<iframe src='//x'>",
        ],
    )
    def test_markdown_is_made_safe(self, client, now, hostile):
        shelve(article(body={"en": hostile}), now)
        main = client.get("/theory/the-five-tenets/").content.decode().split("<main")[1].split("</main>")[0]
        for word in ("<script", 'href="javascript', "<img", "<iframe"):
            assert word not in main

    def test_a_draft_is_not_there(self, client, now):
        commands.draft_article(entry=article(), editor=None, now=now)
        assert client.get("/theory/the-five-tenets/").status_code == 404
        assert "the-five-tenets" not in client.get("/theory/").content.decode()

    def test_a_topic_that_does_not_exist_says_so(self, client):
        assert client.get("/theory/?topic=weather").status_code == 422


class TestPlans:
    @pytest.fixture(autouse=True)
    def _stance(self, now):
        published_technique(now=now, slug="gunnun-sogi")

    def test_a_plan_tells_what_to_do_and_how_long_it_takes(self, client, now):
        shelve(plan(), now)
        text = client.get("/plans/first-minutes/").content.decode()
        assert "/techniques/gunnun-sogi/" in text
        assert "2 rounds" in text
        assert queries.plan(slug="first-minutes", viewer=client_viewer(), now=now).seconds == 100

    def test_the_same_plan_twice_changes_nothing(self, now):
        assert shelve(plan(), now) is True
        assert shelve(plan(), now) is False

    def test_somebody_elses_plan_is_not_found(self, client, now):
        shelve(plan(), now)
        owner, other = UserFactory(), UserFactory()
        TrainingPlan.objects.update(owner=owner)
        client.force_login(other)
        assert client.get("/plans/first-minutes/").status_code == 404
        client.force_login(owner)
        assert client.get("/plans/first-minutes/").status_code == 200

    def test_a_plan_that_names_what_is_not_there_is_refused(self, now):
        blocks = [{"name": TEXT, "rounds": 1, "items": [{"tul": "nothing", "work": 40, "rest": 20}]}]
        with pytest.raises(commands.NoSuchReference, match="nothing"):
            shelve(plan(blocks=blocks), now)
        assert not TrainingPlan.objects.exists()

    def test_postgres_refuses_an_item_that_is_two_things_or_none(self, now):
        shelve(plan(), now)
        with pytest.raises(IntegrityError, match="plan_item_is_one_thing"), transaction.atomic():
            PlanItem.objects.update(technique=None)


def client_viewer():
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


class TestBank:
    def attack(self, sql, *values):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_a_question_is_kept_with_its_options_in_order(self, now):
        assert ask(question(), now) is True
        assert ask(question(), now) is False
        options = Question.objects.get().options.values_list("text__en", "is_right")
        assert list(options) == [("a", True), ("b", False), ("c", False)]

    def test_of_many_only_what_is_new_or_other_changes_and_the_trail_says_what(
        self, now, django_assert_max_num_queries
    ):
        def put(*wanted):
            with django_assert_max_num_queries(14):
                return commands.put_questions(wanted=wanted, origin=QuestionOrigin.AUTHORED, editor=None, now=now)

        same, other, anew = (question(slug=slug) for slug in ("same", "other", "anew"))
        assert put(same, other, anew) == 3
        anew = question(slug="anew", options=[{"text": {"en": word}, "right": word == "x"} for word in "xyz"])
        wanted = [same, question(slug="other", source="Another"), anew, question(slug="new")]
        assert put(*wanted, *(question(slug=f"new-{each}") for each in range(20))) == 23
        assert put(*wanted) == 0
        assert Question.objects.get(slug="other").source == "Another"
        assert list(Question.objects.get(slug="anew").options.values_list("text__en", flat=True)) == ["x", "y", "z"]
        told = {
            slug: [event.type for event in audit.events_of(Question.objects.get(slug=slug), object_id=slug)]
            for slug in ("same", "other", "new")
        }
        options = audit.events_of(Question.objects.get(slug="anew"), object_id="anew")[0]
        assert (options.type, options.payload) == ("question.changed", {"fields": ["options"]})
        assert told == {
            "same": ["question.added"], "other": ["question.changed", "question.added"], "new": ["question.added"]
        }  # fmt: skip

    def test_a_question_that_is_gone_from_the_shelf_is_retired_not_deleted(self, now):
        ask(question(), now)
        commands.retire_questions(keep=set(), origin=QuestionOrigin.AUTHORED, editor=None, now=now)
        assert Question.objects.get().is_retired

    def test_a_question_that_comes_back_is_asked_again(self, now):
        ask(question(), now)
        commands.retire_questions(keep=set(), origin=QuestionOrigin.AUTHORED, editor=None, now=now)
        ask(question(), now)
        assert not Question.objects.get().is_retired

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE handbook_questionoption SET is_right = true",
            "UPDATE handbook_questionoption SET is_right = false",
            "DELETE FROM handbook_questionoption WHERE place = 3",
            "UPDATE handbook_question SET kind = 'match'",
            "UPDATE handbook_question SET kind = 'type'",
            "UPDATE handbook_question SET kind = 'order'",
        ],
    )
    def test_postgres_refuses_a_question_that_cannot_be_answered(self, now, change):
        ask(question(), now)
        with pytest.raises(IntegrityError, match="cannot be answered"):
            self.attack(change)

    def test_postgres_refuses_belts_that_go_downwards(self, now):
        ask(question(), now)
        with pytest.raises(IntegrityError, match="question_belts_go_upwards"):
            self.attack("UPDATE handbook_question SET from_belt = 0, to_belt = 9")

    def test_postgres_refuses_a_picture_of_something_that_is_no_tul(self, now):
        ask(question(), now)
        with pytest.raises(IntegrityError, match="question_picture_is_of_a_tul"):
            self.attack("UPDATE handbook_question SET about = 'term:charyot', picture = '{}'")

    def test_deleting_a_question_takes_its_options_along(self, now):
        ask(question(), now)
        Question.objects.all().delete()
        assert not QuestionOption.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"options": [{"text": {"en": word}, "right": True} for word in "abc"]}, "has 3 right answers"),
            ({"kind": "multiple", "options": [{"text": {"en": "a"}, "right": True}]}, "one wrong"),
            ({"kind": "type"}, "answers to accept"),
            ({"kind": "match"}, "three pairs"),
            ({"belts": [0, 9]}, "belts go from"),
            ({"options": [{"text": {"en": "a"}, "right": n == 0} for n in range(3)]}, "same option twice"),
            ({"picture": {"movement": 1, "alt": {"en": "a"}}, "about": "term:charyot"}, "about a tul"),
        ],
    )
    def test_an_entry_that_cannot_be_answered_is_refused_with_a_sentence(self, wrong, said):
        with pytest.raises(ValueError, match=said):
            question(**wrong)
