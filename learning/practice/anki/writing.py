"""Writing a package for Anki: cards with what they are due, and all of their history.

It is the older of Anki's formats, one database in a zip (schema 11), which every Anki reads, also AnkiDroid, AnkiMobile
and what else can import a deck. genanki, which writes the same format, knows nothing of schedules and logs.
"""

import hashlib
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from typing import Any

from learning.practice.anki.rendering import plain
from learning.practice.rules import days
from learning.practice.rules.memory import UNSEEN, Memory, Rated, Rating, Scheduler, Stage

DECAY = 0.1542
"""Of FSRS-6's default parameters: the last of them, without its sign."""

_NOTE_TYPE = 1_763_712_000_001
"""Never changes, like the names and ids in it: so a second package falls in with the first."""
_DECK_IDS = 1_763_712_000_000
_DEFAULT = 1
_EASE = 2500
_QUEUES = {Stage.NEW: 0, Stage.LEARNING: 1, Stage.REVIEW: 2, Stage.RELEARNING: 1}
_SUSPENDED = -1
_STEPS = {Stage.LEARNING: 2, Stage.RELEARNING: 1}
"""Of learning: 1 and 10 minutes, and 10 minutes, in Anki as in our scheduler."""
_KINDS = {Stage.NEW: 0, Stage.LEARNING: 0, Stage.REVIEW: 1, Stage.RELEARNING: 2}
"""Of rows of the log, by what the card was before."""

_TABLES = """
    CREATE TABLE col (
        id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL, scm integer NOT NULL, ver integer NOT NULL,
        dty integer NOT NULL, usn integer NOT NULL, ls integer NOT NULL, conf text NOT NULL, models text NOT NULL,
        decks text NOT NULL, dconf text NOT NULL, tags text NOT NULL
    );
    CREATE TABLE notes (
        id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL, mod integer NOT NULL, usn integer NOT NULL,
        tags text NOT NULL, flds text NOT NULL, sfld integer NOT NULL, csum integer NOT NULL, flags integer NOT NULL,
        data text NOT NULL
    );
    CREATE TABLE cards (
        id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL, ord integer NOT NULL, mod integer NOT NULL,
        usn integer NOT NULL, type integer NOT NULL, queue integer NOT NULL, due integer NOT NULL, ivl integer NOT NULL,
        factor integer NOT NULL, reps integer NOT NULL, lapses integer NOT NULL, left integer NOT NULL,
        odue integer NOT NULL, odid integer NOT NULL, flags integer NOT NULL, data text NOT NULL
    );
    CREATE TABLE revlog (
        id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL, ease integer NOT NULL, ivl integer NOT NULL,
        lastIvl integer NOT NULL, factor integer NOT NULL, time integer NOT NULL, type integer NOT NULL
    );
    CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
    CREATE INDEX ix_notes_usn ON notes (usn);
    CREATE INDEX ix_cards_usn ON cards (usn);
    CREATE INDEX ix_revlog_usn ON revlog (usn);
    CREATE INDEX ix_cards_nid ON cards (nid);
    CREATE INDEX ix_cards_sched ON cards (did, queue, due);
    CREATE INDEX ix_revlog_cid ON revlog (cid);
    CREATE INDEX ix_notes_csum ON notes (csum);
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """One review, with the memory before and after it. `duration_ms` is in milliseconds."""

    at: datetime
    rating: Rating
    duration_ms: int
    before: Memory
    after: Memory


@dataclass(frozen=True, slots=True)
class Card:
    """One card, as a note of its own. `guid` is its name for ever. `front` and `back` are safe HTML, their languages
    those of HTML ("ko")."""

    guid: str
    front: str
    back: str
    memory: Memory = UNSEEN
    answers: Sequence[Answer] = ()
    front_lang: str = ""
    back_lang: str = ""
    tags: Sequence[str] = ()
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class Deck:
    """`name` has its parents before it: "Dojang::8th kup". New cards are learnt in their order here. `retention` and
    `decay` are those of the scheduler, by which Anki shows how likely a card is known."""

    name: str
    cards: Sequence[Card]
    retention: float = 0.9
    decay: float = DECAY


def answers(log: Iterable[tuple[Rated, int]], scheduler: Scheduler) -> tuple[Answer, ...]:
    """The history of a card from its log (with milliseconds): the fold, with each of its steps kept."""
    memory, kept = UNSEEN, []
    for each, duration_ms in sorted(log, key=lambda entry: (entry[0].at, entry[0].id)):
        after = scheduler.after(memory, each.rating, each.at)
        kept.append(Answer(each.at, each.rating, duration_ms, memory, after))
        memory = after
    return tuple(kept)


def write(deck: Deck, *, now: datetime) -> bytes:
    """An .apkg. `now` is in the learner's own zone: days are counted there."""
    with closing(sqlite3.connect(":memory:")) as sql:
        sql.executescript(_TABLES)
        _fill(sql, deck, _Calendar(deck, now=now))
        sql.commit()
        collection = sql.serialize()
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("collection.anki2", collection), ("media", b"{}")):
            entry = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return package.getvalue()


