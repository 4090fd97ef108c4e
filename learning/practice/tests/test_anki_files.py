"""Packages for Anki and from it, with the real Anki on the other side."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from anki.collection import Card as AnkiCard
from anki.collection import Collection
from hypothesis import given
from hypothesis import strategies as some

from learning.practice import anki
from learning.practice.anki import rendering
from learning.practice.anki.rendering import plain
from learning.practice.rules import days
from learning.practice.rules.memory import Rated, Rating, Stage, fold
from learning.practice.rules.sm2 import Sm2
from learning.practice.tests.anki_samples import (
    FORMATS,
    SCHEDULER,
    a_card,
    a_deck,
    a_log,
    add,
    answer,
    collection_of,
    exported_from,
    imported_into,
    read,
    untaken,
)

AS_ANKI_SEES_IT = """
import json, sys
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
here = Collection(sys.argv[1])
options = ImportAnkiPackageOptions(with_scheduling=True)
here.import_anki_package(ImportAnkiPackageRequest(package_path=sys.argv[2], options=options))
rows = here.db.all("SELECT guid, due FROM cards JOIN notes ON notes.id = nid WHERE type = 2")
print(json.dumps({guid: due - here.sched.today for guid, due in rows}))
"""


@pytest.fixture
def collection(tmp_path):
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


@pytest.fixture
def anki_now():
    """Anki has its own clock, and it is the real one."""
    return datetime.now(UTC)


def by_guid(collection: Collection) -> dict[str, AnkiCard]:
    rows = collection.db.all("SELECT guid, cards.id FROM cards JOIN notes ON notes.id = nid")
    return {guid: collection.get_card(key) for guid, key in rows}


def log_of(collection: Collection, card: AnkiCard) -> list[list[int]]:
    return collection.db.all("SELECT id, ease, ivl, lastIvl, time, type FROM revlog WHERE cid = ? ORDER BY id", card.id)


def milliseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, tz=UTC)) // timedelta(milliseconds=1)


class TestWriting:
    @pytest.mark.parametrize("has_fsrs", [True, False])
    def test_anki_has_the_cards_as_they_were(self, collection, anki_now, has_fsrs):
        collection.set_config("fsrs", has_fsrs)
        deck = a_deck(now=anki_now)
        imported_into(collection, anki.write(deck, now=anki_now))
        found = by_guid(collection)
        assert set(found) == {card.guid for card in deck.cards}
        assert {collection.decks.name(card.did) for card in found.values()} == {"Dojang::8th kup"}
        for card in deck.cards:
            theirs, memory = found[card.guid], card.memory
            is_known = memory.stage in {Stage.REVIEW, Stage.RELEARNING}
            assert theirs.type == memory.stage
            assert theirs.ivl == (max(1, memory.interval) if is_known else 0)
            assert theirs.factor == (2500 if is_known else 0)
            assert (theirs.reps, theirs.lapses) == (memory.reviews, memory.lapses)
            if memory.stability is None:
                assert theirs.memory_state is None
                continue
            assert theirs.memory_state.stability == pytest.approx(memory.stability, abs=0.0001)
            assert theirs.memory_state.difficulty == pytest.approx(memory.difficulty, abs=0.001)
            assert theirs.desired_retention == pytest.approx(0.9)
            assert theirs.decay == pytest.approx(0.154)
            assert theirs.last_review_time == int(memory.reviewed_at.timestamp())
        assert [found[card.guid].queue for card in deck.cards] == [2, 1, 1, 0, -1]
        assert found["begun"].due == int(deck.cards[2].memory.due_at.timestamp())

    def test_the_steps_that_are_left_are_those_of_anki(self, collection, anki_now):
        """The same answers to the same cards, here and there."""
        ratings = (Rating.AGAIN, Rating.HARD, Rating.GOOD)
        cards = [a_card(rating.name, rating, since=anki_now) for rating in ratings]
        imported_into(collection, anki.write(anki.Deck("Ours", cards), now=anki_now))
        ours = [card.left for _, card in sorted(by_guid(collection).items())]
        for rating in sorted(rating.name for rating in ratings):
            add(collection, "Basic", rating, "x", deck="Theirs")
        answer(collection, "Theirs", *(Rating[name] for name in sorted(rating.name for rating in ratings)))
        theirs = collection.db.list(
            "SELECT left % 1000 FROM cards WHERE did = ? ORDER BY id", collection.decks.id("Theirs")
        )
        assert ours == theirs == [2, 1, 2]

    def test_anki_has_every_review(self, collection, anki_now):
        deck = a_deck(now=anki_now)
        imported_into(collection, anki.write(deck, now=anki_now))
        for card in deck.cards:
            rows = log_of(collection, by_guid(collection)[card.guid])
            assert len(rows) == len(card.answers)
            for row, given_answer in zip(rows, card.answers, strict=True):
                assert abs(row[0] - milliseconds(given_answer.at)) <= len(deck.cards)
                assert (row[1], row[4]) == (given_answer.rating, given_answer.duration_ms)
                assert row[2] == given_answer.after.interval if given_answer.after.stage is Stage.REVIEW else row[2] < 0
            assert [row[3] for row in rows[1:]] == [row[2] for row in rows[:-1]]
        known, forgotten = (log_of(collection, by_guid(collection)[guid]) for guid in ("known", "forgotten"))
        assert [row[5] for row in known] == [0, 0, 1, 1, 1]
        assert [row[5] for row in forgotten] == [0, 0, 1, 1]
        assert forgotten[-1][2] == -600

    def test_its_words_are_shown(self, collection, anki_now):
        imported_into(collection, anki.write(a_deck(now=anki_now), now=anki_now))
        card = by_guid(collection)["known"]
        assert '<div lang="ko"><b>앞차기</b></div>' in card.question()
        assert plain(card.answer()).text == "앞차기\nfront kick"
        assert by_guid(collection)["begun"].note().tags == ["8_kup", "terms"]

    def test_anki_finds_nothing_to_mend(self, tmp_path, anki_now):
        path = tmp_path / "ours.anki2"
        path.write_bytes(collection_of(anki.write(a_deck(now=anki_now), now=anki_now)))
        opened = Collection(str(path))
        problems, is_good = opened.fix_integrity()
        opened.close()
        assert is_good, problems

    def test_a_second_package_doubles_nothing(self, collection, anki_now):
        deck = a_deck(now=anki_now)
        imported_into(collection, anki.write(deck, now=anki_now))
        kinds, reviews = len(collection.models.all()), collection.db.scalar("SELECT count() FROM revlog")
        imported_into(collection, anki.write(deck, now=anki_now + timedelta(hours=1)))
        assert (collection.note_count(), collection.card_count()) == (5, 5)
        assert len(collection.models.all()) == kinds
        assert collection.db.scalar("SELECT count() FROM revlog") == reviews

    def test_anki_goes_on_from_there(self, collection, anki_now):
        deck = anki.Deck("Kicks", [a_card("due", *[Rating.GOOD] * 3, since=anki_now - timedelta(days=40))])
        imported_into(collection, anki.write(deck, now=anki_now))
        before = by_guid(collection)["due"].ivl
        answer(collection, "Kicks", 3)
        card = by_guid(collection)["due"]
        assert (card.reps, card.type) == (4, Stage.REVIEW)
        assert card.ivl > before

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "Pacific/Honolulu", "Europe/Warsaw"])
    def test_cards_are_due_on_the_same_day_there(self, tmp_path, anki_now, zone):
        """Also in summer time, and when the learner's day is another one than Greenwich's."""
        now = anki_now.astimezone(ZoneInfo(zone))
        cards = [
            a_card(
                f"{days} days, {hours} hours", Rating.GOOD, Rating.GOOD, since=now - timedelta(days=days, hours=hours)
            )
            for days in (3, 11, 200)
            for hours in range(0, 24, 3)
        ]
        package = tmp_path / "ours.apkg"
        package.write_bytes(anki.write(anki.Deck("Dojang", cards), now=now))
        seen = subprocess.run(
            [sys.executable, "-c", AS_ANKI_SEES_IT, str(tmp_path / "their.anki2"), str(package)],
            env=os.environ | {"TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        )

        def day(at: datetime) -> int:
            return (at.astimezone(now.tzinfo).replace(tzinfo=None) - timedelta(hours=4)).toordinal()

        assert json.loads(seen.stdout) == {card.guid: day(card.memory.due_at) - day(now) for card in cards}

    def test_sm2_has_its_ease_and_no_memory(self, collection, anki_now):
        card = a_card("classic", Rating.GOOD, Rating.HARD, since=anki_now - timedelta(days=9), scheduler=Sm2())
        imported_into(collection, anki.write(anki.Deck("Kicks", [card]), now=anki_now))
        theirs = by_guid(collection)["classic"]
        assert (theirs.factor, theirs.ivl, theirs.memory_state) == (2360, 6, None)
        assert collection.db.list("SELECT factor FROM revlog ORDER BY id") == [2500, 2360]

    def test_an_empty_deck_is_a_package_too(self, collection, anki_now):
        imported_into(collection, anki.write(anki.Deck("Nothing", []), now=anki_now))
        assert collection.card_count() == 0

    def test_answers_are_the_fold(self, now):
        log = a_log(Rating.GOOD, Rating.AGAIN, Rating.EASY, since=now)
        kept = anki.answers(reversed(log), SCHEDULER)
        assert kept[-1].after == fold([each for each, _ in log], SCHEDULER)
        assert all(one.after == other.before for one, other in pairwise(kept))
        assert [each.duration_ms for each in kept] == [1000, 2000, 3000]


@pytest.fixture
def theirs(collection):
    """A learner's own collection, with something of everything."""
    add(collection, "Basic", "ap chagi", "<b>front</b> kick<br>앞차기", tags=("kicks", "8kup"))
    add(collection, "Basic (and reversed card)", "yop", "side", deck="Kicks::Reversed")
    add(collection, "Cloze", "a {{c1::fist::what?}} has {{c2::two}} {{c1::knuckles}}", "more")
    add(collection, "Basic (type in the answer)", "jirugi", "punch")
    add(collection, "Basic (optional reversed card)", "makgi", "block", "y")
    answer(collection, "Kicks", 3, 1, 2, 4, 3, 3)
    return collection


