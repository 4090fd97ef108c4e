"""Reading a package of Anki: its cards as plain words, their reviews, and an account of what was left behind."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from learning.practice.anki import rendering
from learning.practice.anki.imported import Hints, Imported, ImportedCard, ImportedReview, Reason, Untaken
from learning.practice.anki.notetypes import About, Deck, NoteType, about
from learning.practice.anki.opening import NotAnAnkiFile, Refusal, opened, plain_columns
from learning.practice.anki.rendering import NoTemplate, Plain, words
from learning.practice.rules.memory import Rating, Stage

MOST_CARDS = 50_000
MOST_REVIEWS = 300_000
MOST_HTML = 200_000_000
"""Characters of all sides of all cards, before they are made plain."""
LONGEST_DURATION = 3_600_000
"""Milliseconds of one review."""
_LONGEST_GUID, _LONGEST_DECK, _LONGEST_TAG, _MOST_TAGS = 64, 200, 100, 50
_EXAMPLES, _LONGEST_EXAMPLE = 3, 60
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No review of Anki is older than Anki (2006); some were brought along from programs before it."""
_IDS = UUID("6f1bd5d5-6f2e-4a35-8f0c-1f6c0a7c0a11")
"""Never changes: the id of a review is made from it, and must be the same each time a file is read."""

_NEW, _LEARNING, _REVIEW, _RELEARNING = range(4)
_SUSPENDED = -1
_CRAMMED, _MANUAL = 3, 4
_SCHEMA = {
    "notes": {"id", "guid", "mid", "tags", "flds"},
    "cards": {
        "id", "nid", "did", "ord", "type", "queue", "due", "ivl", "factor", "reps", "lapses", "odue", "odid", "data",
    },
    "revlog": {"id", "cid", "ease", "factor", "time", "type"},
}  # fmt: skip


class _Report:
    """What was left behind, while it is being counted."""

    def __init__(self) -> None:
        self._counts: Counter[Reason] = Counter()
        self._examples: dict[Reason, list[str]] = {}

    def add(self, reason: Reason, count: int = 1, *, example: str = "") -> None:
        self._counts[reason] += count
        examples = self._examples.setdefault(reason, [])
        if example and len(examples) < _EXAMPLES:
            examples.append(words(example[:1000]).replace("\n", " ")[:_LONGEST_EXAMPLE])

    def lines(self) -> tuple[Untaken, ...]:
        return tuple(
            Untaken(reason, self._counts[reason], tuple(self._examples.get(reason, ())))
            for reason in Reason
            if self._counts[reason]
        )


def read(file: BinaryIO, *, now: datetime) -> Imported:
    """The cards and reviews of an .apkg or .colpkg. `now` is in the learner's own zone, in which an old collection
    that does not say where it began is taken to have begun. Raises NotAnAnkiFile."""
    report = _Report()
    with opened(file) as found:
        for table, columns in _SCHEMA.items():
            if not columns <= plain_columns(found.sql, table):
                raise NotAnAnkiFile(Refusal.DAMAGED)
        for table, most in (("notes", MOST_CARDS), ("cards", MOST_CARDS), ("revlog", MOST_REVIEWS)):
            if found.sql.execute(f"SELECT count(*) FROM {table} NOT INDEXED").fetchone()[0] > most:  # noqa: S608
                raise NotAnAnkiFile(Refusal.TOO_MANY)
        collection = about(found.sql)
        report.add(Reason.MEDIA, found.media)
        cards = _cards(found.sql, collection, report, now=now)
        reviews = _reviews(found.sql, cards, report, has_old_keys=collection.has_old_keys, now=now)
    taken = tuple(
        replace(card, reviews=tuple(sorted(reviews.get(key, ()), key=lambda review: (review.at, review.id))))
        for key, card in cards.items()
    )
    return Imported(taken, report.lines())


# --- Cards ----------------------------------------------------------------------------------------


