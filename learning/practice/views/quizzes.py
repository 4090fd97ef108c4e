"""Quizzes on the pages: begun with one form, answered one question at a time, told about at the end."""

from collections.abc import Callable
from functools import wraps
from random import SystemRandom
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries as people
from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.forms.quizzes import AgainForm, AnswerForm, QuestionForm, StartForm
from learning.practice.models import QuizItem, QuizMode, QuizSession
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http import page, see_other
from project.foundation.http.paging import paged
from project.foundation.http.throttling import refusal, throttled

View = Callable[..., HttpResponse]


def of_a_quiz(view: View) -> View:
    """What is not there, or is somebody else's, is not found."""

    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (QuizSession.DoesNotExist, QuizItem.DoesNotExist):
            raise Http404 from None

    return found


@require_http_methods(["GET", "POST"])
def quizzes(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _begun(request)
    asked = {name: request.GET[name] for name in StartForm.base_fields.keys() & request.GET.keys() - {"id"}}
    return _start(request, StartForm(initial=_usual(request) | asked))


def _begun(request: HttpRequest) -> HttpResponse:
    if refused := refusal(request, scope="quizzes"):
        return refused
    form = StartForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data | {"mode": QuizMode(form.cleaned_data["mode"])}
        try:
            quiz = commands.begin_quiz(person=person_of(request), chance=SystemRandom(), now=timezone.now(), **wanted)
        except commands.NothingToAsk:
            form.add_error(None, _("There is no such question for this belt yet. Choose something else."))
        except commands.IdTaken:
            form.add_error(None, _("This page is too old. Load it again."))
        else:
            _say_if_few(request, quiz, wanted["n"])
            return see_other("practice:quiz", quiz.pk)
    return _start(request, form)


def _start(request: HttpRequest, form: StartForm) -> HttpResponse:
    context = {"form": form, "pager": paged(request, queries.quizzes(viewer=request.user)), "place": "practise"}
    return page(request, "practice/quizzes.html", context, status=422 if form.errors else 200)


def _usual(request: HttpRequest) -> dict[str, Any]:
    """What somebody most likely wants: their belt, and otherwise what they chose the last time."""
    last, belt = queries.last_quiz(viewer=request.user), people.belt_of(person=person_of(request))
    if belt is None:
        belt = last.belt if last else LOWEST
    usual = {"belt": belt if belt is None else max(belt, FIRST_DAN)}
    return usual | ({"mode": last.mode} if last else {})


def _say_if_few(request: HttpRequest, quiz: QuizSession, wanted: int) -> None:
    number = quiz.items.count()
    if number < wanted:
        said = ngettext(
            "There is only %(number)s question of this kind so far.",
            "There are only %(number)s questions of this kind so far.",
            number,
        )
        messages.info(request, said % {"number": number})


@require_http_methods(["GET", "POST"])
@of_a_quiz
def quiz(request: HttpRequest, quiz_id: UUID) -> HttpResponse:
    sheet = queries.quiz(viewer=request.user, quiz_id=quiz_id)
    if request.method == "POST":
        return _answered(request, sheet)
    place = _place(request.GET, sheet)
    if place is None and sheet.next_place is None:
        context = {"sheet": sheet, "again": AgainForm(), "place": "practise"}
        return page(request, "practice/quiz_over.html", context)
    return _asked(request, sheet, place or sheet.next_place or 1)


def _answered(request: HttpRequest, sheet: queries.QuizSheet) -> HttpResponse:
    place = _place(request.POST, sheet)
    if place is None:
        raise Http404
    form = AnswerForm(request.POST, question=sheet.asked[place - 1].question)
    if not form.is_valid():
        return _asked(request, sheet, place, form)
    now, given = timezone.now(), form.cleaned_data
    try:
        commands.answer(
            person=person_of(request), quiz_id=sheet.quiz.pk, place=place, answered_at=now, now=now, **given
        )
    except commands.AnsweredAlready:
        messages.info(request, _("You have answered this question before. The first answer counts."))
    except commands.QuizOver:
        messages.info(request, _("This quiz is over."))
    except commands.ClientIdTaken:
        form.add_error(None, _("This page is too old. Load it again."))
        return _asked(request, sheet, place, form)
    return _told(request, sheet, place)


def _told(request: HttpRequest, sheet: queries.QuizSheet, place: int) -> HttpResponse:
    """The question with its answer: the piece of it for htmx, its address for everybody else."""
    if not request.htmx:  # type: ignore[attr-defined]
        return see_other(f"{reverse('practice:quiz', args=[sheet.quiz.pk])}?place={place}")
    return _asked(request, queries.quiz(viewer=request.user, quiz_id=sheet.quiz.pk), place)


def _asked(request: HttpRequest, sheet: queries.QuizSheet, place: int, form: AnswerForm | None = None) -> HttpResponse:
    """All questions in one page, so that it can be kept on a device; only one of them is open."""
    forms = {
        each.place: AnswerForm(question=each.question) for each in sheet.asked if not (each.answer or sheet.is_over)
    }
    if form is not None:
        forms[place] = form
    cards = queries.quiz_cards(viewer=request.user, sheet=sheet, now=timezone.now())
    last = len(sheet.asked)
    sections = [
        {
            "asked": each,
            "card": cards.get(each.place),
            "form": forms.get(each.place),
            "is_open": each.place == place,
            "previous": each.place - 1 or None,
            "next": each.place + 1 if each.place < last else None,
        }
        for each in sheet.asked
    ]
    context = {"sheet": sheet, "sections": sections, "section": sections[place - 1], "place": "practise"}
    status = 422 if form is not None and form.errors else 200
    return page(request, "practice/quiz.html", context, fragment="question", status=status)


def _place(said: QueryDict, sheet: queries.QuizSheet) -> int | None:
    """The question that is meant; None when none is named. Raises QuizItem.DoesNotExist for one that is not there."""
    if "place" not in said:
        return None
    form = QuestionForm(said)
    if not form.is_valid() or form.cleaned_data["place"] > len(sheet.asked):
        raise QuizItem.DoesNotExist
    place: int = form.cleaned_data["place"]
    return place


@require_http_methods(["GET", "POST"])
@of_a_quiz
def quiz_end(request: HttpRequest, quiz_id: UUID) -> HttpResponse:
    """Asks first where questions are still open; posted to, it ends the quiz."""
    if request.method == "POST":
        commands.end_quiz(person=person_of(request), quiz_id=quiz_id, now=timezone.now())
        return see_other("practice:quiz", quiz_id)
    sheet = queries.quiz(viewer=request.user, quiz_id=quiz_id)
    if sheet.next_place is None:
        return see_other("practice:quiz", quiz_id)
    return page(request, "practice/quiz_end.html", {"sheet": sheet, "place": "practise"})


@require_POST
@of_a_quiz
def quiz_discard(request: HttpRequest, quiz_id: UUID) -> HttpResponse:
    try:
        commands.discard_quiz(person=person_of(request), quiz_id=quiz_id, now=timezone.now())
    except commands.HasAnswers:
        messages.info(request, _("Something of this quiz is answered, so it stays."))
        return see_other("practice:quiz", quiz_id)
    messages.success(request, _("The quiz is gone."))
    return see_other("practice:quizzes")


@require_POST
@of_a_quiz
@throttled("quizzes")
def quiz_again(request: HttpRequest, quiz_id: UUID) -> HttpResponse:
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        begun = commands.begin_again(
            person=person_of(request), of=quiz_id, id=form.cleaned_data["id"], chance=SystemRandom(), now=timezone.now()
        )
    except (commands.NothingToAsk, commands.IdTaken):
        messages.info(request, _("There is nothing of it to ask again."))
        return see_other("practice:quiz", quiz_id)
    return see_other("practice:quiz", begun.pk)


@require_POST
@of_a_quiz
def quiz_card(request: HttpRequest, quiz_id: UUID) -> HttpResponse:
    """Practise what a question asked for from now on, or not any more."""
    sheet = queries.quiz(viewer=request.user, quiz_id=quiz_id)
    place = _place(request.POST, sheet)
    if place is None:
        raise Http404
    now = timezone.now()
    if "away" not in request.POST:
        commands.practise_question(person=person_of(request), quiz_id=quiz_id, place=place, now=now)
    elif card := queries.quiz_cards(viewer=request.user, sheet=sheet, now=now).get(place):
        commands.put_away(person=person_of(request), card_id=card.pk, now=now)
    return _told(request, sheet, place)