class TestReading:
    @pytest.mark.parametrize("format", FORMATS)
    def test_cards_and_reviews_are_those_of_anki(self, theirs, tmp_path, format):
        package = exported_from(theirs, format, tmp_path)
        found = read(package)
        assert untaken(found) == {}
        assert [card.deck for card in found.cards].count("Kicks::Reversed") == 2
        names = {(card.guid, card.ord): card for card in found.cards}
        rows = theirs.db.all("SELECT cards.id, guid, ord FROM cards JOIN notes ON notes.id = nid")
        assert len(names) == len(rows) == 8
        for key, guid, place in rows:
            ours, card = names[guid, place], theirs.get_card(key)
            answer_alone = card.answer().partition("<hr id=answer>")[2] or card.answer()
            assert ours.front == plain(card.question().replace("[[type:Back]]", "")).text
            assert ours.back == plain(answer_alone.replace("[[type:Back]]", "punch")).text
            assert ours.tags == tuple(sorted(card.note().tags))
            assert [
                [milliseconds(review.at), review.rating, review.duration_ms] for review in ours.reviews
            ] == theirs.db.all("SELECT id, ease, time FROM revlog WHERE cid = ? ORDER BY id", key)
            hints = ours.hints
            assert (hints.stage, hints.reviews, hints.lapses, hints.interval) == (
                card.type, card.reps, card.lapses, card.ivl if card.type >= 2 else 0,
            )  # fmt: skip

    def test_the_same_reviews_have_the_same_ids_in_every_format(self, theirs, tmp_path):
        found = [read(exported_from(theirs, each, tmp_path)) for each in FORMATS]
        assert found[0] == found[1] == found[2] == found[3]
        ids = [review.id for card in found[0].cards for review in card.reviews]
        assert len(ids) == len(set(ids)) == 6

    def test_what_is_due_and_what_is_put_aside(self, theirs, tmp_path):
        theirs.set_config("fsrs", True)
        answer(theirs, "Kicks", 4)
        key = theirs.db.scalar("SELECT id FROM cards WHERE type = 2")
        theirs.sched.suspend_cards([key])
        card = theirs.get_card(key)
        ours = next(each for each in read(exported_from(theirs, "new.apkg", tmp_path)).cards if each.is_suspended)
        assert ours.hints.stage is Stage.REVIEW
        tomorrow = datetime.fromtimestamp(theirs.sched.day_cutoff, tz=UTC).date()  # of Anki, which is at home in Warsaw
        assert ours.hints.due_at.date() == tomorrow + timedelta(card.due - theirs.sched.today - 1)
        assert ours.hints.ease == card.factor / 1000

    def test_memory_is_read(self, collection, tmp_path):
        collection.set_config("fsrs", True)
        add(collection, "Basic", "ap chagi", "front kick")
        answer(collection, "Kicks", 4)
        state = collection.get_card(collection.db.scalar("SELECT id FROM cards")).memory_state
        [card] = read(exported_from(collection, "new.colpkg", tmp_path)).cards
        assert card.hints.stability == pytest.approx(state.stability)
        assert card.hints.difficulty == pytest.approx(state.difficulty)
        assert card.hints.retention == pytest.approx(0.9)

    def test_a_kind_of_note_that_somebody_made(self, collection, tmp_path):
        kind = collection.models.new("Technique")
        for name in ("Korean", "English", "Picture"):
            collection.models.add_field(kind, collection.models.new_field(name))
        template = collection.models.new_template("Card")
        template["qfmt"] = (
            "<style>.x{}</style>{{#Picture}}{{Picture}}{{/Picture}}<p>{{text:Korean}}</p><!-- {{gone}} -->"
        )
        template["afmt"] = "{{Korean}}<hr id='answer' class=x>{{English}}{{^Picture}} (no picture){{/Picture}}{{Tags}}"
        collection.models.add_template(kind, template)
        collection.models.add(kind)
        add(collection, "Technique", "앞차기", "front kick", "")
        add(collection, "Technique", "옆차기", "side kick", '<img src="side.png">', tags=("t",))
        found = read(exported_from(collection, "new.apkg", tmp_path))
        assert {(card.front, card.back) for card in found.cards} == {
            ("앞차기", "front kick (no picture)"),
            ("옆차기", "side kick"),
        }
        assert untaken(found) == {"pictures": 1}

    def test_what_is_left_behind_is_counted(self, theirs, tmp_path):
        picture = tmp_path / "fist.png"
        picture.write_bytes(b"\x89PNG")
        name = theirs.media.add_file(str(picture))
        add(theirs, "Basic", f'<img src="{name}">tul [sound:tul.mp3]', "pattern")
        add(theirs, "Basic", f'<img src="{name}">', "only a picture")
        theirs.add_image_occlusion_note(
            image_path=str(picture), occlusions="{{c1::image-occlusion:rect:left=.1:top=.1:width=.1:height=.1}}",
            header="", back_extra="", tags=[], notetype_id=theirs.models.by_name("Image Occlusion")["id"],
        )  # fmt: skip
        moved, crammed, gone = theirs.db.list("SELECT id FROM cards WHERE reps > 0 ORDER BY id")[:3]
        theirs.sched.set_due_date([moved], "5")
        deck = theirs.sched.get_or_create_filtered_deck(0)
        deck.name = "Cram"
        deck.config.reschedule = False
        del deck.config.search_terms[1:]
        deck.config.search_terms[0].search = f"cid:{crammed}"
        theirs.sched.add_or_update_filtered_deck(deck)
        note = theirs.get_card(gone).nid
        lost = theirs.db.scalar("SELECT count() FROM revlog WHERE cid IN (SELECT id FROM cards WHERE nid = ?)", note)
        theirs.remove_notes([note])
        before = theirs.db.scalar("SELECT count() FROM revlog")
        answer(theirs, "Cram", 1)
        assert theirs.db.scalar("SELECT count() FROM revlog") == before + 1
        found = read(exported_from(theirs, "new.colpkg", tmp_path))
        assert untaken(found) == {
            "media": 1, "sounds": 1, "pictures": 2, "occlusion": 1, "empty": 1, "filtered": 1, "manual": 1,
            "crammed": 1, "orphans": lost,
        }  # fmt: skip
        assert next(each for each in found.untaken if each.reason == "empty").examples == ("only a picture",)
        assert {card.deck for card in found.cards} == {"Kicks", "Kicks::Reversed"}


