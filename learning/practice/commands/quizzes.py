"""Quizzes: begun with questions drawn and frozen, answered once each, and over for good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import queries as people
from learning.handbook import queries as handbook
from learning.practice import queries
from learning.practice.models import (
    CardOrigin,
    ItemType,
    QuizAnswer,
    QuizItem,
    QuizMode,
    QuizSession,
    ReviewCard,
    Status,
)
from learning.practice.rules import marking
from learning.practice.rules import quizzes as rules
from learning.practice.rules.days import day_of
from project.foundation.belts import FIRST_DAN

from .cards import add_cards
from .learners import learner_for_update, note_days
from .progress import merge_progress


class NothingToAsk(Exception):
    """The bank has no question for this mode and belt; nothing was begun."""


class IdTaken(Exception):
    """Somebody else's quiz has this id."""


class AnsweredAlready(Exception):
    """The question has another answer; that one counts. `marked` is it."""

    def __init__(self, marked: "Marked") -> None:
        super().__init__(marked.place)
        self.marked = marked


class ClientIdTaken(Exception):
    """This client id came with the answer to another question of the quiz."""


class HasAnswers(Exception):
    """Something of the quiz was answered; it stays."""


class QuizOver(Exception):
    """Nothing is answered after the end."""


class BadAnswer(Exception):
    """What was given is no answer to this question; `flaw` says why. Nothing was kept."""

    def __init__(self, flaw: marking.Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True)
class Marked:
    """An answer as it was marked. `is_new` is false when it had arrived before. `card` is what a wrong answer put
    among the cards of the learner."""

    place: int
    question: rules.Frozen
    answer: QuizAnswer
    is_new: bool = True
    card: ReviewCard | None = None


@transaction.atomic
def begin_quiz(
    *, person: Any, id: UUID, mode: QuizMode, belt: int | None, n: int, chance: Random, now: datetime
) -> QuizSession:
    """Draw `n` questions (5 to 50) for a learner of this belt and freeze them; fewer where the bank has no more.

    `id` is made by the client: the same one begins nothing twice. Raises NothingToAsk and IdTaken.
    """
    if begun := _begun(person, id, now):
        return begun
    worn = None if belt is None else max(belt, FIRST_DAN)
    drawn = handbook.questions(
        modules=rules.MODULES[mode],
        belt=worn,
        n=n,
        weights=rules.weights(queries.answers_by_question(person=person)),
        chance=chance,
        now=now,
    )
    return _frozen(person, id, mode, worn, drawn, chance, now)


@transaction.atomic
def begin_again(*, person: Any, id: UUID, of: UUID, chance: Random, now: datetime) -> QuizSession:
    """A quiz of the weak spots of another one: what was wrong in it, and other questions about the same.

    Raises QuizSession.DoesNotExist, NothingToAsk where nothing was wrong, and IdTaken.
    """
    if begun := _begun(person, id, now):
        return begun
    before = queries.quiz(viewer=person, quiz_id=of)
    wrong = [each.question for each in before.asked if each.is_right is False]
    slugs = {question.slug for question in wrong}
    if not slugs:
        raise NothingToAsk
    spots = {f"{each.spot.kind}:{each.spot.slug}" for each in before.score.weak}
    same = handbook.questions(n=rules.AT_MOST, weights={}, chance=chance, now=now, slugs=slugs)
    others = handbook.questions(
        n=rules.AT_MOST,
        weights=rules.weights(queries.answers_by_question(person=person)),
        chance=chance,
        now=now,
        belt=before.quiz.belt,
        slugs=slugs,
        about=spots,
    )
    drawn = [*same, *(each for each in others if each.slug not in slugs)][: rules.number_again(len(slugs))]
    chance.shuffle(drawn)
    return _frozen(person, id, QuizMode(before.quiz.mode), before.quiz.belt, drawn, chance, now)


@transaction.atomic
def answer(
    *, person: Any, quiz_id: UUID, place: int, client_id: UUID, given: Any, answered_at: datetime, now: datetime
) -> Marked:
    """Mark the answer to one question. The same client id gives the same result again; the last answer ends the quiz.

    Holds the learner, then the quiz. What was wrong becomes a card of the learner. Raises QuizSession.DoesNotExist,
    QuizItem.DoesNotExist, ClientIdTaken, AnsweredAlready, QuizOver and BadAnswer.
    """
    learner_for_update(person=person, now=now)
    session = QuizSession.objects.select_for_update().get(pk=quiz_id, person=person.pk)
    item = session.items.select_related("answer").get(place=place)
    question = rules.Frozen.of_json(item.frozen)
    if earlier := session.answers.filter(client_id=client_id).first():
        if earlier.item_id != item.pk:
            raise ClientIdTaken
        return Marked(place, question, earlier, is_new=False)
    if hasattr(item, "answer"):
        raise AnsweredAlready(Marked(place, question, item.answer, is_new=False))
    if session.finished_at is not None:
        raise QuizOver
    if flaw := marking.flaw(question, given):
        raise BadAnswer(flaw)
    return _marked(person, session, item, question, client_id, given, answered_at, now)


