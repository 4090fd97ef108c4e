"""Packages to read: ours, Anki's own, and ones that somebody has tampered with."""

import io
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import zstandard
from anki.collection import (
    Collection,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)

from learning.practice import anki
from learning.practice.rules.fsrs import Fsrs
from learning.practice.rules.memory import Rated, Rating, Scheduler

SCHEDULER = Fsrs()
FORMATS = ("old.apkg", "new.apkg", "old.colpkg", "new.colpkg")


def a_log(*ratings: Rating, since: datetime, days: float = 3, seed: int = 0) -> list[tuple[Rated, int]]:
    """A review every few days, each of which took a second more."""
    return [
        (Rated(since + timedelta(days=place * days), UUID(int=seed * 1000 + place), rating), (place + 1) * 1000)
        for place, rating in enumerate(ratings)
    ]


def a_card(guid: str, *ratings: Rating, since: datetime, scheduler: Scheduler = SCHEDULER, **more: object) -> anki.Card:
    answers = anki.answers(a_log(*ratings, since=since, seed=sum(guid.encode())), scheduler)
    memory = {"memory": answers[-1].after} if answers else {}
    return anki.Card(**({"guid": guid, "front": guid, "back": f"{guid}!", "answers": answers} | memory | more))


def a_deck(*, now: datetime, scheduler: Scheduler = SCHEDULER) -> anki.Deck:
    """A card in each stage that a card can be in."""
    since = now - timedelta(days=40)
    good, again = Rating.GOOD, Rating.AGAIN

    def card(guid: str, *ratings: Rating, since: datetime = since, **more: object) -> anki.Card:
        return a_card(guid, *ratings, since=since, scheduler=scheduler, **more)

    return anki.Deck(
        "Dojang::8th kup",
        [
            card(
                "known",
                good,
                good,
                Rating.HARD,
                good,
                Rating.EASY,
                front="<b>앞차기</b>",
                front_lang="ko",
                back="front kick",
            ),
            card("forgotten", good, good, good, again),
            card("begun", good, since=now - timedelta(minutes=3), tags=("8 kup", "terms")),
            card("new"),
            card("put-aside", good, good, again, good, good, is_suspended=True),
        ],
    )


# --- Real Anki ------------------------------------------------------------------------------------


def imported_into(collection: Collection, package: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".apkg") as file:
        file.write(package)
        file.flush()
        options = ImportAnkiPackageOptions(with_scheduling=True)
        collection.import_anki_package(ImportAnkiPackageRequest(package_path=file.name, options=options))


def exported_from(collection: Collection, format: str, folder: Path) -> bytes:
    path = folder / format
    is_legacy = format.startswith("old")
    if format.endswith(".colpkg"):
        collection.export_collection_package(str(path), include_media=True, legacy=is_legacy)
        collection.reopen()
    else:
        options = ExportAnkiPackageOptions(with_scheduling=True, with_media=True, legacy=is_legacy)
        collection.export_anki_package(out_path=str(path), options=options, limit=None)
    return path.read_bytes()


def add(collection: Collection, kind: str, *fields: str, deck: str = "Kicks", tags: Iterable[str] = ()) -> int:
    note_type = collection.models.by_name(kind)
    note = collection.new_note(note_type)
    note.fields = [*fields, *[""] * (len(note.fields) - len(fields))]
    note.tags = list(tags)
    collection.add_note(note, collection.decks.id(deck))
    return note.id


def answer(collection: Collection, deck: str, *ratings: int) -> None:
    collection.decks.select(collection.decks.id(deck))
    for rating in ratings:
        card = collection.sched.getCard()
        card.start_timer()
        collection.sched.answerCard(card, rating)


# --- By hand --------------------------------------------------------------------------------------


def zipped(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return package.getvalue()


def collection_of(package: bytes) -> bytes:
    """The newest database of a package, plain."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        name = max(name for name in archive.namelist() if name.startswith("collection."))
        content = archive.read(name)
    return zstandard.ZstdDecompressor().decompressobj().decompress(content) if name.endswith("b") else content


def in_new_format(collection: bytes) -> bytes:
    return zipped({"meta": b"\x08\x03", "collection.anki21b": zstandard.compress(collection), "media": b""})


def tampered(package: bytes, *statements: str) -> bytes:
    """The same package after somebody has changed its database."""
    handle, name = tempfile.mkstemp()
    os.close(handle)
    path = Path(name)
    path.write_bytes(collection_of(package))
    sql = sqlite3.connect(path)
    sql.create_collation("unicase", lambda one, other: (one > other) - (one < other))
    for statement in statements:
        sql.execute(statement)
    sql.commit()
    is_new = sql.execute("SELECT 1 FROM sqlite_master WHERE name = 'notetypes'").fetchone() is not None
    sql.close()
    content = path.read_bytes()
    path.unlink()
    return in_new_format(content) if is_new else zipped({"collection.anki2": content, "media": b"{}"})


def read(package: bytes, *, now: datetime | None = None) -> anki.Imported:
    return anki.read(io.BytesIO(package), now=now or datetime.now(UTC))


def untaken(imported: anki.Imported) -> dict[str, int]:
    return {each.reason: each.count for each in imported.untaken}
