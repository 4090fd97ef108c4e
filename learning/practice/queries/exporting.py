"""Somebody's cards as a deck for Anki: their words as plain HTML in the reader's language, schedule and history."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import queries as people
from learning.handbook import queries as handbook
from learning.practice import anki
from learning.practice.models import ReviewCard
from learning.practice.rules.fsrs import Fsrs
from learning.practice.rules.memory import Rated, Rating
from project.foundation.texts import in_language

from .faces import Face, faces
from .learners import learner_of, scheduler_of
from .log import counted

OURS = "dojang:"
"""Before the id of a card: its name in Anki, by which it comes back as itself."""


def anki_deck(*, person: Any, now: datetime, belt: int | None = None) -> bytes | None:
    """An .apkg of somebody's cards, of all or of those that belong to a belt's deck; None when there are none.

    Cards that were put away are suspended. What the handbook does not have any more is left out.
    """
    cards = _cards(person, belt, now)
    if not cards:
        return None
    learner = learner_of(person=person)
    scheduler = scheduler_of(learner)
    sides = faces(cards=cards, now=now)
    logs = _logs(person, cards if belt is not None else None)
    deck = anki.Deck(
        name="Dojang" if belt is None else f"Dojang::{_belt_name(belt)}",
        cards=[
            _card(card, sides[card.pk], anki.answers(logs.get(card.pk, ()), scheduler))
            for card in cards
            if sides[card.pk].shape != "gone"
        ],
        retention=learner.retention,
        decay=-scheduler.decay if isinstance(scheduler, Fsrs) else anki.DECAY,
    )
    return anki.write(deck, now=now.astimezone(people.time_zone_of(person=person)))


def _belt_name(belt: int) -> str:
    """Plain, so that the deck has the same name whichever language somebody reads."""
    return f"{belt}. kup" if belt > 0 else f"{1 - belt}. dan"


def _cards(person: Any, belt: int | None, now: datetime) -> Sequence[ReviewCard]:
    cards = list(ReviewCard.objects.filter(person=person.pk).order_by("created_at", "pk"))
    if belt is None:
        return cards
    wanted = {(each.kind, each.id, each.direction, each.step_key) for each in handbook.deck_of(belt=belt, now=now)}
    return [card for card in cards if _about(card) in wanted]


def _about(card: ReviewCard) -> tuple[str, int | None, str, str]:
    row = card.term_id or card.technique_id or card.tul_id or card.question_id
    return (card.kind, row, card.direction, card.step_key)


def _logs(person: Any, cards: Sequence[ReviewCard] | None) -> dict[UUID, list[tuple[Rated, int]]]:
    """What counts of the log, with milliseconds, by the card, in one query."""
    rows = counted(person=person)
    if cards is not None:
        rows = rows.filter(card__in=[card.pk for card in cards])
    found: dict[UUID, list[tuple[Rated, int]]] = {}
    columns = ("card", "client_id", "corrected_at", "rating", "duration")
    for card, client_id, at, rating, duration in rows.values_list(*columns).iterator():
        found.setdefault(card, []).append((Rated(at, client_id, Rating(rating)), duration))
    return found


def _card(card: ReviewCard, face: Face, answers: Sequence[anki.Answer]) -> anki.Card:
    front, back = _SIDES[face.shape](face)
    return anki.Card(
        guid=f"{OURS}{card.pk}",
        front=front,
        back=back,
        memory=card.memory,
        answers=answers,
        tags=("dojang", card.kind),
        is_suspended=card.put_away_at is not None,
    )


# --- Words ----------------------------------------------------------------------------------------

Sides = tuple[str, str]


def _word(face: Face) -> Sides:
    """To whoever reads Korean: how it is written in Latin letters, and in English."""
    hangul = format_html('<span lang="ko">{}</span>', face.about.hangul)
    letters = format_html('<span lang="ko-Latn">{}</span>', face.about.transliteration)
    is_meaning = face.card.direction == "meaning"
    if get_language() == "ko":
        english = format_html('<span lang="en">{}</span>', _said(face.about.name, language="en"))
        return (hangul, _lines([letters, english])) if is_meaning else (letters, hangul)
    korean, meaning = _lines([hangul, letters]), _said(face.about.name)
    return (korean, meaning) if is_meaning else (meaning, korean)


def _movement(face: Face) -> Sides:
    movement = face.about
    tul = format_html('{} <span lang="ko">{}</span>', movement.tul.name, movement.tul.hangul)
    if movement.before is None:
        return _lines([tul, _("What is the first movement?")]), _step(movement.step)
    asked = _("What comes after movement %(number)s?") % {"number": movement.before.row.position}
    return _lines([tul, asked, _step(movement.before)]), _step(movement.step)


def _step(step: Any) -> SafeString:
    row = step.row
    name = _said(step.technique.name) if step.technique else row.technique.slug
    how = [row.get_side_display(), row.get_section_display() if row.section else ""]
    how += [_said(step.stance.name) if step.stance else "", _("facing %(heading)s") % {"heading": row.facing}]
    return _lines([name, " · ".join(str(each) for each in how if each)])


def _question(face: Face) -> Sides:
    question = face.about
    options: list[Any] = list(question.options.all())
    asked: list[str] = [_said(question.prompt)]
    if question.picture:
        asked.append(_said(question.picture["alt"]))
    match question.kind:
        case "type":
            right = list(question.answers[:1])
        case "match":
            asked += [f"{_said(option.text)} – ?" for option in face.options]
            right = [f"{_said(option.text)} – {_said(option.pair)}" for option in options]
        case "order":
            asked += [_said(option.text) for option in face.options]
            right = [_said(option.text) for option in options]
        case _:
            asked += [_said(option.text) for option in face.options]
            right = [_said(option.text) for option in options if option.is_right]
    return _lines(asked), _lines([*right, _said(question.explanation)])


def _own(face: Face) -> Sides:
    return _lines(face.card.front.split("\n")), _lines(face.card.back.split("\n"))


_SIDES = {"word": _word, "movement": _movement, "question": _question, "own": _own}


def _said(text: Any, *, language: str | None = None) -> str:
    found = in_language(text, language or get_language() or "en")
    return found.text if found else ""


def _lines(lines: Iterable[str]) -> SafeString:
    """One below the other; what is not safe already is escaped."""
    return format_html_join(mark_safe("<br>"), "{}", ([conditional_escape(line)] for line in lines if line))
