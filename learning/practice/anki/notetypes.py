"""What a collection says about itself: its kinds of notes, its decks, its calendar.

Older files have it as JSON in one row, newer ones in tables, with protobuf in their columns.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from learning.practice.anki.opening import NotAnAnkiFile, Refusal, plain_columns
from learning.practice.anki.protobuf import Unreadable, numbers, pieces
from learning.practice.anki.rendering import Template

_OLD, _IN_TABLES, _NEWEST = 11, 15, 18
"""Versions of the schema: all in one row; note types and decks in tables; the newest that is known here."""
_CLOZE, _OCCLUSION = 1, 6
"""Of notetypes.proto: Config.kind and Config.original_stock_kind."""
_CONFIG_KIND, _CONFIG_STOCK = 1, 9
_TEMPLATE_FRONT, _TEMPLATE_BACK = 1, 2
_DECK_FILTERED = 2
_FIRST_SCHEDULER = 1


@dataclass(frozen=True, slots=True)
class NoteType:
    """`templates` by their ordinals; notes with gaps have one template for all of their cards."""

    fields: tuple[str, ...]
    templates: Mapping[int, Template]
    is_cloze: bool
    is_occlusion: bool

    def template(self, ord: int) -> Template | None:
        return self.templates.get(0 if self.is_cloze else ord)


@dataclass(frozen=True, slots=True)
class Deck:
    name: str
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class About:
    """`created` is in seconds since 1970, `minutes_west` of UTC where the collection began (None: not said),
    `rollover` the hour at which its days begin. In `has_old_keys` learning had three of the four answers, so that 2
    means good and 3 easy."""

    created: int
    minutes_west: int | None
    rollover: int
    has_old_keys: bool
    note_types: Mapping[int, NoteType]
    decks: Mapping[int, Deck]


def about(sql: sqlite3.Connection) -> About:
    """Raises NotAnAnkiFile."""
    if not {"crt", "ver", "conf", "models", "decks"} <= plain_columns(sql, "col"):
        raise NotAnAnkiFile(Refusal.DAMAGED)
    row = sql.execute("SELECT crt, ver, conf, models, decks FROM col").fetchone()
    if row is None:
        raise NotAnAnkiFile(Refusal.DAMAGED)
    created, version, conf, models, decks = row
    try:
        if version == _OLD:
            return _about(created, json.loads(conf), _note_types_of(models), _decks_of(decks))
        if not _IN_TABLES <= version <= _NEWEST:
            raise NotAnAnkiFile(Refusal.TOO_NEW if version > _NEWEST else Refusal.DAMAGED)
        return _about(created, _config(sql), _note_types(sql), _decks(sql))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, Unreadable) as error:
        raise NotAnAnkiFile(Refusal.DAMAGED) from error


def _about(
    created: Any, conf: Mapping[str, Any], note_types: Mapping[int, NoteType], decks: Mapping[int, Deck]
) -> About:
    west, rollover = conf.get("creationOffset"), conf.get("rollover", 4)
    return About(
        created=int(created),
        minutes_west=west if isinstance(west, int) and abs(west) < 24 * 60 else None,
        rollover=rollover if isinstance(rollover, int) and 0 <= rollover < 24 else 4,
        has_old_keys=conf.get("schedVer", _FIRST_SCHEDULER) == _FIRST_SCHEDULER,
        note_types=note_types,
        decks=decks,
    )


# --- In one row -----------------------------------------------------------------------------------


def _note_types_of(models: str) -> dict[int, NoteType]:
    return {int(key): _note_type_of(model) for key, model in json.loads(models or "{}").items()}


def _note_type_of(model: Mapping[str, Any]) -> NoteType:
    fields = sorted(model["flds"], key=lambda field: int(field["ord"]))
    return NoteType(
        fields=tuple(str(field["name"]) for field in fields),
        templates={int(each["ord"]): Template(str(each["qfmt"]), str(each["afmt"])) for each in model["tmpls"]},
        is_cloze=model.get("type") == _CLOZE,
        is_occlusion=model.get("originalStockKind") == _OCCLUSION,
    )


def _decks_of(decks: str) -> dict[int, Deck]:
    return {int(key): Deck(str(deck["name"]), bool(deck.get("dyn"))) for key, deck in json.loads(decks or "{}").items()}


# --- In tables ------------------------------------------------------------------------------------


def _config(sql: sqlite3.Connection) -> dict[str, Any]:
    _expect(sql, "config", {"key", "val"})
    wanted = ("creationOffset", "rollover", "schedVer")
    rows = sql.execute("SELECT key, val FROM config WHERE key IN (?, ?, ?)", wanted).fetchall()
    return {str(key): json.loads(value) for key, value in rows}


def _note_types(sql: sqlite3.Connection) -> dict[int, NoteType]:
    for table, columns in (
        ("notetypes", {"id", "config"}),
        ("fields", {"ntid", "ord", "name"}),
        ("templates", {"ntid", "ord", "config"}),
    ):
        _expect(sql, table, columns)
    fields: dict[int, list[tuple[int, str]]] = {}
    for key, place, name in sql.execute("SELECT ntid, ord, name FROM fields NOT INDEXED"):
        fields.setdefault(int(key), []).append((int(place), str(name)))
    templates: dict[int, dict[int, Template]] = {}
    for key, place, config in sql.execute("SELECT ntid, ord, config FROM templates NOT INDEXED"):
        parts = pieces(config)
        templates.setdefault(int(key), {})[int(place)] = Template(
            parts.get(_TEMPLATE_FRONT, b"").decode("utf-8", "replace"),
            parts.get(_TEMPLATE_BACK, b"").decode("utf-8", "replace"),
        )
    return {
        int(key): NoteType(
            fields=tuple(name for _, name in sorted(fields.get(int(key), []))),
            templates=templates.get(int(key), {}),
            is_cloze=numbers(config).get(_CONFIG_KIND) == _CLOZE,
            is_occlusion=numbers(config).get(_CONFIG_STOCK) == _OCCLUSION,
        )
        for key, config in sql.execute("SELECT id, config FROM notetypes NOT INDEXED")
    }


def _decks(sql: sqlite3.Connection) -> dict[int, Deck]:
    _expect(sql, "decks", {"id", "name", "kind"})
    return {
        int(key): Deck(str(name).replace("\x1f", "::"), _DECK_FILTERED in pieces(kind))
        for key, name, kind in sql.execute("SELECT id, name, kind FROM decks NOT INDEXED")
    }


def _expect(sql: sqlite3.Connection, table: str, columns: set[str]) -> None:
    if not columns <= {name.lower() for name in plain_columns(sql, table)}:
        raise NotAnAnkiFile(Refusal.DAMAGED)