class _Calendar:
    """Anki counts days from the one on which a collection began. Ours begins with the first thing that happens in
    it, so that no number is below zero."""

    def __init__(self, deck: Deck, *, now: datetime) -> None:
        self.now = now
        self._zone: tzinfo = now.tzinfo or UTC
        instants = [answer.at for card in deck.cards for answer in card.answers]
        instants += [card.memory.due_at for card in deck.cards if card.memory.due_at]
        self._first = min(days.day_of(instant, self._zone) for instant in [now, *instants])
        self.began = days.begins_at(self._first, self._zone).astimezone(self._zone)

    @property
    def minutes_west(self) -> int:
        return -int((self.began.utcoffset() or timedelta()).total_seconds()) // 60

    def number(self, at: datetime) -> int:
        return (days.day_of(at, self._zone) - self._first).days


def _fill(sql: sqlite3.Connection, deck: Deck, calendar: _Calendar) -> None:
    seconds = int(calendar.now.timestamp())
    deck_id = _deck_id(deck.name)
    first_id = seconds * 1000 - len(deck.cards)
    sql.execute(
        "INSERT INTO col VALUES (1, ?, ?, ?, 11, 0, 0, 0, ?, ?, ?, ?, '{}')",
        [
            int(calendar.began.timestamp()), seconds * 1000, seconds * 1000, _json(_conf(calendar, deck)),
            _json({str(_NOTE_TYPE): _note_type(seconds)}), _json(_decks(deck, seconds)),
            _json({str(_DEFAULT): _OPTIONS}),
        ],
    )  # fmt: skip
    for key, (place, card) in enumerate(enumerate(deck.cards), start=first_id):
        sql.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')",
            [key, card.guid, _NOTE_TYPE, seconds, _tags(card), *_fields(card)],
        )
        sql.execute(
            "INSERT INTO cards VALUES (?, ?, ?, 0, ?, -1, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?)",
            [key, key, deck_id, seconds, *_schedule(card, place, deck, calendar)],
        )
    sql.executemany("INSERT INTO revlog VALUES (?, ?, -1, ?, ?, ?, ?, ?, ?)", _log(deck, first_id))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# --- Notes ----------------------------------------------------------------------------------------


def _fields(card: Card) -> tuple[str, str, int]:
    """Both fields, the one to sort by, and a number by which Anki finds notes that begin alike."""
    front = _in_language(card.front, card.front_lang)
    first = plain(front).text
    digest = hashlib.sha1(first.encode(), usedforsecurity=False).hexdigest()
    return f"{front}\x1f{_in_language(card.back, card.back_lang)}", first, int(digest[:8], 16)


def _in_language(html: str, lang: str) -> str:
    html = html.replace("\x1f", " ")
    return f'<div lang="{escape(lang)}">{html}</div>' if lang else html


def _tags(card: Card) -> str:
    """Separated by spaces, with one at each end."""
    return "".join(f" {tag}" for tag in (re.sub(r"\s+", "_", tag.strip()) for tag in card.tags) if tag) + " "


# --- Schedules ------------------------------------------------------------------------------------


def _schedule(card: Card, place: int, deck: Deck, calendar: _Calendar) -> list[Any]:
    """type, queue, due, ivl, factor, reps, lapses, left, data."""
    memory = card.memory
    queue = _SUSPENDED if card.is_suspended else _QUEUES[memory.stage]
    is_known = memory.stage in {Stage.REVIEW, Stage.RELEARNING}
    due_at = memory.due_at or calendar.now
    if memory.stage is Stage.NEW:
        due = place + 1
    elif memory.stage is Stage.REVIEW:
        due = calendar.number(due_at)
    else:
        due = int(due_at.timestamp())
    ease = round(memory.ease * 1000) if memory.ease else _EASE if is_known else 0
    left = max(1, _STEPS[memory.stage] - (memory.step or 0)) if memory.stage in _STEPS else 0
    interval = max(1, memory.interval) if is_known else 0
    data = _json(_memory(memory, deck))
    return [int(memory.stage), queue, due, interval, ease, memory.reviews, memory.lapses, left, data]


def _memory(memory: Memory, deck: Deck) -> dict[str, float]:
    """What Anki keeps of FSRS, with as many digits."""
    if memory.stability is None or memory.difficulty is None:
        return {}
    known = {
        "s": round(memory.stability, 4),
        "d": round(memory.difficulty, 3),
        "dr": round(deck.retention, 2),
        "decay": round(deck.decay, 3),
    }
    return known | ({"lrt": int(memory.reviewed_at.timestamp())} if memory.reviewed_at else {})