def _cards(sql: sqlite3.Connection, collection: About, report: _Report, *, now: datetime) -> dict[int, ImportedCard]:
    notes = _notes(sql)
    taken: dict[int, ImportedCard] = {}
    names: set[tuple[str, int]] = set()
    read = 0
    for key, row in _card_rows(sql, report):
        note = notes.get(row["nid"])
        if note is None or key in taken:
            report.add(Reason.DAMAGED)
            continue
        guid, mid, tags, texts = note
        note_type = collection.note_types.get(mid)
        sides = _sides(note_type, texts, row["ord"], report)
        if sides is None:
            continue
        read += sides[0].size + sides[1].size
        if read > MOST_HTML:
            raise NotAnAnkiFile(Refusal.TOO_BIG)
        if (guid, row["ord"]) in names:
            report.add(Reason.DOUBLE, example=sides[0].text)
            continue
        names.add((guid, row["ord"]))
        taken[key] = _card(guid, tags, sides, row, collection, report, now=now)
    return taken


def _notes(sql: sqlite3.Connection) -> dict[int, tuple[str, int, str, list[str]]]:
    """Notes by id: their name among all, kind, tags, fields."""
    notes = {}
    for key, guid, mid, tags, texts in sql.execute("SELECT id, guid, mid, tags, flds FROM notes NOT INDEXED"):
        if isinstance(key, int) and isinstance(mid, int) and isinstance(texts, str):
            fields = [text[: rendering.LONGEST_HTML] for text in texts.split("\x1f")]
            notes[key] = _guid(str(guid)), mid, str(tags), fields
    return notes


def _guid(guid: str) -> str:
    return guid if guid == words(guid) and 0 < len(guid) <= _LONGEST_GUID else uuid5(_IDS, repr(guid)).hex


def _card_rows(sql: sqlite3.Connection, report: _Report) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = sql.execute(
        "SELECT id, data, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, odue, odid"
        " FROM cards NOT INDEXED ORDER BY id"
    )
    columns = [name for name, *_ in rows.description[2:]]
    for key, data, *values in rows:
        row: dict[str, Any] = dict(zip(columns, values, strict=True))
        if all(isinstance(value, int) for value in (key, *values)) and key > 0 and row["ord"] >= 0:
            yield key, row | {"data": data}
        else:
            report.add(Reason.DAMAGED)


def _sides(note_type: NoteType | None, texts: list[str], ord: int, report: _Report) -> tuple[Plain, Plain] | None:
    """Both sides, None when there are no words to be learnt; then the report says why."""
    template = note_type.template(ord) if note_type else None
    if note_type is None or template is None:
        report.add(Reason.TEMPLATE, example=texts[0])
        return None
    if note_type.is_occlusion or any(rendering.is_occlusion(text) for text in texts):
        report.add(Reason.OCCLUSION)
        return None
    fields = dict(zip(note_type.fields, texts, strict=False)) | dict.fromkeys(note_type.fields[len(texts) :], "")
    gap = ord + 1 if note_type.is_cloze else None
    try:
        front = rendering.front(template, fields, gap=gap)
        back = rendering.back(template, fields, gap=gap)
    except NoTemplate:
        report.add(Reason.TEMPLATE, example=texts[0])
        return None
    report.add(Reason.SOUNDS, front.sounds + back.sounds)
    report.add(Reason.PICTURES, front.pictures + back.pictures)
    if not front.text or not back.text:
        report.add(Reason.EMPTY, example=front.text or back.text)
        return None
    if front.is_cut or back.is_cut:
        report.add(Reason.CUT, example=front.text)
    return front, back


def _card(
    guid: str,
    tags: str,
    sides: tuple[Plain, Plain],
    row: Mapping[str, Any],
    collection: About,
    report: _Report,
    *,
    now: datetime,
) -> ImportedCard:
    if row["odid"]:
        report.add(Reason.FILTERED, example=sides[0].text)
    deck = collection.decks.get(row["odid"] or row["did"]) or Deck("", is_filtered=False)
    return ImportedCard(
        guid=guid,
        ord=row["ord"],
        front=sides[0].text,
        back=sides[1].text,
        deck=words(deck.name).replace("\n", " ")[:_LONGEST_DECK],
        tags=tuple(dict.fromkeys(words(tag)[:_LONGEST_TAG] for tag in tags.split()[:_MOST_TAGS])),
        is_suspended=row["queue"] == _SUSPENDED,
        hints=_hints(row, collection, now=now),
    )


