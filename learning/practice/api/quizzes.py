"""Quizzes for the app and for pages that were offline: begun once, answered one by one."""

from datetime import datetime
from random import SystemRandom
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import AwareDatetime

from accounts import access
from accounts.api.shapes import told
from learning.practice import commands, queries
from learning.practice.forms.quizzes import FLAWS
from learning.practice.models import QuizItem, QuizMode, QuizSession
from learning.practice.rules import clocks
from learning.practice.rules.quizzes import AT_LEAST, AT_MOST, Choice
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http.problems import Problem
from project.foundation.http.throttling import throttled

router = Router()

QUIZ = "7d0f7f5e-2f0c-4b0b-8a58-2d2a64c0d111"
ANSWER = "7d0f7f5e-2f0c-4b0b-8a58-2d2a64c0d222"

Mode = Literal["terms", "techniques", "tul", "theory", "mixed"]
Kind = Annotated[
    Literal["single", "multiple", "order", "match", "type"],
    Field(description="One right option, several, all to put in order, options to match with partners, words to type."),
]
Belt = Annotated[int, Field(ge=FIRST_DAN, le=LOWEST, examples=[9])]
Place = Annotated[int, Field(ge=1, le=AT_MOST, description="1 is the first question.", examples=[1])]
Given = Annotated[
    list[int] | list[tuple[int, int]] | str,
    Field(
        description=(
            "single, multiple: numbers of options; order: all of them in order; match: pairs of the number of an option"
            " and that of its partner; type: what was typed."
        ),
        examples=[[2]],
    ),
]
Reason = Literal[
    "",
    "no_such_question",
    "answered_already",
    "client_id_taken",
    "quiz_over",
    "no_answer",
    "no_such_time",
]


class QuizText(TypedDict):
    """A text in the languages that it has."""

    en: NotRequired[str]
    pl: NotRequired[str]
    ko: NotRequired[str]


class QuizOption(Schema):
    number: int = Field(description="Counted as it is to be shown; answers name it.", examples=[1])
    text: QuizText


class QuizMedia(Schema):
    """A picture or a video that is asked about."""

    url: str = Field(description="Beside this API.", examples=["/tuls/chon-ji/floor/7.svg"])
    alt: QuizText
    kind: Literal["picture", "video"]


class QuizQuestion(Schema):
    place: Place
    kind: Kind
    prompt: QuizText
    media: QuizMedia | None
    options: list[QuizOption] = Field(description="In the order in which to show them; none where one types.")
    partners: list[QuizOption] = Field(description="What options are matched with.")
    is_answered: bool


class QuizOut(Schema):
    id: UUID = Field(examples=[QUIZ])
    mode: Mode
    belt: int | None
    started_at: datetime
    finished_at: datetime | None
    items: list[QuizQuestion] = Field(description="Fewer than asked for where there are no more.")


class QuizIn(Schema):
    id: UUID = Field(
        default_factory=uuid4, description="Made by the app: the same one begins nothing twice.", examples=[QUIZ]
    )
    mode: Mode
    belt: Belt | None = Field(None, description="Only what a learner of this belt has met.")
    n: int = Field(10, ge=AT_LEAST, le=AT_MOST, description="How many questions.")


class QuizAnswerIn(Schema):
    client_id: UUID = Field(description="Made by the app: the same one counts once.", examples=[ANSWER])
    place: Place
    given: Given
    answered_at: AwareDatetime | None = Field(None, description="By the app's clock; without it: now.")


class QuizAnswersIn(Schema):
    answers: list[QuizAnswerIn] = Field(min_length=1, max_length=AT_MOST)
    sent_at: AwareDatetime | None = Field(None, description="What the app's clock says now, which puts others right.")


class QuizAbout(Schema):
    kind: Literal["technique", "tul", "term", "article"]
    slug: str = Field(examples=["ap-cha-busigi"])
    name: QuizText


class QuizVerdict(Schema):
    """What became of one answer. Of a question that has another answer this is what that one was."""

    client_id: UUID = Field(examples=[ANSWER])
    place: int
    result: Literal["applied", "duplicate", "rejected"] = Field(
        description="duplicate: it had arrived before, which is as good. rejected: never send it again."
    )
    reason: Reason = Field(description="Why it was rejected.")
    detail: str = Field(description="The same for people, where they can do something about it.")
    is_right: bool | None
    right: list[int] | list[tuple[int, int]] | list[str] | None = Field(
        description="What would have been right, in the words of `given`; for typing all that is accepted."
    )
    explanation: QuizText | None
    about: QuizAbout | None = Field(description="Where the handbook says more.")


class QuizVerdicts(Schema):
    answers: list[QuizVerdict] = Field(description="One for each, in their order.")
    asked: int
    answered: int
    right: int
    finished_at: datetime | None = Field(description="The last answer ends the quiz.")


