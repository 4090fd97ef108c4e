"""What practice holds about somebody is handed out whole, and goes whole."""

import json
from threading import Thread
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, transaction

from accounts.models import User
from learning.handbook.models import Question
from learning.practice import commands, queries
from learning.practice.models import Learner, QuizItem, QuizSession, Retraction, Review, ReviewCard
from learning.practice.tests.factories import ReviewFactory
from learning.practice.tests.personal_factories import KEY, WHEN, practised_everything
from project.foundation import privacy
from tests.programs import eventually

pytestmark = pytest.mark.django_db

HERS = "what only she has written"


def rows_of(person):
    """How many rows of each table of practice stand on somebody, over however many foreign keys."""
    paths = {
        "QuizItem": "session__person",
        "QuizAnswer": "session__person",
    }
    return {
        model.__name__: model.objects.filter(**{paths.get(model.__name__, "person"): person.pk}).count()
        for model in apps.get_app_config("practice").get_models()
    }


@pytest.fixture
def learner(ben):
    practised_everything(ben, text=HERS)
    return ben


class TestHandingOut:
    def test_every_table_is_in_it_by_the_name_of_its_part(self, learner):
        told = privacy.export(learner)
        assert set(rows_of(learner).values()) == {1}
        assert {name: len(rows) for name, rows in told.items() if name.startswith("practice.")} == {
            f"practice.{name}": 1
            for name in (
                "quizzes", "progress", "days", "retractions", "reviews", "cards", "imports", "fits", "settings",
            )
        }  # fmt: skip

    def test_it_is_said_in_words_that_its_reader_knows(self, learner):
        told = privacy.export(learner)
        [card], [review], [quiz] = (told[f"practice.{part}"] for part in ("cards", "reviews", "quizzes"))
        assert (card["front"], card["deck"], card["stage"]) == (HERS, "Her deck", 0)
        assert (review["card"], review["rating"], review["device"]) == (card["id"], 3, "her telephone")
        assert quiz["questions"] == [
            {
                "place": 1,
                "question": {"prompt": {"en": "Which?"}},
                "client_id": "00000000-0000-0000-0000-000000000009",
                "given": {"typed": HERS},
                "is_right": False,
                "answered_at": "2026-11-20T18:00:00Z",
            }
        ]
        assert told["practice.progress"][0]["detail"] == {"note": HERS}

    def test_the_key_of_the_calendar_stays_in_the_hall(self, learner):
        told = json.dumps(privacy.export(learner))
        assert str(KEY) not in told
        assert KEY.hex not in told
        assert privacy.export(learner)["practice.settings"][0]["has_calendar"] is True

    def test_nobody_gets_what_is_somebody_elses(self, learner, cleo):
        told = privacy.export(cleo)
        assert {name: rows for name, rows in told.items() if name.startswith("practice.") and rows} == {}

    def test_the_number_of_queries_does_not_grow_with_what_is_held(self, learner, django_assert_num_queries):
        def held():
            parts = [part for part in privacy.parts() if part.name.startswith("practice.")]
            return sum(len(list(part.export(person=learner))) for part in parts)

        with django_assert_num_queries(12):
            assert held() == 9
        for number in range(5):
            ReviewFactory(card__person=learner)
            quiz = QuizSession.objects.create(person=learner, mode="mixed", started_at=WHEN)
            QuizItem.objects.create(session=quiz, place=number + 1, question=Question.objects.get(), frozen={})
        with django_assert_num_queries(12):
            assert held() == 9 + 15


class TestErasing:
    def test_nothing_stays_and_others_keep_theirs(self, learner, cleo, now):
        hers = ReviewFactory(card__person=cleo)
        privacy.erase(learner, now=now)
        with connection.cursor() as sql:
            sql.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is checked at the end is checked now
        assert set(rows_of(learner).values()) == {0}
        assert not User.objects.filter(pk=learner.pk).exists()
        assert list(Review.objects.all()) == [hers]
        with connection.cursor() as sql:
            sql.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'practice%%'")
            tables = [table for (table,) in sql.fetchall()]
            for table in tables:
                sql.execute(f"SELECT count(*) FROM {table} AS line WHERE strpos(line::text, %s) > 0", [HERS])
                assert sql.fetchone() == (0,), table
        assert len(tables) == 11

    @pytest.mark.parametrize("model", [Review, Retraction])
    def test_the_log_goes_only_with_its_person(self, learner, model):
        with pytest.raises(IntegrityError, match="goes only"), transaction.atomic():  # noqa: PT012 - deferred
            model.objects.filter(person=learner).delete()
            with connection.cursor() as sql:
                sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert model.objects.filter(person=learner).count() == 1

    def test_their_calendar_leads_nowhere(self, learner, client, now):
        url = queries.calendar_url(person=learner)
        path = url.removeprefix(url.split("/calendar/")[0])
        assert client.get(path).status_code == 200
        privacy.erase(learner, now=now)
        assert client.get(path).status_code == 404
        assert not Learner.objects.filter(calendar_key=KEY).exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_practised_while_somebody_is_erased_finds_nobody(ben, now, monkeypatch):
    """The person is locked before the learner by both, so neither waits for the other for ever."""
    practised_everything(ben, text=HERS)
    given = [commands.Given(uuid4(), ReviewCard.objects.get().pk, 3, now)]
    refused = []

    def practise():
        try:
            commands.accept_reviews(person=ben, given=given, sent_at=None, device="", now=now)
        except User.DoesNotExist as error:
            refused.append(error)
        finally:
            connections.close_all()

    def somebody_waits():
        with connection.cursor() as sql:
            sql.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            return sql.fetchone()[0]

    late = Thread(target=practise)

    def meanwhile(*, person, now):
        late.start()
        eventually(somebody_waits, within=20, what="nobody waits for the lock")

    monkeypatch.setattr(privacy, "_parts", dict(privacy._parts))
    privacy.register("test.meanwhile", tables=[], export=list, erase=meanwhile, order=0)
    privacy.erase(ben, now=now)
    late.join(timeout=30)
    assert len(refused) == 1
    assert set(rows_of(ben).values()) == {0}
