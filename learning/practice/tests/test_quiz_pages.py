"""Quizzes as people use them in a browser, with and without scripts."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import queries as people
from learning.handbook.tests.question_factories import KINDS, bank, put_question, put_term
from learning.practice import queries
from learning.practice.models import QuizAnswer, QuizSession, ReviewCard
from learning.practice.tests.quiz_factories import answered, begun, fields_of, finished, frozen, right, wrong

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def questions(now):
    bank(10, now=now)


@pytest.fixture
def quiz(ben, questions):
    return begun(ben, now=timezone.now())


@pytest.fixture
def url(quiz):
    return reverse("practice:quiz", args=[quiz.pk])


def post(client, quiz, place, given, **more):
    fields = {"place": place, "client_id": uuid4(), **fields_of(frozen(quiz, place), given)}
    return client.post(reverse("practice:quiz", args=[quiz.pk]), fields | more)


def start(client, **fields):
    return client.post(reverse("practice:quizzes"), {"id": uuid4(), "mode": "theory", "belt": "", "n": 5} | fields)


class TestStarting:
    def test_one_form_is_enough(self, signed_in, questions):
        page = text(signed_in.get(reverse("practice:quizzes")))
        assert "A bit of everything" in page
        assert "None yet." in page
        answer = start(signed_in, n=7)
        quiz = QuizSession.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"/practise/quizzes/{quiz.pk}/")
        assert quiz.items.count() == 7
        assert "0 of 7 answered" in text(signed_in.get(reverse("practice:quizzes")))

    def test_the_belt_is_that_of_the_learner(self, signed_in, questions, monkeypatch):
        assert '<option value="10" selected>' in text(signed_in.get(reverse("practice:quizzes")))
        monkeypatch.setattr(people, "belt_of", lambda *, person: 4)
        assert '<option value="4" selected>' in text(signed_in.get(reverse("practice:quizzes")))
        monkeypatch.setattr(people, "belt_of", lambda *, person: -2)
        assert '<option value="0" selected>' in text(signed_in.get(reverse("practice:quizzes")))

    def test_pressed_twice_it_begins_once(self, signed_in, questions):
        made = uuid4()
        assert start(signed_in, id=made)["Location"] == start(signed_in, id=made)["Location"]
        assert QuizSession.objects.count() == 1

    def test_fewer_than_asked_is_said(self, signed_in, questions):
        answer = start(signed_in, n=20)
        assert "There are only 10 questions of this kind so far." in text(signed_in.get(answer["Location"]))

    def test_nothing_to_ask_is_a_sentence(self, signed_in):
        answer = start(signed_in)
        assert answer.status_code == 422
        assert "There is no such question for this belt yet." in text(answer)

    @pytest.mark.parametrize(
        "fields", [{"n": 4}, {"n": 51}, {"mode": "poems"}, {"belt": "11"}, {"id": "me"}, {"n": ""}]
    )
    def test_what_cannot_be_is_refused(self, signed_in, questions, fields):
        assert start(signed_in, **fields).status_code == 422
        assert not QuizSession.objects.exists()

    def test_the_id_of_somebody_elses_quiz_is_refused(self, cleo, quiz):
        client = Client()
        client.force_login(cleo)
        assert start(client, id=quiz.pk).status_code == 422

    def test_strangers_sign_in_first(self, client, url):
        for address in (reverse("practice:quizzes"), url):
            answer = client.get(address)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")

    def test_only_so_many_in_a_minute(self, signed_in, questions, settings):
        settings.THROTTLES = settings.THROTTLES | {"quizzes": 2}
        assert [start(signed_in).status_code for _ in range(3)] == [303, 303, 429]
        assert signed_in.get(reverse("practice:quizzes")).status_code == 200


class TestOneQuestion:
    def test_one_is_open_and_the_others_wait_in_the_page(self, signed_in, quiz, url):
        page = text(signed_in.get(f"{url}?place=3"))
        assert page.count('class="question stack"') == 5
        assert page.count('data-question="3" aria-labelledby="prompt-3" >') == 1
        assert page.count('" hidden>') >= 4

    @pytest.mark.parametrize("place", ["0", "6", "x", "99999999999999", "-1", ""])
    def test_one_that_is_not_there(self, signed_in, url, place):
        assert signed_in.get(f"{url}?place={place}").status_code == 404
        assert signed_in.post(url, {"place": place, "client_id": uuid4(), "option": "1"}).status_code == 404

    def test_right_leads_to_the_reason_and_on(self, signed_in, quiz, url):
        answer = post(signed_in, quiz, 1, right(frozen(quiz, 1)))
        assert (answer.status_code, answer["Location"]) == (303, f"{url}?place=1")
        page = text(signed_in.get(answer["Location"]))
        assert all(said in page for said in ("Right.", "So it is.", "Encyclopedia, vol. 1", "Add to my reviews"))
        assert f'href="{url}?place=2"' in page or 'href="?place=2"' in page

    def test_wrong_says_so_and_becomes_a_card(self, signed_in, quiz):
        answer = post(signed_in, quiz, 1, wrong(frozen(quiz, 1)))
        page = text(signed_in.get(answer["Location"]))
        assert all(said in page for said in ("Not right.", "Among your reviews", "Put it away"))
        assert ReviewCard.objects.get().origin == "mistake"

    def test_it_goes_on_where_it_was_left(self, signed_in, quiz, url, now):
        answered(quiz, 1, now=now)
        answered(quiz, 2, now=now)
        assert 'data-question="3" aria-labelledby="prompt-3" >' in text(signed_in.get(url))

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_by_its_fields(self, signed_in, ben, now, kind):
        bank(5, now=now, kind=kind)
        quiz = begun(ben, now=now)
        assert post(signed_in, quiz, 1, right(frozen(quiz, 1))).status_code == 303
        assert post(signed_in, quiz, 2, wrong(frozen(quiz, 2))).status_code == 303
        assert list(QuizAnswer.objects.order_by("item__place").values_list("is_right", flat=True)) == [True, False]
        told = text(signed_in.get(reverse("practice:quiz", args=[quiz.pk]) + "?place=2"))
        said = {"single": "your answer", "multiple": "correct, and your answer", "type": "You typed"}
        assert said.get(kind, "you had:") in told

    def test_a_right_option_that_was_not_chosen_is_missed_and_not_hit(self, signed_in, ben, now):
        put_question("two", now=now, kind="multiple")
        quiz = begun(ben, now=now)
        hit, missed = right(frozen(quiz, 1))
        post(signed_in, quiz, 1, [hit])
        page = text(signed_in.get(reverse("practice:quiz", args=[quiz.pk]) + "?place=1"))
        lines = page.partition('<ul class="told"')[2].partition("</ul>")[0].split("<li ")[1:]
        of = {number: next(x for x in lines if frozen(quiz, 1).option(number)["en"] in x) for number in (hit, missed)}
        assert all(said in of[hit] for said in ('data-tone="good"', "#check", "correct, and your answer"))
        assert all(said in of[missed] for said in ('data-tone="missed"', "#warning", "missed: this is correct too"))
        assert "#check" not in of[missed]

    def test_of_a_single_choice_the_right_one_is_not_missed(self, signed_in, ben, now):
        put_question("one", now=now)
        quiz = begun(ben, now=now)
        answer = post(signed_in, quiz, 1, wrong(frozen(quiz, 1)))
        assert "missed" not in text(signed_in.get(answer["Location"]))

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_verdict_comes_before_the_list(self, signed_in, ben, now, kind):
        put_question("one", now=now, kind=kind)
        quiz = begun(ben, now=now)
        answer = post(signed_in, quiz, 1, wrong(frozen(quiz, 1)))
        page = text(signed_in.get(answer["Location"]))
        assert page.index("data-verdict") < page.index('class="facts"' if kind == "type" else 'class="told"')

    @pytest.mark.parametrize(
        ("kind", "fields", "said"),
        [
            ("single", {}, "Give an answer first."), ("single", {"option": ["1", "2"]}, "Only one answer is right."),
            ("single", {"option": "9"}, "There is no such choice."),
            ("single", {"option": "²"}, "There is no such choice."),
            ("multiple", {}, "Give an answer first."), ("multiple", {"option": ["1", "1"]}, "Two have the same place."),
            ("order", {"put-1": "1", "put-2": "1", "put-3": "3"}, "Two have the same place."),
            ("order", {"put-1": "1", "put-2": "2"}, "Something is still missing."),
            ("order", {}, "Give an answer first."),
            ("match", {"put-1": "1", "put-2": "1", "put-3": "2"}, "Two have the same place."),
            ("match", {"put-1": "1"}, "Something is still missing."), ("type", {"typed": " "}, "Give an answer first."),
            ("type", {"typed": "x" * 121}, "This is too long"), ("type", {"typed": "a\x00"}, "This is no answer"),
        ],
    )  # fmt: skip
    def test_what_is_no_answer_comes_back_with_a_sentence(self, signed_in, ben, now, kind, fields, said):
        bank(5, now=now, kind=kind)
        quiz = begun(ben, now=now)
        url = reverse("practice:quiz", args=[quiz.pk])
        answer = signed_in.post(url, {"place": 2, "client_id": uuid4()} | fields)
        assert answer.status_code == 422
        assert said in text(answer).partition('id="error-2"')[2].partition("</form>")[0]
        assert not QuizAnswer.objects.exists()

    def test_what_was_chosen_is_still_there_after_an_error(self, signed_in, ben, now):
        bank(5, now=now, kind="order")
        quiz = begun(ben, now=now)
        answer = signed_in.post(
            reverse("practice:quiz", args=[quiz.pk]), {"place": 1, "client_id": uuid4(), "put-1": "3", "put-2": "3"}
        )
        section = text(answer).partition('id="question-1"')[2].partition('id="question-2"')[0]
        assert section.count('<option value="3" selected>3</option>') == 2

    def test_a_client_id_that_is_none_or_taken(self, signed_in, quiz):
        given, made = right(frozen(quiz, 1)), uuid4()
        assert "This page is too old." in text(post(signed_in, quiz, 1, given, client_id="me"))
        assert post(signed_in, quiz, 1, given, client_id=made).status_code == 303
        answer = post(signed_in, quiz, 2, right(frozen(quiz, 2)), client_id=made)
        assert answer.status_code == 422
        assert "This page is too old." in text(answer)

    def test_another_answer_shows_the_first_one(self, signed_in, quiz):
        post(signed_in, quiz, 1, right(frozen(quiz, 1)))
        answer = post(signed_in, quiz, 1, wrong(frozen(quiz, 1)))
        page = text(signed_in.get(answer["Location"]))
        assert "The first answer counts." in page
        assert QuizAnswer.objects.get().is_right

    def test_pressed_twice_it_counts_once(self, signed_in, quiz):
        made, given = uuid4(), right(frozen(quiz, 1))
        assert [post(signed_in, quiz, 1, given, client_id=made).status_code for _ in range(2)] == [303, 303]
        assert QuizAnswer.objects.count() == 1

    def test_with_htmx_only_the_question(self, signed_in, quiz, url):
        given = {"place": 2, "client_id": uuid4(), **fields_of(frozen(quiz, 2), right(frozen(quiz, 2)))}
        answer = signed_in.post(url, given, headers=HTMX)
        assert (answer.status_code, answer["Vary"].count("HX-Request")) == (200, 1)
        assert text(answer).startswith('<section class="question stack" id="question-2"')
        assert "Right." in text(answer)
        refusal = signed_in.post(url, {"place": 3, "client_id": uuid4()}, headers=HTMX)
        assert refusal.status_code == 422
        assert text(refusal).startswith('<section class="question stack" id="question-3"')
        asked = signed_in.get(f"{url}?place=2", headers=HTMX)
        assert text(asked).count("<section") == 1

    def test_nothing_before_the_answer_says_what_is_right(self, signed_in, ben, now):
        put_question("secret", now=now, kind="type", answers=["geheimnis"])
        quiz = begun(ben, now=now)
        assert "geheimnis" not in text(signed_in.get(reverse("practice:quiz", args=[quiz.pk])))

    def test_somebody_elses_quiz_is_not_found(self, cleo, quiz, url):
        client = Client()
        client.force_login(cleo)
        assert client.get(url).status_code == 404
        assert post(client, quiz, 1, right(frozen(quiz, 1))).status_code == 404
        for name in ("quiz-end", "quiz-discard", "quiz-again", "quiz-card"):
            address = reverse(f"practice:{name}", args=[quiz.pk])
            assert client.post(address, {"place": 1, "id": uuid4()}).status_code == 404
            assert client.get(address).status_code == (404 if name == "quiz-end" else 405)

    def test_a_picture_is_shown_where_there_is_one(self, signed_in, quiz, url, monkeypatch):
        media = {"url": "/media/kick.jpg", "alt": {"en": "A kick"}, "kind": "picture"}
        real = queries.quiz

        def with_media(**wanted):
            sheet = real(**wanted)
            object.__setattr__(sheet.asked[0].question, "media", media)
            return sheet

        monkeypatch.setattr(queries, "quiz", with_media)
        assert '<img class="question__media" src="/media/kick.jpg" alt="A kick">' in text(signed_in.get(url))
        media["kind"] = "video"
        assert "<video" in text(signed_in.get(url))


class TestCards:
    def test_put_away_and_taken_again(self, signed_in, quiz):
        post(signed_in, quiz, 1, wrong(frozen(quiz, 1)))
        address = reverse("practice:quiz-card", args=[quiz.pk])
        answer = signed_in.post(address, {"place": 1, "away": "1"})
        assert answer.status_code == 303
        assert "Add to my reviews" in text(signed_in.get(answer["Location"]))
        assert ReviewCard.objects.get().put_away_at
        assert "Among your reviews" in text(signed_in.post(address, {"place": 1}, headers=HTMX))
        assert ReviewCard.objects.get().put_away_at is None

    def test_of_no_question(self, signed_in, quiz):
        address = reverse("practice:quiz-card", args=[quiz.pk])
        assert signed_in.post(address).status_code == 404
        assert signed_in.post(address, {"place": 9}).status_code == 404


class TestTheEnd:
    def test_score_weak_spots_and_what_next(self, signed_in, ben, now):
        put_question("word", now=now)
        put_term(now)
        bank(5, now=now, about="term:charyot", kind="single")
        quiz = finished(ben, now=now, n=6, wrong=6)
        page = text(signed_in.get(reverse("practice:quiz", args=[quiz.pk])))
        assert all(said in page for said in ("0 of 6", "Weak spots", "5 of 5 wrong", "/glossary/charyot/", "Attention"))
        assert "Practise the weak spots" in page

    def test_again_with_the_weak_spots(self, signed_in, ben, questions, now):
        quiz = finished(ben, now=now, wrong=2)
        address = reverse("practice:quiz-again", args=[quiz.pk])
        answer = signed_in.post(address, {"id": uuid4()})
        assert answer.status_code == 303
        assert QuizSession.objects.count() == 2
        assert signed_in.post(address, {"id": "me"}).status_code == 404

    def test_everything_right_asks_nothing_again(self, signed_in, ben, questions, now):
        quiz = finished(ben, now=now)
        page = text(signed_in.get(reverse("practice:quiz", args=[quiz.pk])))
        assert "5 of 5" in page
        assert "Practise the weak spots" not in page
        answer = signed_in.post(reverse("practice:quiz-again", args=[quiz.pk]), {"id": uuid4()}, follow=True)
        assert "There is nothing of it to ask again." in text(answer)

    def test_mistakes_about_nothing_in_the_handbook_are_told_after_the_spots(self, signed_in, ben, now):
        put_term(now)
        put_question("named", now=now, about="term:charyot")
        put_question("loose", now=now)
        quiz = finished(ben, now=now, wrong=2)
        page = text(signed_in.get(reverse("practice:quiz", args=[quiz.pk])))
        weak = page.partition('id="weak"')[2].partition("</section>")[0]
        place = next(n for n in (1, 2) if frozen(quiz, n).slug == "loose")
        assert weak.index("Attention") < weak.index(f'href="?place={place}">What is loose?</a>')
        assert "What is named?" not in weak

    def test_only_such_mistakes_are_weak_spots_too(self, signed_in, ben, now):
        put_question("loose", now=now)
        quiz = finished(ben, now=now, wrong=1)
        page = text(signed_in.get(reverse("practice:quiz", args=[quiz.pk])))
        assert "What is loose?" in page.partition('id="weak"')[2].partition("</section>")[0]

    def test_it_asks_before_open_questions_are_given_up(self, signed_in, quiz, url):
        post(signed_in, quiz, 1, right(frozen(quiz, 1)))
        address = reverse("practice:quiz-end", args=[quiz.pk])
        assert f'href="{address}"' in text(signed_in.get(url))
        page = text(signed_in.get(address))
        assert "4 of 5 questions are still open." in page
        assert "Remove it" not in page
        quiz.refresh_from_db()
        assert quiz.finished_at is None

    def test_of_one_that_is_over_there_is_nothing_to_ask(self, signed_in, ben, questions, now):
        quiz = finished(ben, now=now)
        answer = signed_in.get(reverse("practice:quiz-end", args=[quiz.pk]))
        assert (answer.status_code, answer["Location"]) == (303, reverse("practice:quiz", args=[quiz.pk]))

    def test_ended_before_the_last_question(self, signed_in, quiz, url):
        post(signed_in, quiz, 1, right(frozen(quiz, 1)))
        answer = signed_in.post(reverse("practice:quiz-end", args=[quiz.pk]))
        assert (answer.status_code, answer["Location"]) == (303, url)
        assert "1 of 5 answered, 1 right." in text(signed_in.get(url))
        assert "You did not answer this question." in text(signed_in.get(f"{url}?place=2"))
        refusal = post(signed_in, quiz, 2, right(frozen(quiz, 2)))
        assert "This quiz is over." in text(signed_in.get(refusal["Location"]))

    def test_the_last_answer_is_told_before_the_result(self, signed_in, quiz, url, now):
        for place in range(1, 5):
            answered(quiz, place, now=now)
        answer = post(signed_in, quiz, 5, right(frozen(quiz, 5)))
        assert "See the result" in text(signed_in.get(answer["Location"]))
        assert "What was asked" in text(signed_in.get(url))


class TestDiscarding:
    def test_one_without_answers_goes_from_the_list(self, signed_in, quiz):
        address = reverse("practice:quiz-discard", args=[quiz.pk])
        assert address in text(signed_in.get(reverse("practice:quiz-end", args=[quiz.pk])))
        assert address in text(signed_in.get(reverse("practice:quizzes")))
        page = text(signed_in.post(address, follow=True))
        assert "The quiz is gone." in page
        assert "None yet." in page

    def test_one_with_an_answer_stays(self, signed_in, quiz, now):
        answered(quiz, 1, now=now)
        address = reverse("practice:quiz-discard", args=[quiz.pk])
        assert address not in text(signed_in.get(reverse("practice:quizzes")))
        assert "Something of this quiz is answered, so it stays." in text(signed_in.post(address, follow=True))
        assert QuizSession.objects.exists()


class TestQueries:
    @pytest.mark.parametrize("number", [5, 30])
    def test_a_quiz_costs_the_same_however_long(self, signed_in, ben, number, now, django_assert_num_queries):
        bank(30, now=now)
        quiz = begun(ben, now=now, n=number)
        answered(quiz, 1, now=now, is_right=False)
        url = reverse("practice:quiz", args=[quiz.pk])
        signed_in.get(url)
        with django_assert_num_queries(4):
            assert signed_in.get(url).status_code == 200

    @pytest.mark.parametrize("number", [1, 15])
    def test_the_list_costs_the_same_however_many(self, signed_in, ben, number, questions, django_assert_num_queries):
        for seed in range(number):
            begun(ben, now=timezone.now(), seed=seed)
        signed_in.get(reverse("practice:quizzes"))
        with django_assert_num_queries(5):
            assert signed_in.get(reverse("practice:quizzes")).status_code == 200
