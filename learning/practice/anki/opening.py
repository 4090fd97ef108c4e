"""From the bytes of a package to its collection: a zip with an SQLite database in it, perhaps compressed with zstd.

The file comes from a stranger. The zip is never unpacked by its names, no more than MOST_BYTES are ever written, and
the database is opened as what it is: data that may lie.
"""

import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, BinaryIO, Protocol

import zstandard

from learning.practice.anki.protobuf import Unreadable, numbers

MOST_BYTES = 200_000_000
"""Of a collection, uncompressed. Media are never unpacked."""
_LONGEST_DIRECTORY = 6_000_000
"""Bytes of the directory of a zip, which Python reads at once: enough for a hundred thousand media files."""
_MOST_WORK = 5_000
"""Hundred thousands of steps of SQLite: enough to read MOST_BYTES more than once."""
_LONGEST_VALUE = 50_000_000
"""Bytes of one value: old collections keep all of their note types in one."""

_NAMES = ("collection.anki21b", "collection.anki21", "collection.anki2")
"""The newest first: packages hold an empty one under an old name, which says to old programs that they are old."""
_NEWEST_PACKAGE = 3
_CHUNK = 1 << 20
_DAMAGES = (
    sqlite3.Error, sqlite3.Warning, zipfile.BadZipFile, zstandard.ZstdError, zlib.error, struct.error, EOFError,
    UnicodeDecodeError,  # what SQLite says about a database may quote it
)  # fmt: skip


class Refusal(StrEnum):
    """Why a file is not read at all."""

    NO_ARCHIVE = "no_archive"
    NO_COLLECTION = "no_collection"
    DAMAGED = "damaged"
    TOO_NEW = "too_new"
    TOO_BIG = "too_big"
    TOO_MANY = "too_many"


class NotAnAnkiFile(Exception):
    """A file that cannot be read; `refusal` is why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection to be asked, and how many media files came with it."""

    sql: sqlite3.Connection
    media: int


@contextmanager
def opened(file: BinaryIO) -> Iterator[Opened]:
    """The collection of an .apkg or .colpkg; it can be asked within the block. Raises NotAnAnkiFile, also for what
    turns out to be damaged only while it is asked."""
    try:
        with _archive(file) as archive, tempfile.NamedTemporaryFile(prefix="anki-", suffix=".sqlite") as copy:
            names = archive.namelist()
            _unpack(archive, _collection_name(archive, names), copy)
            copy.flush()
            with closing(_connection(Path(copy.name))) as sql:
                yield Opened(sql, sum(name.isdecimal() for name in names))
    except _DAMAGES as error:
        raise NotAnAnkiFile(Refusal.DAMAGED) from error


# --- The zip --------------------------------------------------------------------------------------


class _InPieces:
    """A file of which never more than a directory is read at once, whatever it says of itself."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > _LONGEST_DIRECTORY:
            raise NotAnAnkiFile(Refusal.TOO_BIG)
        return self._file.read(size if size >= 0 else _LONGEST_DIRECTORY)


def _archive(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_InPieces(file))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
        raise NotAnAnkiFile(Refusal.NO_ARCHIVE) from error


def _collection_name(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "meta" in names and _version(archive) > _NEWEST_PACKAGE:
        raise NotAnAnkiFile(Refusal.TOO_NEW)
    found = next((name for name in _NAMES if name in names), None)
    if found is None:
        raise NotAnAnkiFile(Refusal.NO_COLLECTION)
    return found


def _version(archive: zipfile.ZipFile) -> int:
    with _member(archive, "meta") as meta:
        try:
            return numbers(meta.read(100)).get(1, 0)
        except Unreadable as error:
            raise NotAnAnkiFile(Refusal.DAMAGED) from error


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...


def _unpack(archive: zipfile.ZipFile, name: str, copy: _Writable) -> None:
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise NotAnAnkiFile(Refusal.TOO_BIG)
    with _member(archive, name) as member:
        if name.endswith("21b"):
            with zstandard.ZstdDecompressor().stream_reader(member) as plain:
                _copy(plain, copy)
        else:
            _copy(member, copy)


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    if archive.getinfo(name).compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise NotAnAnkiFile(Refusal.DAMAGED)
    try:
        return archive.open(name)
    except (RuntimeError, NotImplementedError) as error:  # a password, a newer zip
        raise NotAnAnkiFile(Refusal.DAMAGED) from error


def _copy(source: _Readable, copy: _Writable) -> None:
    """Bytes are counted as they come: what was said of them before may be a lie."""
    written = 0
    while chunk := source.read(_CHUNK):
        written += len(chunk)
        if written > MOST_BYTES:
            raise NotAnAnkiFile(Refusal.TOO_BIG)
        copy.write(chunk)


# --- The database ---------------------------------------------------------------------------------


def _connection(path: Path) -> sqlite3.Connection:
    sql = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    sql.text_factory = lambda text: text.decode("utf-8", "replace")
    sql.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)  # noqa: FBT003 — takes no names
    for power in (
        sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA,
        sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER,
        sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW,
    ):
        sql.setconfig(power, False)  # noqa: FBT003
    sql.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    sql.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 20)
    sql.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    sql.create_collation("unicase", _unicase)
    work = iter(range(_MOST_WORK))
    sql.set_progress_handler(lambda: next(work, None) is None, 100_000)
    sql.execute("PRAGMA query_only = ON")
    sql.execute("PRAGMA cell_size_check = ON")
    return sql


def _unicase(one: str, other: str) -> int:
    """Anki's own order of names. Nothing here is sorted by it; a database that names it is only opened with it."""
    return (one.casefold() > other.casefold()) - (one.casefold() < other.casefold())


def plain_columns(sql: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a table, none if there is no such table. Raises NotAnAnkiFile for what is no plain table: views,
    virtual tables and columns that are computed could do anything."""
    found = sql.execute("SELECT type, rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
    if found is None:
        return set()
    columns = sql.execute(f'PRAGMA table_xinfo("{table}")').fetchall()
    if found[0] != "table" or not found[1] or any(hidden for *_, hidden in columns):
        raise NotAnAnkiFile(Refusal.DAMAGED)
    return {name for _, name, *_ in columns}