def _hints(row: Mapping[str, Any], collection: About, *, now: datetime) -> Hints:
    memory = _memory(row["data"])
    is_known = row["type"] in {_REVIEW, _RELEARNING}
    return Hints(
        stage=Stage(row["type"]) if _NEW <= row["type"] <= _RELEARNING else Stage.NEW,
        due_at=_due_at(row, collection, zone=now.tzinfo or UTC),
        interval=min(max(row["ivl"], 0), 36_500) if is_known else 0,
        ease=row["factor"] / 1000 if 0 < row["factor"] < 100_000 else None,
        reviews=min(max(row["reps"], 0), MOST_REVIEWS),
        lapses=min(max(row["lapses"], 0), MOST_REVIEWS),
        stability=_within(memory.get("s"), 0.0001, 36_500),
        difficulty=_within(memory.get("d"), 1, 10),
        retention=_within(memory.get("dr"), 0.01, 0.999),
    )


def _memory(data: Any) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _within(value: Any, least: float, most: float) -> float | None:
    return float(value) if isinstance(value, int | float) and least <= value <= most else None


def _due_at(row: Mapping[str, Any], collection: About, *, zone: tzinfo) -> datetime | None:
    """Small numbers are days since the collection began, large ones seconds since 1970; of new cards, places in a
    line. A day begins at the hour at which the collection rolls over, in `zone`."""
    due = row["odue"] if row["odid"] and row["odue"] else row["due"]
    if not _LEARNING <= row["type"] <= _RELEARNING:
        return None
    try:
        if row["type"] != _REVIEW and due > 1_000_000_000:
            return datetime.fromtimestamp(due, tz=UTC)
        west = collection.minutes_west
        began = datetime.fromtimestamp(
            collection.created, tz=zone if west is None else timezone(timedelta(minutes=-west))
        )
        day = began.date() + timedelta(days=due)
        return _beginning(day, hour=collection.rollover, zone=zone)
    except (ValueError, OverflowError, OSError):
        return None


def _beginning(day: date, *, hour: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


# --- Reviews --------------------------------------------------------------------------------------


def _reviews(
    sql: sqlite3.Connection, cards: Mapping[int, ImportedCard], report: _Report, *, has_old_keys: bool, now: datetime
) -> dict[int, list[ImportedReview]]:
    taken: dict[int, list[ImportedReview]] = {}
    earliest, latest = _EARLIEST.timestamp() * 1000, now.timestamp() * 1000
    for row in sql.execute("SELECT id, cid, ease, factor, time, type FROM revlog NOT INDEXED"):
        if not all(isinstance(value, int) for value in row):
            report.add(Reason.DAMAGED)
            continue
        key, cid, ease, factor, duration, kind = row
        reason = _reason_against(key, ease, factor, kind, earliest=earliest, latest=latest)
        card = cards.get(cid)
        if reason or card is None:
            report.add(reason or Reason.ORPHANS)
            continue
        if has_old_keys and kind in {0, 2} and ease in {2, 3}:
            ease += 1
        taken.setdefault(cid, []).append(
            ImportedReview(
                id=uuid5(_IDS, f"{card.guid}\n{card.ord}\n{key}"),
                at=datetime.fromtimestamp(key // 1000, tz=UTC) + timedelta(milliseconds=key % 1000),
                rating=Rating(ease),
                duration_ms=min(max(duration, 0), LONGEST_DURATION),
            )
        )
    return taken


def _reason_against(key: int, ease: int, factor: int, kind: int, *, earliest: float, latest: float) -> Reason | None:
    """A review is a row with one of four answers that counted, at an instant that can be."""
    if kind >= _MANUAL or ease == 0:
        return Reason.MANUAL
    if kind == _CRAMMED and factor == 0:
        return Reason.CRAMMED
    if key > latest:
        return Reason.FUTURE
    return Reason.DAMAGED if key < earliest or not 1 <= ease <= 4 or kind < 0 else None
