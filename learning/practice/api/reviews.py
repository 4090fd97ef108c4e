"""The cards that are due, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator, AwareDatetime

from accounts import access
from learning.handbook import queries as handbook
from learning.practice import commands, queries
from learning.practice.models import ReviewCard
from learning.practice.models.reviews import LONGEST
from project.foundation.http.conditional import conditional_on_body
from project.foundation.http.problems import ProblemOut

from .quizzes import QuizMedia

router = Router()

AT_ONCE = 500
"""Reviews, and retractions, that one request may carry."""
REFUSALS = dict.fromkeys((401, 403, 422, 429), ProblemOut)
CARD = "5c2c6d0e-3f1c-4c39-9d6b-6a1f0f3f1c11"
REVIEW = "0b9f5f0e-3f1c-4c39-9d6b-6a1f0f3f1c22"

Kind = Literal["term", "technique", "step", "question", "own"]
Stage = Annotated[Literal["new", "learning", "review", "relearning"], Field(description="review counts days.")]
Result = Annotated[
    Literal["applied", "duplicate", "rejected"],
    Field(description="duplicate: it had arrived before, which is as good as applied. rejected: never send it again."),
]
Reason = Annotated[
    Literal["", "not_found", "no_such_rating", "no_such_time"],
    Field(description="Why it was rejected. not_found: none of the asker's cards."),
]


class Text(TypedDict):
    """A text in the languages that it has."""

    en: NotRequired[str]
    pl: NotRequired[str]
    ko: NotRequired[str]


class WordFace(Schema):
    """A word or technique: `direction` of the card says which of its sides is asked."""

    slug: str = Field(examples=["ap-cha-busigi"])
    names: Text
    hangul: str
    transliteration: str
    note: Text | None


class StepFace(Schema):
    position: int = Field(description="1 is the first movement.", examples=[8])
    technique: Text
    hangul: str
    side: str = Field(examples=["left"])
    section: str = Field(description="Empty when the technique has none.", examples=["middle"])
    stance: Text
    stance_side: str
    facing: str = Field(examples=["AD"])
    tempo: str = Field(examples=["normal"])
    is_joined: bool = Field(description="On the same count as the movement before.")
    note: Text | None


class MovementFace(Schema):
    """The movement to recall, and the one that is named in the question."""

    tul: str = Field(description="Slug.", examples=["chon-ji"])
    name: str
    hangul: str
    before: StepFace | None = Field(description="null before the first movement.")
    step: StepFace


class OptionFace(Schema):
    text: Text
    pair: Text | None
    is_right: bool


class QuestionFace(Schema):
    slug: str
    kind: Literal["single", "multiple", "order", "match", "type"]
    prompt: Text
    options: list[OptionFace] = Field(description="In the right order; shuffle them before you show them.")
    answers: list[str] = Field(description="What may be typed.")
    explanation: Text
    source: str
    media: QuizMedia | None


class OwnFace(Schema):
    front: str
    back: str
    deck: str


class KeyOut(Schema):
    """What a rating would lead to."""

    rating: int = Field(description="1 again, 2 hard, 3 good, 4 easy.")
    due_at: datetime = Field(description="Counted from the answer; that alone is no change (ETag).")
    interval: int = Field(description="Days; 0 while the card is being learned.")


class CardOut(Schema):
    """A card with what it shows: exactly one of word, movement, question and own, none when the handbook does not
    have it any more."""

    id: UUID
    kind: Kind
    direction: Literal["", "meaning", "korean"]
    step_key: str
    stage: Stage
    due_at: datetime | None
    reviews: int
    lapses: int
    word: WordFace | None = None
    movement: MovementFace | None = None
    question: QuestionFace | None = None
    own: OwnFace | None = None
    keys: list[KeyOut]


class QueueOut(Schema):
    """What is due today, by the day of the learner (from 04:00 in their time zone on)."""

    total: int
    learning: int
    due: int
    new: int
    done_today: int
    leeches: int = Field(description="Forgotten again and again: not asked until the learner decides about them.")
    is_catching_up: bool
    next_at: datetime | None = Field(description="When the next card that is being learned comes, if none is due.")
    items: list[CardOut] = Field(description="In the order in which they are to be asked.")


class QueueQuery(Schema):
    limit: Annotated[int, Field(ge=1, le=200, description="How many cards are given at most.")] = 50


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("There is no such time.") from None


def _storable(text: str) -> str:
    """PostgreSQL has no NUL in texts."""
    return text.replace("\x00", "")


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class ReviewIn(Schema):
    client_id: UUID = Field(description="Made by the client; the same one is the same review.")
    card_id: UUID
    rating: int = Field(description="1 again, 2 hard, 3 good, 4 easy.", examples=[3])
    reviewed_at: Instant = Field(description="By the clock of the client, with its offset.")
    duration: int = Field(0, ge=0, description=f"Milliseconds from seeing the card; {LONGEST} at most are counted.")


class RetractionIn(Schema):
    client_id: UUID = Field(description="Of the review that is taken back. It may arrive before that one.")


class BatchIn(Schema):
    sent_at: Instant = Field(description="What the clock of the client says now: how wrong it is, is corrected by it.")
    device: Annotated[str, Field(max_length=64), AfterValidator(_storable)] = ""
    reviews: list[ReviewIn] = Field(default_factory=list, max_length=AT_ONCE)
    retractions: list[RetractionIn] = Field(default_factory=list, max_length=AT_ONCE)

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "sent_at": "2026-11-21T18:05:00+01:00",
                    "device": "phone",
                    "reviews": [
                        {
                            "client_id": REVIEW,
                            "card_id": CARD,
                            "rating": 3,
                            "reviewed_at": "2026-11-21T18:04:12+01:00",
                            "duration": 4200,
                        }
                    ],
                    "retractions": [],
                }
            ]
        }
    }


class StandOut(Schema):
    """How a card stands after what was sent."""

    id: UUID
    stage: Stage
    due_at: datetime | None
    interval: int


class OutcomeOut(Schema):
    client_id: UUID
    result: Result
    reason: Reason
    card: StandOut | None = Field(description="null for what is not there, and for a review that has yet to arrive.")


class BatchOut(Schema):
    """One answer for each that was sent, in the same order."""

    reviews: list[OutcomeOut]
    retractions: list[OutcomeOut]


def _without_clock(queue: Any) -> Any:
    """When a card would come back moves on with every second in which nobody answers."""
    for card in queue["items"]:
        for key in card["keys"]:
            del key["due_at"]
    return queue


@router.get(
    "/reviews/queue",
    response={200: QueueOut, 304: None} | REFUSALS,
    operation_id="get_review_queue",
    summary="Cards that are due today",
    auth=access.app_or_page,
)
@conditional_on_body(_without_clock)
def review_queue(request: HttpRequest, asked: Query[QueueQuery]) -> dict[str, Any]:
    """Today's cards with both sides in all languages, and what each rating would lead to."""
    person, now = access.person_of(request), timezone.now()
    learner = queries.learner_of(person=person)
    queue = queries.queue(person=person, now=now, limit=asked.limit, learner=learner)
    turns = queries.turns(cards=queue.cards, person=person, now=now, deck=queue.deck, learner=learner)
    numbers = ("total", "learning", "due", "done_today", "is_catching_up", "next_at")
    return {name: getattr(queue, name) for name in numbers} | {
        "new": queue.fresh,
        "leeches": queries.leeches(person=person).count(),
        "items": [_card(turn) for turn in turns],
    }