class TestThereAndBack:
    @pytest.mark.parametrize("format", FORMATS)
    def test_a_deck_comes_back_as_it_went(self, collection, tmp_path, anki_now, format):
        deck = a_deck(now=anki_now)
        imported_into(collection, anki.write(deck, now=anki_now))
        found = {card.guid: card for card in read(exported_from(collection, format, tmp_path)).cards}
        assert set(found) == {card.guid for card in deck.cards}
        for card in deck.cards:
            back, memory = found[card.guid], card.memory
            assert (back.ord, back.deck, back.is_suspended) == (0, deck.name, card.is_suspended)
            assert (back.front, back.back) == (plain(card.front).text, plain(card.back).text)
            assert [(each.rating, each.duration_ms) for each in back.reviews] == [
                (each.rating, each.duration_ms) for each in card.answers
            ]
            assert (back.hints.stage, back.hints.reviews, back.hints.lapses) == (
                memory.stage, memory.reviews, memory.lapses,
            )  # fmt: skip
            assert back.hints.stability == pytest.approx(memory.stability, abs=0.0001)
            known = [Rated(each.at, UUID(int=place), each.rating) for place, each in enumerate(card.answers)]
            assert anki.unknown(back.reviews, known=known) == ()
            assert anki.unknown(back.reviews, known=[]) == back.reviews

    def test_what_was_learnt_there_is_new_here(self, collection, tmp_path, anki_now):
        card = a_card("due", *[Rating.GOOD] * 3, since=anki_now - timedelta(days=40))
        imported_into(collection, anki.write(anki.Deck("Kicks", [card]), now=anki_now))
        answer(collection, "Kicks", 2)
        [back] = read(exported_from(collection, "new.apkg", tmp_path)).cards
        known = [Rated(each.at, UUID(int=place), each.rating) for place, each in enumerate(card.answers)]
        [learnt] = anki.unknown(back.reviews, known=known)
        assert learnt == back.reviews[-1]
        assert learnt.rating is Rating.HARD

    @pytest.mark.parametrize(
        ("milliseconds", "rating", "is_known"),
        [(-900, 3, True), (0, 3, True), (1, 3, True), (2500, 3, False), (-2500, 3, False), (0, 2, False)],
    )
    def test_a_review_that_moved_a_little_is_the_same(self, now, milliseconds, rating, is_known):
        at = now.replace(microsecond=999_000)
        there = anki.ImportedReview(UUID(int=1), at + timedelta(milliseconds=milliseconds), Rating(rating), 0)
        assert anki.unknown([there], known=[Rated(at, UUID(int=2), Rating.GOOD)]) == (() if is_known else (there,))

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "Pacific/Honolulu", "Europe/Warsaw"])
    @pytest.mark.parametrize("reader", ["UTC", "Asia/Seoul"])
    def test_the_days_are_those_of_the_learner(self, now, zone, reader):
        """A day has the same date wherever it is read, and begins there when practice days begin."""
        home, away = ZoneInfo(zone), ZoneInfo(reader)
        cards = [
            a_card(str(hours), Rating.GOOD, Rating.GOOD, since=now - timedelta(days=200, hours=hours))
            for hours in range(0, 24, 5)
        ]
        found = read(anki.write(anki.Deck("Dojang", cards), now=now.astimezone(home)), now=now.astimezone(away))
        for ours, card in zip(found.cards, cards, strict=True):
            assert ours.hints.due_at == days.begins_at(days.day_of(card.memory.due_at, home), away)

    @given(
        cards=some.lists(
            some.tuples(
                some.text(some.characters(exclude_categories=["C"], exclude_characters="<>&[]{}"), min_size=1).filter(
                    lambda text: rendering.words(text)
                ),
                some.lists(some.tuples(some.integers(0, 400 * 86_400_000), some.sampled_from(Rating)), max_size=6),
                some.booleans(),
            ),
            max_size=5,
        )
    )
    def test_no_card_and_no_review_is_lost_or_made_up(self, cards):
        now = datetime(2026, 11, 21, 9, tzinfo=UTC)
        deck = anki.Deck(
            "Random",
            [
                anki.Card(
                    guid=f"card {place}",
                    front=text,
                    back=text,
                    answers=answers,
                    is_suspended=is_suspended,
                    **({"memory": answers[-1].after} if answers else {}),
                )
                for place, (text, log, is_suspended) in enumerate(cards)
                for answers in [
                    anki.answers(
                        [
                            (Rated(now - timedelta(milliseconds=ago), UUID(int=number), rating), number)
                            for number, (ago, rating) in enumerate(log)
                        ],
                        SCHEDULER,
                    )
                ]
            ],
        )
        found = read(anki.write(deck, now=now), now=now + timedelta(minutes=1))
        assert untaken(found) == {}
        assert len(found.cards) == len(deck.cards)
        for ours, card in zip(found.cards, deck.cards, strict=True):
            assert (ours.guid, ours.front, ours.is_suspended) == (
                card.guid,
                rendering.words(card.front),
                card.is_suspended,
            )
            assert len(ours.reviews) == len(card.answers)
            assert ours.hints.stage == card.memory.stage
            known = [Rated(each.at, UUID(int=place), each.rating) for place, each in enumerate(card.answers)]
            assert anki.unknown(ours.reviews, known=known) == ()
