"""Files that are broken, lie or attack: refused with a reason or reported line by line, and never a traceback."""

import io
import sqlite3
import struct
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import zstandard
from anki.collection import Collection
from hypothesis import given
from hypothesis import strategies as some

from learning.practice import anki
from learning.practice.anki import opening, reading
from learning.practice.rules.memory import Rating, Stage
from learning.practice.tests.anki_samples import (
    FORMATS,
    a_card,
    a_deck,
    add,
    answer,
    collection_of,
    exported_from,
    in_new_format,
    read,
    tampered,
    untaken,
    zipped,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGES = some.lists(some.tuples(some.integers(0, 10**6), some.integers(0, 255)), min_size=1, max_size=20)
"""Where, and what stands there now."""


class Packages(dict[str, bytes]):
    def __repr__(self) -> str:
        return "packages of Anki"  # a failure prints its arguments


@pytest.fixture(scope="module")
def package():
    return anki.write(a_deck(now=NOW), now=NOW)


@pytest.fixture(scope="module")
def anki_packages(tmp_path_factory):
    """Real ones, by their format."""
    folder = tmp_path_factory.mktemp("anki")
    collection = Collection(str(folder / "collection.anki2"))
    add(collection, "Basic", "ap chagi", "front kick", tags=["kicks"])
    add(collection, "Cloze", "{{c1::fist}} and {{c2::foot}}")
    answer(collection, "Kicks", 3, 1)
    packages = Packages((each, exported_from(collection, each, folder)) for each in FORMATS)
    collection.close()
    return packages


def refusal(content: bytes) -> str:
    with pytest.raises(anki.NotAnAnkiFile) as caught:
        read(content, now=NOW)
    return caught.value.refusal


def never_a_traceback(content: bytes) -> None:
    try:
        found = read(content, now=datetime.now(UTC))
    except anki.NotAnAnkiFile:
        return
    for card in found.cards:
        for text in (card.guid, card.front, card.back, card.deck, *card.tags):
            assert "\0" not in text
            text.encode()


class TestTheFile:
    @pytest.mark.parametrize(
        "content", [b"", b"PK", b"\x89PNG", b"SQLite format 3\0" + bytes(200), b"guid,front,back\n"]
    )
    def test_what_is_no_zip(self, content):
        assert refusal(content) == "no_archive"

    def test_a_zip_of_something_else(self):
        assert refusal(zipped({"word/document.xml": b"<x/>"})) == "no_collection"

    def test_a_newer_package_than_any(self, package):
        assert refusal(zipped({"meta": b"\x08\x04", "collection.anki22": b"?"})) == "too_new"

    @pytest.mark.parametrize("meta", [b"\xff" * 50, b"\x0b", b"\x08"])
    def test_a_meta_that_is_none(self, package, meta):
        assert refusal(zipped({"meta": meta, "collection.anki2": collection_of(package)})) == "damaged"

    @pytest.mark.parametrize("version", [0, 10, 12, -5])
    def test_a_schema_that_never_was(self, package, version):
        assert refusal(tampered(package, f"UPDATE col SET ver = {version}")) == "damaged"

    def test_a_newer_schema_than_any(self, package):
        assert refusal(tampered(package, "UPDATE col SET ver = 19")) == "too_new"

    def test_a_collection_that_is_no_database(self):
        assert refusal(zipped({"collection.anki2": b"{}"})) == "damaged"
        assert refusal(zipped({"collection.anki2": b""})) == "damaged"
        assert refusal(in_new_format(b"no database")) == "damaged"
        assert refusal(zipped({"meta": b"\x08\x03", "collection.anki21b": b"not compressed"})) == "damaged"

    def test_the_newest_collection_counts(self, package):
        """Packages hold one for old programs too, which says only that they are old."""
        other = anki.write(anki.Deck("Old", [a_card("please update", since=NOW)]), now=NOW)
        entries = {"collection.anki2": collection_of(other), "collection.anki21": collection_of(package)}
        assert len(read(zipped(entries), now=NOW).cards) == 5

    def test_a_password(self, package):
        closed = bytearray(package)
        for at in (6, closed.index(b"PK\x01\x02") + 8):
            closed[at] |= 1
        assert refusal(bytes(closed)) == "damaged"

    def test_a_way_of_compressing_that_anki_has_not(self, package):
        squeezed = zipped({"collection.anki2": collection_of(package)}, zipfile.ZIP_LZMA)
        assert refusal(squeezed) == "damaged"

    def test_paths_lead_nowhere(self, package, tmp_path, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        entries = {"../../evil": b"x", "/etc/evil": b"x", "0": b"x", "collection.anki2": collection_of(package)}
        found = read(zipped(entries), now=NOW)
        assert len(found.cards) == 5
        assert untaken(found) == {"media": 1}
        assert list(tmp_path.iterdir()) == []

    def test_nothing_stays_behind_after_a_refusal(self, package, tmp_path, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        assert refusal(tampered(package, "DROP TABLE cards")) == "damaged"
        assert list(tmp_path.iterdir()) == []


class TestTooMuch:
    @pytest.fixture
    def bomb(self, monkeypatch):
        """Much of nothing, which is small while it is packed."""
        monkeypatch.setattr(opening, "MOST_BYTES", 4_000_000)
        return bytes(4_000_001)

    def test_a_bomb(self, bomb):
        package = zipped({"collection.anki2": bomb})
        assert len(package) < 5_000
        assert refusal(package) == "too_big"

    def test_a_bomb_that_says_it_is_small(self, bomb):
        package = bytearray(zipped({"collection.anki2": bomb}))
        struct.pack_into("<I", package, package.index(b"PK\x01\x02") + 24, 1000)
        assert refusal(bytes(package)) == "damaged"

    def test_a_bomb_of_the_newer_kind(self, bomb):
        package = in_new_format(bomb)
        assert len(package) < 5_000
        assert refusal(package) == "too_big"

    def test_a_bomb_of_the_newer_kind_is_not_unpacked_to_its_end(self, bomb, tmp_path, monkeypatch):
        """Ten times as much, of which no more than the bound is ever written."""
        written = []
        write = opening._copy

        def counted(source, copy):
            class Copy:
                def write(self, data):
                    written.append(len(data))
                    return copy.write(data)

            write(source, Copy())

        monkeypatch.setattr(opening, "_copy", counted)
        assert refusal(in_new_format(bomb * 10)) == "too_big"
        assert 0 < sum(written) <= opening.MOST_BYTES

    def test_zstd_may_not_look_back_without_end(self):
        parameters = zstandard.ZstdCompressionParameters(window_log=30, compression_level=1)
        frame = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        greedy = frame.compress(bytes(1000)) + frame.flush()
        package = zipped({"meta": b"\x08\x03", "collection.anki21b": greedy})
        assert refusal(package) == "damaged"

    def test_a_directory_without_end(self, package, monkeypatch):
        monkeypatch.setattr(opening, "_LONGEST_DIRECTORY", 70_000)  # how far back Python looks for the end of a zip
        assert refusal(zipped({str(number): b"" for number in range(2000)})) == "too_big"
        assert len(read(package, now=NOW).cards) == 5

    def test_too_many_cards(self, package, monkeypatch):
        monkeypatch.setattr(reading, "MOST_CARDS", 4)
        assert refusal(package) == "too_many"

    def test_too_many_reviews(self, package, monkeypatch):
        monkeypatch.setattr(reading, "MOST_REVIEWS", 14)
        assert refusal(package) == "too_many"
        monkeypatch.setattr(reading, "MOST_REVIEWS", 15)
        assert read(package, now=NOW).reviews == 15

    def test_too_much_text(self, package, monkeypatch):
        monkeypatch.setattr(reading, "MOST_HTML", 40)
        assert refusal(package) == "too_big"

    def test_a_text_that_never_ends_is_cut(self, package):
        found = read(
            tampered(package, "UPDATE notes SET flds = replace(hex(zeroblob(5000)), '0', '발')||char(31)||'x'")
        )
        assert {len(card.front) for card in found.cards} == {4000}
        assert untaken(found) == {"cut": 5}

    def test_work_without_end_is_ended(self, package, monkeypatch):
        monkeypatch.setattr(opening, "_MOST_WORK", 1)
        rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT"
        many = tampered(package, f"INSERT INTO revlog {rows} i, 0, 0, 1, 0, 0, 0, 0, 0 FROM n")
        assert refusal(many) == "damaged"


class TestTheDatabase:
    @pytest.mark.parametrize(
        "statements",
        [
            ["ALTER TABLE cards RENAME TO hidden", "CREATE VIEW cards AS SELECT * FROM hidden"],
            ["ALTER TABLE notes ADD COLUMN evil GENERATED ALWAYS AS (hex(zeroblob(9))) VIRTUAL"],
            ["DROP TABLE revlog", "CREATE VIRTUAL TABLE revlog USING fts5(id, cid, ease, factor, time, type)"],
            ["DROP TABLE revlog"],
            ["ALTER TABLE notes RENAME COLUMN flds TO fields"],
            ["DELETE FROM col"],
            ["DROP TABLE col"],
            ["UPDATE col SET models = '{'"],
            ["UPDATE col SET models = '[]'"],
            ["UPDATE col SET models = '{\"1\": {}}'"],
            ["UPDATE col SET models = '{\"1\": 1}'"],
            ["UPDATE col SET models = replace(hex(zeroblob(100000)), '0', '[')"],
            ["UPDATE col SET decks = '{\"1\": null}'"],
            ["UPDATE col SET conf = '7'"],
            ["UPDATE col SET conf = x'ff'"],
            ["UPDATE col SET crt = 9e999"],
            ["UPDATE col SET ver = 'eleven'"],
            ["UPDATE col SET ver = 18"],
        ],
    )
    def test_what_is_not_what_it_should_be(self, package, statements):
        assert refusal(tampered(package, *statements)) == "damaged"

    @pytest.mark.parametrize(
        "statements",
        [
            ["UPDATE templates SET config = x'ffff'"],
            ["UPDATE templates SET config = 5"],
            ["UPDATE decks SET kind = 'text'"],
            ["UPDATE notetypes SET config = x'0a05'"],
            ["UPDATE config SET val = '{'"],
            ["DROP TABLE decks"],
            ["DROP TABLE config", "CREATE VIEW config AS SELECT 'rollover' AS key, 4 AS val"],
        ],
    )
    def test_the_newer_tables(self, anki_packages, statements):
        assert refusal(tampered(anki_packages["new.apkg"], *statements)) == "damaged"

    def test_a_schema_in_no_known_letters(self, package):
        """SQLite quotes it in its complaint, and Python cannot read the quotation."""
        bent = collection_of(package).replace(b"CREATE TABLE revlog", b"CREATE T\xffBLE revlog")
        assert refusal(zipped({"collection.anki2": bent})) == "damaged"

    def test_triggers_do_nothing(self, package):
        trigger = "CREATE TRIGGER evil AFTER UPDATE ON notes BEGIN DELETE FROM cards; END"
        assert len(read(tampered(package, trigger), now=NOW).cards) == 5

    def test_the_connection_writes_nothing(self, package, tmp_path):
        with opening.opened(io.BytesIO(package)) as found:
            for statement in ("DELETE FROM cards", "ATTACH ':memory:' AS other", "CREATE TABLE x (y)"):
                with pytest.raises(sqlite3.Error):
                    found.sql.execute(statement)

    def test_the_last_truth_about_a_bent_page(self, package):
        """Damage that shows only while rows are read."""
        content = bytearray(collection_of(package))
        page = int.from_bytes(content[16:18])
        for start in range(page, len(content), page):
            content[start + 8 : start + 60] = b"\xff" * 52
        assert refusal(zipped({"collection.anki2": bytes(content)})) == "damaged"


class TestRows:
    @pytest.mark.parametrize("at", ["-5", "0", "946684799999", "9223372036854775807"])
    def test_reviews_at_impossible_times(self, package, at):
        found = read(tampered(package, f"UPDATE revlog SET id = {at} WHERE id = (SELECT min(id) FROM revlog)"), now=NOW)
        reason = "future" if int(at) > 10**15 else "damaged"
        assert untaken(found) == {reason: 1}
        assert found.reviews == 14

    def test_reviews_that_are_still_to_come(self, package):
        found = read(package, now=NOW - timedelta(days=10))
        later = sum(each.at > NOW - timedelta(days=10) for card in a_deck(now=NOW).cards for each in card.answers)
        assert untaken(found) == {"future": later}
        assert later

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ("ease = 0", "manual"),
            ("type = 4", "manual"),
            ("type = 5", "manual"),
            ("type = 3, factor = 0", "crammed"),
            ("ease = 5", "damaged"),
            ("ease = -1", "damaged"),
            ("type = -1", "damaged"),
            ("cid = 1", "orphans"),
            ("time = 'long'", "damaged"),
        ],
    )
    def test_reviews_that_are_none(self, package, change, reason):
        found = read(tampered(package, f"UPDATE revlog SET {change} WHERE type = 2"), now=NOW)
        assert untaken(found) == {reason: 1}
        assert found.reviews == 14

    def test_reviews_before_their_day_in_a_filtered_deck_count(self, package):
        assert read(tampered(package, "UPDATE revlog SET type = 3"), now=NOW).reviews == 15

    def test_the_three_keys_of_long_ago(self, package):
        """In the first scheduler 2 was good and 3 easy, while a card was being learnt."""
        old = tampered(
            package,
            "UPDATE col SET conf = '{\"schedVer\": 1}'",
            "UPDATE revlog SET ease = 2, type = id % 3",
        )
        ratings = {
            (milliseconds % 3): review.rating
            for card in read(old, now=NOW).cards
            for review in card.reviews
            for milliseconds in [round(review.at.timestamp() * 1000)]
        }
        assert ratings == {0: Rating.GOOD, 1: Rating.HARD, 2: Rating.GOOD}

    @pytest.mark.parametrize("duration", [-1, 10**15])
    def test_durations_are_held_in_bounds(self, package, duration):
        found = read(tampered(package, f"UPDATE revlog SET time = {duration}"), now=NOW)
        assert {review.duration_ms for card in found.cards for review in card.reviews} == {
            0 if duration < 0 else 3_600_000
        }

    @pytest.mark.parametrize(
        "change", ["id = -id", "ord = -1", "ord = 'a'", "nid = 77", "due = x'00'", "ivl = 1.5", "queue = 'no'"]
    )
    def test_cards_that_make_no_sense(self, package, change):
        found = read(tampered(package, f"UPDATE cards SET {change} WHERE type = 0"), now=NOW)
        assert untaken(found) == {"damaged": 1}
        assert len(found.cards) == 4

    @pytest.mark.parametrize(
        "change",
        [
            "due = 9223372036854775807",
            "due = -9223372036854775807",
            "ivl = -1, factor = -1, reps = -1, lapses = -1",
            "ivl = 9223372036854775807, factor = 9223372036854775807, reps = 9223372036854775807",
            "type = 99",
            "odue = 9223372036854775807, odid = 9223372036854775807",
            'data = \'{"s": -1, "d": 1e999, "dr": "x"}\'',
            "data = '[' || hex(zeroblob(1000))",
            "data = x'ff'",
            "data = 5",
            "did = 5",
        ],
    )
    def test_schedules_that_make_no_sense(self, package, change):
        found = read(tampered(package, f"UPDATE cards SET {change}"), now=NOW)
        assert len(found.cards) == 5
        for card in found.cards:
            assert 0 <= card.hints.interval <= 36_500
            assert card.hints.stage in Stage
            assert card.hints.reviews >= 0
            assert card.hints.due_at is None or card.hints.due_at.tzinfo is UTC

    def test_a_beginning_of_time_that_cannot_be(self, package):
        found = read(tampered(package, "UPDATE col SET crt = 9223372036854775807"), now=NOW)
        assert {card.hints.due_at for card in found.cards if card.hints.stage is Stage.REVIEW} == {None}

    def test_cards_of_the_same_name(self, package):
        found = read(tampered(package, "UPDATE notes SET guid = 'known'"), now=NOW)
        assert [card.guid for card in found.cards] == ["known"]
        assert untaken(found)["double"] == 4

    @pytest.mark.parametrize("guid", ["''", "char(0)", "x'ff00'", "hex(zeroblob(5000))", "'a' || char(10)", "NULL"])
    def test_names_that_are_none(self, package, guid):
        changed = tampered(
            package,
            "CREATE TABLE other AS SELECT * FROM notes",
            f"UPDATE other SET guid = {guid} WHERE guid = 'known'",
            "DROP TABLE notes",
            "ALTER TABLE other RENAME TO notes",
        )
        found = read(changed, now=NOW)
        assert len(found.cards) == 5
        assert all(0 < len(card.guid) <= 64 and card.guid.isprintable() for card in found.cards)
        assert [card.guid for card in found.cards] == [card.guid for card in read(changed, now=NOW).cards]

    def test_texts_no_database_could_hold(self, package):
        changed = tampered(
            package,
            "UPDATE notes SET tags = ' a' || char(0) || 'b ' || hex(zeroblob(900)), flds = 'a' || char(0) || char(8)"
            " || char(31) || x'ff'",
            "UPDATE col SET decks = replace(decks, 'Dojang::8th kup', 'D\\u0000\\ud800' || hex(zeroblob(500)))",
        )
        for card in read(changed, now=NOW).cards:
            assert (card.front, card.back, card.tags[0], len(card.tags[1])) == ("a", "\ufffd", "ab", 100)
            assert card.deck.startswith("D0")
            assert len(card.deck) == 200

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [("''", "empty"), ("'<img src=x>' || char(31) || 'y'", "empty"), ("'only one'", "empty")],
    )
    def test_cards_without_words(self, package, fields, reason):
        found = read(tampered(package, f"UPDATE notes SET flds = {fields}"), now=NOW)
        assert found.cards == ()
        assert untaken(found)[reason] == 5

    @pytest.mark.parametrize("change", ["mid = 5", "mid = 'a'"])
    def test_notes_of_no_kind(self, package, change):
        found = read(tampered(package, f"UPDATE notes SET {change}"), now=NOW)
        assert found.cards == ()
        assert untaken(found)["template" if change == "mid = 5" else "damaged"] == 5


