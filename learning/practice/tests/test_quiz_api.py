"""Quizzes as the app and pages that were offline use them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from learning.handbook.tests.factories import published_tul
from learning.handbook.tests.question_factories import KINDS, TEXT, bank, put_question
from learning.practice import commands
from learning.practice.models import QuizAnswer, QuizSession
from learning.practice.tests.quiz_factories import begun, frozen, right, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions(now):
    bank(10, now=now)


@pytest.fixture
def quiz(ben, questions):
    return begun(ben, now=timezone.now())


@pytest.fixture
def phone(app, ben):
    return app(ben)


def ask(client, **fields):
    return client.post("/api/v1/quizzes", {"mode": "theory", "n": 5} | fields, content_type="application/json")


def given(quiz, place, *, is_right=True, **fields):
    question = frozen(quiz, place)
    return {
        "client_id": str(uuid4()), "place": place, "given": right(question) if is_right else wrong(question),
    } | fields  # fmt: skip


def send(client, quiz, *answers, **fields):
    body = {"answers": list(answers)} | fields
    return client.post(f"/api/v1/quizzes/{quiz.pk}/answers", body, content_type="application/json")


class TestBeginning:
    def test_questions_without_what_is_right(self, phone, questions, ben):
        answer = ask(phone, belt=8)
        said = answer.json()
        assert answer.status_code == 201
        assert [each["place"] for each in said["items"]] == [1, 2, 3, 4, 5]
        assert all(set(each) == {
            "place", "kind", "prompt", "media", "options", "partners", "is_answered",
        } for each in said["items"])  # fmt: skip
        quiz = QuizSession.objects.get()
        assert (str(quiz.pk), quiz.person, quiz.belt, quiz.mode) == (said["id"], ben, 8, "theory")
        first = said["items"][0]
        assert [each["number"] for each in first["options"]] == list(range(1, len(first["options"]) + 1))
        assert set(first["prompt"]) == {"pl", "en", "ko"}

    def test_a_picture_comes_with_its_words(self, phone, now):
        published_tul(now=now, slug="chon-ji")
        put_question("seen", now=now, about="tul:chon-ji", picture={"movement": 1, "alt": TEXT})
        (item,) = ask(phone).json()["items"]
        assert item["media"] == {"kind": "picture", "url": "/tuls/chon-ji/floor/1.svg", "alt": TEXT}
        assert phone.get(item["media"]["url"]).status_code == 200

    def test_nothing_gives_the_answer_away(self, phone, now):
        put_question("secret", now=now, kind="type", answers=["geheimnis"], about="term:geheimnis")
        assert b"geheimnis" not in ask(phone).content

    def test_the_same_id_is_the_same_quiz_with_what_was_answered(self, phone, questions):
        made = str(uuid4())
        first = ask(phone, id=made).json()
        send(phone, QuizSession.objects.get(), given(QuizSession.objects.get(), 1))
        again = ask(phone, id=made).json()
        assert [each["prompt"] for each in again["items"]] == [each["prompt"] for each in first["items"]]
        assert [each["is_answered"] for each in again["items"]] == [True, False, False, False, False]

    def test_an_id_of_somebody_else(self, app, cleo, quiz):
        answer = ask(app(cleo), id=str(quiz.pk))
        assert (answer.status_code, answer.json()["code"]) == (409, "id_taken")

    def test_nothing_to_ask(self, phone):
        answer = ask(phone)
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_ask")

    @pytest.mark.parametrize(
        "fields", [{"mode": "poems"}, {"n": 4}, {"n": 51}, {"belt": 11}, {"belt": -1}, {"id": "me"}, {"n": "many"}]
    )
    def test_what_cannot_be(self, phone, questions, fields):
        answer = ask(phone, **fields)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")

    def test_only_so_many_in_a_minute(self, phone, questions, settings):
        settings.THROTTLES = settings.THROTTLES | {"quizzes": 1}
        assert [ask(phone).status_code for _ in range(2)] == [201, 429]

    def test_strangers_are_not_answered(self, questions, quiz):
        assert ask(Client()).status_code == 401
        assert send(Client(), quiz, given(quiz, 1)).status_code == 401

    def test_a_page_sends_its_token(self, ben, questions):
        client = Client(enforce_csrf_checks=True)
        client.force_login(ben)
        assert ask(client).status_code == 403
        client.get("/practise/quizzes/")
        token = client.cookies["csrftoken"].value
        answer = client.post(
            "/api/v1/quizzes", {"mode": "theory", "n": 5}, content_type="application/json",
            headers={"X-CSRFToken": token},
        )  # fmt: skip
        assert answer.status_code == 201


class TestAnswering:
    @pytest.mark.parametrize("kind", KINDS)
    def test_right_and_wrong_of_every_kind(self, phone, ben, now, kind):
        bank(5, now=now, kind=kind)
        quiz = begun(ben, now=now)
        said = send(phone, quiz, given(quiz, 1), given(quiz, 2, is_right=False)).json()
        assert [(each["result"], each["is_right"]) for each in said["answers"]] == [
            ("applied", True),
            ("applied", False),
        ]
        assert said["answers"][0]["right"] == frozen(quiz, 1).right
        assert said["answers"][0]["explanation"]["en"] == "So it is."
        assert (said["asked"], said["answered"], said["right"], said["finished_at"]) == (5, 2, 1, None)

    def test_one_by_one_and_what_is_refused_loses_nothing(self, phone, quiz):
        first = given(quiz, 1)
        other = given(quiz, 2)
        said = send(
            phone, quiz, first, first, given(quiz, 1, is_right=False), given(quiz, 1) | {"place": 50},
            given(quiz, 2, client_id=first["client_id"]), given(quiz, 2, given=[]),
            given(quiz, 2, answered_at="1970-01-01T00:00:00Z"), other,
        ).json()  # fmt: skip
        assert [(each["result"], each["reason"]) for each in said["answers"]] == [
            ("applied", ""), ("duplicate", ""), ("rejected", "answered_already"), ("rejected", "no_such_question"),
            ("rejected", "client_id_taken"), ("rejected", "no_answer"), ("rejected", "no_such_time"), ("applied", ""),
        ]  # fmt: skip
        assert said["answers"][2]["is_right"] is True  # that of the first answer
        assert said["answers"][5]["detail"]
        assert [each["client_id"] for each in said["answers"]][-1] == other["client_id"]
        assert QuizAnswer.objects.count() == 2

    def test_the_whole_quiz_that_was_answered_offline(self, phone, quiz):
        answers = [
            given(quiz, place, is_right=place > 1, answered_at=timezone.now().isoformat()) for place in range(1, 6)
        ]
        said = send(phone, quiz, *answers, sent_at=timezone.now().isoformat(), device="browser 1").json()
        assert (said["answered"], said["right"]) == (5, 4)
        assert said["finished_at"]
        again = send(phone, quiz, *answers).json()
        assert {each["result"] for each in again["answers"]} == {"duplicate"}
        assert again["finished_at"] == said["finished_at"]

    def test_a_clock_that_is_wrong_is_put_right(self, phone, ben, questions):
        quiz = begun(ben, now=timezone.now() - timedelta(days=1))
        wrong_now = timezone.now() + timedelta(days=400)
        answer = given(quiz, 1, answered_at=(wrong_now - timedelta(hours=3)).isoformat())
        send(phone, quiz, answer, sent_at=wrong_now.isoformat())
        late = timezone.now() - QuizAnswer.objects.get().answered_at
        assert timedelta(hours=3) <= late < timedelta(hours=3, minutes=5)

    def test_after_the_end(self, phone, ben, quiz):
        commands.end_quiz(person=ben, quiz_id=quiz.pk, now=timezone.now())
        (said,) = send(phone, quiz, given(quiz, 1)).json()["answers"]
        assert (said["result"], said["reason"]) == ("rejected", "quiz_over")

    def test_somebody_elses_quiz_and_none(self, app, cleo, quiz):
        assert send(app(cleo), quiz, given(quiz, 1)).status_code == 404
        quiz.pk = UUID(int=1)
        answers = {"client_id": str(uuid4()), "place": 1, "given": [1]}
        assert send(app(cleo), quiz, answers).status_code == 404

    @pytest.mark.parametrize(
        "broken",
        [
            {"given": None}, {"given": {"a": 1}}, {"given": [[1, 2, 3]]}, {"given": ["a"]}, {"given": [1.5]},
            {"place": 0}, {"place": 51}, {"client_id": "me"},
            {"answered_at": "2026-11-21T10:00:00"}, {"answered_at": "soon"},
        ],
    )  # fmt: skip
    def test_what_cannot_be(self, phone, quiz, broken):
        answer = send(phone, quiz, given(quiz, 1) | broken)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert not QuizAnswer.objects.exists()

    @pytest.mark.parametrize("answer", ["\x00", "\ud800", "x" * 5000, [10**30], [-1], [[1, 1]] * 3])
    def test_whatever_is_given_is_refused_and_breaks_nothing(self, phone, quiz, answer):
        (said,) = send(phone, quiz, given(quiz, 1, given=answer)).json()["answers"]
        assert (said["result"], said["reason"]) == ("rejected", "no_answer")

    @pytest.mark.parametrize("number", [0, 51])
    def test_none_or_too_many(self, phone, quiz, number):
        assert send(phone, quiz, *[given(quiz, 1)] * number).status_code == 422
