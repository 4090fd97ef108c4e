"""Cards and their history brought from Anki."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from accounts import queries as people
from learning.practice import anki, queries
from learning.practice.models import AnkiImport, CardKind, CardOrigin, Learner, Review, ReviewCard, ReviewSource
from learning.practice.models.reviews import LONGEST
from learning.practice.rules.memory import Rated, Rating, Stage
from project.foundation.audit import commands as audit

from .learners import learner_for_update, refold

MOST_REVIEWS = 50_000
"""Of one file: they are folded while somebody waits."""
MOST_CARDS = 50_000
"""Of their own that one person has."""

_LONGEST_GUID, _LONGEST_DECK, _LONGEST_NAME = 80, 120, 120


class TooMuch(Exception):
    """More than is taken at once; the text says of what: reviews or cards."""


def import_anki(*, person: Any, file: BinaryIO, name: str, now: datetime) -> AnkiImport:
    """Take the cards of an .apkg or .colpkg with their reviews, and report what was taken and what was not.

    What is here already is not taken again, so the same file twice adds nothing; cards that went out from here come
    back as themselves. All of a file is taken or nothing. Raises anki.NotAnAnkiFile, TooMuch.
    """
    found = anki.read(file, now=now.astimezone(people.time_zone_of(person=person)))
    if found.reviews > MOST_REVIEWS:
        raise TooMuch("reviews")
    return _take(person, found, name=name, now=now)


@transaction.atomic
def put_away_brought(*, person: Any, import_id: UUID, now: datetime) -> int:
    """Put away what an import made and is practised still; gives how many these were. Their log stays, and so do
    reviews that it brought of other cards. Raises AnkiImport.DoesNotExist.
    """
    learner_for_update(person=person, now=now)
    done = queries.anki_import(viewer=person, import_id=import_id)
    number = queries.cards_brought(done=done).filter(put_away_at__isnull=True).update(put_away_at=now)
    if number:
        audit.record(type="anki.put_away", object=done, actor=person.actor_id, now=now, payload={"cards": number})
    return number


@transaction.atomic
def _take(person: Any, found: anki.Imported, *, name: str, now: datetime) -> AnkiImport:
    learner = learner_for_update(person=person, now=now)
    held, made = _cards(learner, found.cards, now)
    reviews = _reviews(learner, found.cards, held | made, now)
    Review.objects.bulk_create(reviews, batch_size=5000)
    refold(learner=learner, cards={review.card_id for review in reviews})
    begun = {review.card_id for review in reviews}
    report = {
        "cards": len(made),
        "known_cards": len(held),
        "put_away": sum(1 for card in made.values() if card.put_away_at),
        "reviews": len(reviews),
        "known_reviews": found.reviews - len(reviews),
        "begin_anew": sum(
            1 for card in found.cards
            if card.hints.stage is not Stage.NEW and (new := made.get(_key(card))) and new.pk not in begun
        ),
        "untaken": [
            {"reason": each.reason.value, "count": each.count, "examples": list(each.examples)}
            for each in found.untaken
        ],
    }  # fmt: skip
    kept = AnkiImport.objects.create(
        person_id=person.pk, file_name=_clean(name)[:_LONGEST_NAME] or "?", imported_at=now, report=report
    )
    counts = {key: value for key, value in report.items() if key != "untaken"}
    audit.record(type="anki.imported", object=kept, actor=person.actor_id, now=now, payload=counts)
    return kept


def _cards(
    learner: Learner, found: Sequence[anki.ImportedCard], now: datetime
) -> tuple[dict[str, ReviewCard], dict[str, ReviewCard]]:
    """The learner's cards by the keys of those of the file: those that were there, and those that are made."""
    keys = [_key(card) for card in found]
    mine = ReviewCard.objects.filter(person=learner.pk)
    ours = [pk for key in keys if (pk := _ours(key))]
    held = {f"{queries.OURS}{card.pk}": card for card in mine.filter(pk__in=ours)}
    held |= {card.guid: card for card in mine.filter(kind=CardKind.OWN, guid__in=keys)}
    fresh = {_key(card): card for card in found if _key(card) not in held}
    made = {
        key: ReviewCard(
            person_id=learner.pk,
            kind=CardKind.OWN,
            front=_clean(card.front),
            back=_clean(card.back),
            deck=_clean(card.deck)[:_LONGEST_DECK],
            guid=key,
            origin=CardOrigin.IMPORT,
            created_at=now + timedelta(microseconds=place),
            put_away_at=now if card.is_suspended else None,
        )
        for place, (key, card) in enumerate(fresh.items())
    }
    if made and mine.filter(kind=CardKind.OWN).count() + len(made) > MOST_CARDS:
        raise TooMuch("cards")
    ReviewCard.objects.bulk_create(made.values(), batch_size=2000)
    return {key: held[key] for key in keys if key in held}, made


def _reviews(
    learner: Learner, found: Iterable[anki.ImportedCard], cards: Mapping[str, ReviewCard], now: datetime
) -> list[Review]:
    """Those that the log does not have, in whatever way they came into it, taken back or not."""
    seen = set(Review.objects.filter(person=learner.pk).values_list("client_id", flat=True))
    logs = _logs_of_ours(learner, found)
    fresh: list[Review] = []
    for card in found:
        target = cards[_key(card)]
        for each in anki.unknown(card.reviews, known=logs.get(target.pk, ())):
            if each.id not in seen:
                seen.add(each.id)
                fresh.append(_review(learner, target, each, now))
    return fresh


def _logs_of_ours(learner: Learner, found: Iterable[anki.ImportedCard]) -> dict[UUID, list[Rated]]:
    """The whole log of the cards that went out from here: Anki does not keep our ids, nor those it gave before."""
    ours = [pk for card in found if (pk := _ours(_key(card)))]
    rows = Review.objects.filter(person=learner.pk, card__in=ours)
    logs: dict[UUID, list[Rated]] = {}
    for card, client_id, at, rating in rows.values_list("card", "client_id", "corrected_at", "rating"):
        logs.setdefault(card, []).append(Rated(at, client_id, Rating(rating)))
    return logs


def _review(learner: Learner, card: ReviewCard, found: anki.ImportedReview, now: datetime) -> Review:
    return Review(
        person_id=learner.pk,
        card_id=card.pk,
        client_id=found.id,
        rating=found.rating.value,
        reviewed_at=found.at,
        corrected_at=min(found.at, now),
        accepted_at=now,
        duration=min(found.duration_ms, LONGEST),
        source=ReviewSource.IMPORT,
    )


def _key(card: anki.ImportedCard) -> str:
    """What a card of Anki is called here: one note makes several."""
    key = _clean(card.guid) if _ours(card.guid) else f"{_clean(card.guid)}:{card.ord}"
    return key if len(key) <= _LONGEST_GUID else sha256(key.encode()).hexdigest()


def _ours(guid: str) -> UUID | None:
    """The id of a card that went out from here, perhaps to somebody else."""
    if not guid.startswith(queries.OURS):
        return None
    try:
        return UUID(guid.removeprefix(queries.OURS))
    except ValueError:
        return None


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    return text.replace("\x00", "")