def _log(deck: Deck, first_id: int) -> Iterator[tuple[int, ...]]:
    """id, cid, ease, ivl, lastIvl, factor, time, type. The id is the millisecond; of two in the same one, the second
    moves on."""
    entries = sorted(
        (
            (answer.at, card.guid, first_id + place, answer)
            for place, card in enumerate(deck.cards)
            for answer in card.answers
        ),
        key=lambda entry: entry[:2],
    )
    last = 0
    for at, _, card_id, answer in entries:
        last = max(last + 1, _milliseconds(at))
        yield (
            last,
            card_id,
            int(answer.rating),
            _interval(answer.after, since=at),
            _interval(answer.before, since=answer.before.reviewed_at),
            _factor(answer.after),
            max(0, answer.duration_ms),
            _KINDS[answer.before.stage],
        )


def _milliseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, tz=UTC)) // timedelta(milliseconds=1)


def _interval(memory: Memory, *, since: datetime | None) -> int:
    """Days, or below zero seconds."""
    if memory.stage is Stage.REVIEW:
        return memory.interval
    if memory.due_at is None or since is None:
        return 0
    return -max(0, int((memory.due_at - since).total_seconds()))


def _factor(memory: Memory) -> int:
    """The ease in thousandths; with FSRS its difficulty, 1 to 10 brought to 100 to 1100."""
    if memory.difficulty is not None:
        return round((memory.difficulty - 1) / 9 * 1000) + 100
    return round(memory.ease * 1000) if memory.ease else 0


# --- What a collection says about itself ----------------------------------------------------------


def _conf(calendar: _Calendar, deck: Deck) -> dict[str, Any]:
    return {
        "activeDecks": [_DEFAULT],
        "addToCur": True,
        "collapseTime": 1200,
        "creationOffset": calendar.minutes_west,
        "curDeck": _DEFAULT,
        "curModel": _NOTE_TYPE,
        "dueCounts": True,
        "estTimes": True,
        "newSpread": 0,
        "nextPos": len(deck.cards) + 1,
        "rollover": days.BEGINS.hour,
        "sched2021": True,
        "schedVer": 2,
        "sortBackwards": False,
        "sortType": "noteFld",
        "timeLim": 0,
    }


def _note_type(seconds: int) -> dict[str, Any]:
    field = {"sticky": False, "rtl": False, "font": "Arial", "size": 20, "media": []}
    return {
        "id": _NOTE_TYPE,
        "name": "Dojang",
        "type": 0,
        "mod": seconds,
        "usn": -1,
        "sortf": 0,
        "did": _DEFAULT,
        "vers": [],
        "tags": [],
        "flds": [field | {"name": name, "ord": place, "id": place + 1} for place, name in enumerate(("Front", "Back"))],
        "tmpls": [
            {
                "name": "Card",
                "ord": 0,
                "id": 1,
                "qfmt": "{{Front}}",
                "afmt": "{{FrontSide}}\n\n<hr id=answer>\n\n{{Back}}",
                "bqfmt": "",
                "bafmt": "",
                "did": None,
            }
        ],
        "req": [[0, "any", [0]]],
        "css": ".card { font-family: sans-serif; font-size: 20px; line-height: 1.5; text-align: center; }",
        "latexPre": "",
        "latexPost": "",
    }


def _deck_id(name: str) -> int:
    return _DECK_IDS + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def _decks(deck: Deck, seconds: int) -> dict[str, Any]:
    """Each of its parents is a deck of its own."""
    parts = deck.name.split("::")
    names = {_DEFAULT: "Default"} | {
        _deck_id(name): name for name in ("::".join(parts[: place + 1]) for place in range(len(parts)))
    }
    none_today = {name: [0, 0] for name in ("lrnToday", "revToday", "newToday", "timeToday")}
    common = {
        "mod": seconds, "usn": -1, "collapsed": False, "browserCollapsed": False, "desc": "", "dyn": 0,
        "conf": _DEFAULT, "extendNew": 0, "extendRev": 0,
    } | none_today  # fmt: skip
    return {str(key): common | {"id": key, "name": name} for key, name in names.items()}


_OPTIONS: dict[str, Any] = {
    "id": _DEFAULT,
    "mod": 0,
    "usn": 0,
    "name": "Default",
    "maxTaken": 60,
    "autoplay": True,
    "timer": 0,
    "replayq": True,
    "dyn": False,
    "new": {"delays": [1, 10], "ints": [1, 4, 0], "initialFactor": _EASE, "order": 1, "perDay": 20, "bury": False},
    "rev": {
        "perDay": 200, "ease4": 1.3, "ivlFct": 1, "maxIvl": 36500, "fuzz": 0.05, "minSpace": 1, "bury": False,
        "hardFactor": 1.2,
    },
    "lapse": {"delays": [10], "mult": 0, "minInt": 1, "leechFails": 8, "leechAction": 1},
}  # fmt: skip