@router.post(
    "/quizzes",
    response=told(QuizOut, 403, 409, status=201),
    operation_id="create_quiz",
    summary="Begin a quiz",
    auth=access.app_or_page,
)
@decorate_view(throttled("quizzes"))
def create_quiz(request: HttpRequest, asked: QuizIn) -> Status[dict[str, Any]]:
    """Draw questions by chance, more often what the asker got wrong before. They stay as they are."""
    person = access.person_of(request)
    try:
        begun = commands.begin_quiz(
            person=person, id=asked.id, mode=QuizMode(asked.mode), belt=asked.belt, n=asked.n, chance=SystemRandom(),
            now=timezone.now(),
        )  # fmt: skip
    except commands.NothingToAsk:
        raise Problem(409, "nothing_to_ask", "There is no question of this mode for this belt.") from None
    except commands.IdTaken:
        raise Problem(409, "id_taken", "There is another quiz of this id. Make a new one.") from None
    return Status(201, _quiz(queries.quiz(viewer=person, quiz_id=begun.pk)))


@router.post(
    "/quizzes/{uuid:quiz_id}/answers",
    response=told(QuizVerdicts, 403, 404),
    operation_id="answer_quiz",
    summary="Answer questions",
    auth=access.app_or_page,
)
def answer_quiz(request: HttpRequest, quiz_id: UUID, given: QuizAnswersIn) -> dict[str, Any]:
    """Each answer is taken or refused by itself. What was wrong becomes a review card."""
    person = access.person_of(request)
    try:
        answers = [_verdict(request, quiz_id, each, given.sent_at) for each in given.answers]
        sheet = queries.quiz(viewer=person, quiz_id=quiz_id)
    except QuizSession.DoesNotExist:
        raise Http404 from None
    score = sheet.score
    return {
        "answers": answers,
        "asked": score.asked,
        "answered": score.answered,
        "right": score.right,
        "finished_at": sheet.quiz.finished_at,
    }


def _verdict(request: HttpRequest, quiz_id: UUID, each: QuizAnswerIn, sent_at: datetime | None) -> dict[str, Any]:
    """Raises QuizSession.DoesNotExist."""
    now = timezone.now()
    try:
        at = clocks.corrected(said=each.answered_at, sent_at=sent_at, now=now) if each.answered_at else now
        marked = commands.answer(
            person=access.person_of(request), quiz_id=quiz_id, place=each.place, client_id=each.client_id,
            given=_plain(each.given), answered_at=at, now=now,
        )  # fmt: skip
    except clocks.NoSuchTime:
        return _rejected(each, "no_such_time")
    except QuizItem.DoesNotExist:
        return _rejected(each, "no_such_question")
    except commands.AnsweredAlready as refused:
        return _said(each, refused.marked) | {"result": "rejected", "reason": "answered_already"}
    except commands.ClientIdTaken:
        return _rejected(each, "client_id_taken")
    except commands.QuizOver:
        return _rejected(each, "quiz_over")
    except commands.BadAnswer as refused:
        return _rejected(each, "no_answer", str(FLAWS[refused.flaw]))
    return _said(each, marked)


def _plain(given: Any) -> Any:
    return given if isinstance(given, str) else [list(each) if isinstance(each, tuple) else each for each in given]


def _said(each: QuizAnswerIn, marked: commands.Marked) -> dict[str, Any]:
    return {
        "client_id": each.client_id,
        "place": each.place,
        "result": "applied" if marked.is_new else "duplicate",
        "reason": "",
        "detail": "",
        "is_right": marked.answer.is_right,
        "right": marked.question.right,
        "explanation": marked.question.explanation,
        "about": marked.question.about,
    }


def _rejected(each: QuizAnswerIn, reason: Reason, detail: str = "") -> dict[str, Any]:
    nothing = dict.fromkeys(("is_right", "right", "explanation", "about"))
    said = {"client_id": each.client_id, "place": each.place, "result": "rejected", "reason": reason, "detail": detail}
    return said | nothing


def _quiz(sheet: queries.QuizSheet) -> dict[str, Any]:
    quiz = sheet.quiz
    return {
        "id": quiz.pk,
        "mode": quiz.mode,
        "belt": quiz.belt,
        "started_at": quiz.started_at,
        "finished_at": quiz.finished_at,
        "items": [_question(each) for each in sheet.asked],
    }


def _question(each: queries.QuizQuestion) -> dict[str, Any]:
    """Without what would be right, and without what it is about, which often says it."""
    question = each.question
    return {
        "place": each.place,
        "kind": question.kind,
        "prompt": question.prompt,
        "media": question.media,
        "options": [_choice(option) for option in question.options],
        "partners": [_choice(partner) for partner in question.partners],
        "is_answered": each.answer is not None,
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {"number": choice.number, "text": choice.text}