@router.post(
    "/reviews",
    response={200: BatchOut} | REFUSALS,
    operation_id="send_reviews",
    summary="Send reviews",
    auth=access.app_or_page,
)
def send_reviews(request: HttpRequest, batch: BatchIn) -> dict[str, Any]:
    """Reviews of any age and in any order, each judged by itself. To send one again does no harm."""
    person, now = access.person_of(request), timezone.now()
    given = [commands.Given(**review.dict()) for review in batch.reviews]
    outcomes = commands.accept_reviews(person=person, given=given, sent_at=batch.sent_at, device=batch.device, now=now)
    gone = [each.client_id for each in batch.retractions]
    cards = commands.retract_many(person=person, review_client_ids=gone, now=now) if gone else {}
    return {
        "reviews": [_outcome(each.client_id, each.result, each.reason, each.card) for each in outcomes],
        "retractions": [_outcome(each, "applied", "", cards.get(each)) for each in gone],
    }


def _outcome(client_id: UUID, result: str, reason: str, card: ReviewCard | None) -> dict[str, Any]:
    stand = card and {"id": card.pk, "stage": _stage(card), "due_at": card.due_at, "interval": card.interval}
    return {"client_id": client_id, "result": result, "reason": reason, "card": stand}


def _stage(card: ReviewCard) -> str:
    return card.memory.stage.name.lower()


def _card(turn: queries.Turn) -> dict[str, Any]:
    card = turn.card
    columns = ("id", "kind", "direction", "step_key", "due_at", "reviews", "lapses")
    keys = [
        {"rating": int(rating), "due_at": memory.due_at, "interval": memory.interval}
        for rating, memory in turn.keys.items()
    ]
    return {name: getattr(card, name) for name in columns} | {"stage": _stage(card), "keys": keys} | _face(turn.face)


def _face(face: queries.Face) -> dict[str, Any]:
    match face.shape:
        case "word":
            return {"word": _word(face.about)}
        case "movement":
            return {"movement": _movement(face.about)}
        case "question":
            return {"question": _question(face.about)}
        case "own":
            return {"own": {"front": face.card.front, "back": face.card.back, "deck": face.card.deck}}
        case _:
            return {}


def _word(word: Any) -> dict[str, Any]:
    names = {"slug": word.slug, "names": word.name, "hangul": word.hangul, "transliteration": word.transliteration}
    return names | {"note": getattr(word, "note", None)}


def _movement(movement: Any) -> dict[str, Any]:
    return {
        "tul": movement.tul.slug,
        "name": movement.tul.name,
        "hangul": movement.tul.hangul,
        "before": movement.before and _step(movement.before),
        "step": _step(movement.step),
    }


def _step(step: Any) -> dict[str, Any]:
    row = step.row
    columns = ("position", "side", "section", "stance_side", "facing", "tempo", "is_joined", "note")
    return {name: getattr(row, name) for name in columns} | {
        "technique": _name(step.technique),
        "hangul": step.technique.hangul if step.technique else "",
        "stance": _name(step.stance),
    }


def _name(edition: Any) -> Mapping[str, str]:
    return edition.name if edition else {}


def _question(question: Any) -> dict[str, Any]:
    options: Sequence[Any] = question.options.all()
    columns = ("slug", "kind", "prompt", "answers", "explanation", "source")
    return {name: getattr(question, name) for name in columns} | {
        "media": handbook.media_of(question),
        "options": [{"text": each.text, "pair": each.pair, "is_right": each.is_right} for each in options],
    }