class TestAnything:
    @given(some.binary(max_size=300))
    def test_random_bytes(self, content):
        never_a_traceback(content)
        never_a_traceback(zipped({"collection.anki2": content}))
        never_a_traceback(zipped({"meta": b"\x08\x03", "collection.anki21b": content}))
        never_a_traceback(zipped({"collection.anki2": b"SQLite format 3\0" + content}))

    @given(kind=some.sampled_from(FORMATS), length=some.integers(0))
    def test_a_good_file_cut_short(self, anki_packages, kind, length):
        content = anki_packages[kind]
        with pytest.raises(anki.NotAnAnkiFile):
            read(content[: length % len(content)])

    @given(kind=some.sampled_from(FORMATS), changes=CHANGES)
    def test_a_good_file_with_other_bytes(self, anki_packages, kind, changes):
        content = bytearray(anki_packages[kind])
        for place, byte in changes:
            content[place % len(content)] = byte
        never_a_traceback(bytes(content))

    @given(kind=some.sampled_from(FORMATS), changes=CHANGES)
    def test_a_good_database_with_other_bytes(self, anki_packages, kind, changes):
        content = bytearray(collection_of(anki_packages[kind]))
        used = [at for at in range(0, len(content), 16) if any(content[at : at + 16])]
        for place, byte in changes:
            content[used[place // 16 % len(used)] + place % 16] = byte
        never_a_traceback(zipped({"collection.anki21": bytes(content)}))

    @given(kind=some.sampled_from(FORMATS), length=some.integers(0))
    def test_a_good_database_cut_short(self, anki_packages, kind, length):
        content = collection_of(anki_packages[kind])
        never_a_traceback(zipped({"collection.anki21": content[: length % len(content)]}))