@transaction.atomic
def end_quiz(*, person: Any, quiz_id: UUID, now: datetime) -> QuizSession:
    """End a quiz before its last question. Ending it twice changes nothing. Raises QuizSession.DoesNotExist."""
    learner_for_update(person=person, now=now)
    session = QuizSession.objects.select_for_update().get(pk=quiz_id, person=person.pk)
    if session.finished_at is None:
        session.finished_at = max(now, session.started_at)
        session.save(update_fields=["finished_at"])
    return session


@transaction.atomic
def discard_quiz(*, person: Any, quiz_id: UUID, now: datetime) -> None:
    """Remove a quiz of which nothing was answered. Raises QuizSession.DoesNotExist and HasAnswers."""
    learner_for_update(person=person, now=now)
    session = QuizSession.objects.select_for_update().get(pk=quiz_id, person=person.pk)
    if session.answers.exists():
        raise HasAnswers
    session.delete()


@transaction.atomic
def practise_question(*, person: Any, quiz_id: UUID, place: int, now: datetime) -> ReviewCard:
    """Make a card of what a question asked for. Raises QuizSession.DoesNotExist and QuizItem.DoesNotExist."""
    session = QuizSession.objects.get(pk=quiz_id, person=person.pk)
    item = session.items.get(place=place)
    return _card(person, rules.Frozen.of_json(item.frozen), CardOrigin.LEARNER, now)


def _begun(person: Any, id: UUID, now: datetime) -> QuizSession | None:
    """The learner's row is held, so of two that begin the same quiz at once the second finds it."""
    learner_for_update(person=person, now=now)
    begun = QuizSession.objects.filter(pk=id).first()
    if begun is not None and begun.person_id != person.pk:
        raise IdTaken
    return begun


def _frozen(
    person: Any,
    id: UUID,
    mode: QuizMode,
    belt: int | None,
    drawn: Iterable[handbook.BankQuestion],
    chance: Random,
    now: datetime,
) -> QuizSession:
    session = QuizSession(pk=id, person_id=person.pk, mode=mode, belt=belt, started_at=now)
    items = [
        QuizItem(
            session=session,
            place=place,
            question_id=question.id,
            frozen=rules.freeze(question, chance.random).as_json(),
        )
        for place, question in enumerate(drawn, start=1)
    ]
    if not items:
        raise NothingToAsk
    try:
        with transaction.atomic():
            session.save(force_insert=True)
    except IntegrityError:  # somebody else began theirs meanwhile: they hold another learner
        raise IdTaken from None
    QuizItem.objects.bulk_create(items)
    return session


def _marked(
    person: Any,
    session: QuizSession,
    item: QuizItem,
    question: rules.Frozen,
    client_id: UUID,
    given: Any,
    answered_at: datetime,
    now: datetime,
) -> Marked:
    def same_word(typed: str, accepted: Any) -> bool:
        return handbook.is_same_word(given=typed, accepted=accepted, now=now)

    at = max(session.started_at, min(answered_at, now))
    is_right = marking.is_right(question, given, same_word=same_word)
    row = QuizAnswer.objects.create(
        session=session, item=item, client_id=client_id, given=given, is_right=is_right, answered_at=at
    )
    note_days(person=person, days={day_of(at, people.time_zone_of(person=person)): set()})
    card = None if is_right else _card(person, question, CardOrigin.MISTAKE, now)
    _end_after_last(person, session, at, now)
    return Marked(item.place, question, row, card=card)


def _end_after_last(person: Any, session: QuizSession, at: datetime, now: datetime) -> None:
    if session.items.filter(answer=None).exists():
        return
    sheet = queries.quiz(viewer=person, quiz_id=session.pk)
    session.finished_at = max(now, session.started_at)
    session.save(update_fields=["finished_at"])
    merge_progress(
        person=person,
        item_type=ItemType.QUIZ,
        item=session.mode,
        status=Status.DONE,
        score=sheet.score.percent,
        occurred_at=at,
        now=now,
    )


def _card(person: Any, question: rules.Frozen, origin: CardOrigin, now: datetime) -> ReviewCard:
    """About the word or movement that was asked for, otherwise about the question."""
    subjects = queries.subjects_of(questions=[question], now=now)
    (card,) = add_cards(person=person, subjects=subjects.values(), origin=origin, now=now)
    return card
