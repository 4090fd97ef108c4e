"""Quizzes, and answers that are right or wrong."""

from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

from learning.practice import commands
from learning.practice.models import QuizItem, QuizMode, QuizSession
from learning.practice.rules.quizzes import Frozen


def begun(person: Any, *, now: datetime, n: int = 5, seed: int = 1, **fields: Any) -> QuizSession:
    wanted = {"mode": QuizMode.THEORY, "belt": None, "id": uuid4()} | fields
    return commands.begin_quiz(person=person, n=n, chance=Random(seed), now=now, **wanted)


def right(question: Frozen) -> Any:
    return question.right[0] if question.kind == "type" else list(question.right)


def wrong(question: Frozen) -> Any:
    match question.kind:
        case "single":
            return [next(each.number for each in question.options if each.number not in question.right)]
        case "multiple":
            return [question.right[0]]
        case "order":
            return list(reversed(question.right))
        case "match":
            first, second, *others = question.right
            return [[first[0], second[1]], [second[0], first[1]], *others]
        case _:
            return "nonsense"


def frozen(quiz: QuizSession, place: int) -> Frozen:
    return Frozen.of_json(QuizItem.objects.get(session=quiz, place=place).frozen)


def answered(
    quiz: QuizSession, place: int, *, now: datetime, is_right: bool = True, client_id: UUID | None = None, **fields: Any
) -> commands.Marked:
    question = frozen(quiz, place)
    given = right(question) if is_right else wrong(question)
    wanted = {"person": quiz.person, "given": given, "answered_at": now} | fields
    return commands.answer(quiz_id=quiz.pk, place=place, client_id=client_id or uuid4(), now=now, **wanted)


def finished(person: Any, *, now: datetime, wrong: int = 0, **fields: Any) -> QuizSession:
    """A quiz that was answered to its end, the first `wrong` questions of it wrong."""
    quiz = begun(person, now=now, **fields)
    for place in range(1, quiz.items.count() + 1):
        answered(quiz, place, now=now, is_right=place > wrong)
    quiz.refresh_from_db()
    return quiz


def fields_of(question: Frozen, given: Any) -> dict[str, Any]:
    """The answer as the fields of the form."""
    match question.kind:
        case "type":
            return {"typed": given}
        case "order":
            return {f"put-{number}": str(place) for place, number in enumerate(given, start=1)}
        case "match":
            return {f"put-{option}": str(partner) for option, partner in given}
        case _:
            return {"option": [str(each) for each in given]}
