"""Progress never goes down, whoever tells what in which order."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from learning.handbook import commands as handbook
from learning.handbook import queries as readers
from learning.handbook.models import TrainingPlan
from learning.handbook.tests.factories import small_handbook, technique_entry
from learning.practice import commands
from learning.practice.models import PracticeDay, Progress, Status
from learning.practice.rules import progress as rules
from learning.practice.rules.clocks import EARLIEST

from .progress_factories import ProgressFactory

WHEN = datetime(2026, 11, 1, tzinfo=UTC)

numbers = st.integers(-(10**14), 10**14) | st.floats(-1e14, 1e14)
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
details = st.dictionaries(
    texts, st.none() | st.booleans() | numbers | texts | st.lists(numbers, max_size=3), max_size=3
)
standings = st.builds(
    rules.Standing,
    status=st.integers(1, 3),
    score=st.integers(0, 100),
    occurred_at=st.integers(0, 3).map(lambda hour: WHEN + timedelta(hours=hour)),  # few, so that many are the same
    detail=details.map(rules.accepted_detail),
)


class TestMerging:
    @given(standings, standings)
    def test_the_order_does_not_matter(self, one, other):
        assert rules.merge(one, other) == rules.merge(other, one)

    @given(standings, standings, standings)
    def test_nor_what_is_merged_first(self, one, two, three):
        assert rules.merge(rules.merge(one, two), three) == rules.merge(one, rules.merge(two, three))

    @given(standings, standings)
    def test_nor_how_often_it_is_told(self, one, other):
        merged = rules.merge(one, other)
        assert rules.merge(merged, one) == rules.merge(merged, other) == rules.merge(merged, merged) == merged

    @given(standings, standings)
    def test_status_and_score_never_go_down(self, one, other):
        merged = rules.merge(one, other)
        assert merged.status == max(one.status, other.status)
        assert merged.score == max(one.score, other.score)

    @given(standings, standings)
    def test_the_rest_is_the_later_ones(self, one, other):
        merged = rules.merge(one, replace(other, occurred_at=one.occurred_at + timedelta(seconds=1)))
        assert merged.detail == other.detail
        assert merged.occurred_at == one.occurred_at + timedelta(seconds=1)


class TestWhatADetailMayHold:
    @given(details)
    def test_what_is_accepted_stays_as_it_is(self, detail):
        accepted = rules.accepted_detail(detail)
        assert rules.accepted_detail(accepted) == accepted
        assert json.loads(rules.canonical(accepted)) == accepted

    @pytest.mark.parametrize(
        "wrong",
        [
            {"text": "a\x00b"}, {"text": "\ud800"}, {"\x00": 1}, {"n": float("nan")}, {"n": float("inf")},
            {"n": 10**16}, {"n": 10**400}, {"n": -(10**400)}, {"long": "x" * 1024},
            {"n": object()}, {"deep": [[[[[[[[[1]]]]]]]]]}, {"many": list(range(400))},
        ],
    )  # fmt: skip
    def test_what_the_database_would_not_give_back_is_refused(self, wrong):
        with pytest.raises(rules.DetailRefused):
            rules.accepted_detail(wrong)

    def test_an_instant_of_tomorrow_is_now(self):
        assert rules.accepted_instant(WHEN + timedelta(days=1), now=WHEN) == WHEN
        assert rules.accepted_instant(datetime(1, 1, 1, tzinfo=UTC), now=WHEN) == EARLIEST
        assert rules.accepted_instant(WHEN - timedelta(days=1), now=WHEN) == WHEN - timedelta(days=1)

    def test_an_instant_of_a_zone_that_the_database_does_not_know_is_told_in_utc(self):
        far = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=23, minutes=59)))
        assert rules.accepted_instant(far, now=WHEN).tzinfo is UTC
        assert rules.accepted_instant(far, now=WHEN) == far


@pytest.fixture
def handbook_of_one(db, now):
    small_handbook(now=now - timedelta(days=1))


@pytest.fixture
def tell(handbook_of_one, ben, now):
    def tell(person=ben, **fields):
        told = {
            "item_type": "technique", "item": "ap-cha-busigi", "status": Status.SEEN, "score": 0,
            "occurred_at": now, "now": now,
        }  # fmt: skip
        return commands.merge_progress(person=person, **(told | fields))

    return tell


class TestTelling:
    def test_what_is_told_first_is_kept(self, tell, ben, now):
        row = tell(status="in_progress", score=40, detail={"second": 12.5})
        row.refresh_from_db()
        assert (row.person, row.item_type, row.item) == (ben, "technique", "ap-cha-busigi")
        assert (row.status, row.score, row.detail) == (Status.IN_PROGRESS, 40, {"second": 12.5})
        assert row.occurred_at == row.updated_at == now

    @pytest.mark.parametrize("seed", range(8))
    def test_any_order_and_repetition_gives_the_same_row(self, tell, ben, now, seed):
        dice = random.Random(seed)
        tellings = [
            {
                "status": dice.choice(list(Status)),
                "score": dice.randrange(101),
                "occurred_at": now - timedelta(hours=dice.randrange(3)),
                "detail": {"at": dice.randrange(3)},
            }
            for _ in range(6)
        ]
        found = set()
        for _ in range(3):
            Progress.objects.all().delete()
            for told in dice.sample(tellings * 2, 12):
                tell(**told)
            row = Progress.objects.get()
            found.add((row.status, row.score, row.occurred_at, row.detail["at"]))
        assert len(found) == 1
        assert found.pop()[:2] == (max(each["status"] for each in tellings), max(each["score"] for each in tellings))

    def test_a_later_one_that_is_lower_changes_only_the_rest(self, tell, now):
        tell(status="done", score=90, detail={"at": 1})
        row = tell(status="seen", score=10, detail={"at": 2}, occurred_at=now + timedelta(hours=1),
                   now=now + timedelta(hours=2))  # fmt: skip
        assert (row.status, row.score, row.detail) == (Status.DONE, 90, {"at": 2})

    def test_the_same_again_is_not_written_again(self, tell, now):
        tell(occurred_at=now - timedelta(hours=1), score=5)
        again = tell(occurred_at=now - timedelta(hours=1), score=5, now=now + timedelta(hours=1))
        assert again.updated_at == now

    def test_tomorrow_by_a_wrong_clock_is_now(self, tell, now):
        assert tell(occurred_at=now + timedelta(days=3)).occurred_at == now

    @pytest.mark.parametrize(
        ("item_type", "item"),
        [
            ("technique", "ap-cha-busigi"), ("tul", "chon-ji"), ("exercise", "push-ups"), ("plan", "fast-hands"),
            ("quiz", "mixed"),
        ],
    )  # fmt: skip
    def test_there_are_five_kinds_of_items(self, tell, item_type, item):
        assert tell(item_type=item_type, item=item).item == item

    @pytest.mark.parametrize(
        ("item_type", "item"),
        [
            ("technique", "chon-ji"), ("tul", "ap-cha-busigi"), ("technique", "secret-sogi"), ("exercise", "nothing"),
            ("plan", "nothing"), ("quiz", "dancing"), ("dance", "mixed"), ("technique", ""),
        ],
    )  # fmt: skip
    def test_what_does_not_exist_is_refused(self, tell, item_type, item):
        with pytest.raises(commands.NoSuchItem):
            tell(item_type=item_type, item=item)
        assert not Progress.objects.exists()
        assert not PracticeDay.objects.exists()

    def test_a_plan_of_somebody_else_does_not_exist(self, tell, ben, cleo):
        TrainingPlan.objects.create(slug="p-cleo", belt=8, name={"en": "Mine"}, goal={"en": "Mine"}, owner=cleo)
        with pytest.raises(commands.NoSuchItem):
            tell(item_type="plan", item="p-cleo")
        assert tell(person=cleo, item_type="plan", item="p-cleo").person == cleo

    def test_what_was_taken_out_of_the_handbook_is_still_known(self, tell, now):
        edition = readers.technique(slug="ap-cha-busigi", now=now)
        type(edition).objects.filter(pk=edition.pk).update(valid_to=now)
        assert tell(now=now + timedelta(days=1)).item == "ap-cha-busigi"

    def test_a_draft_becomes_known_when_it_is_published(self, tell, now):
        with pytest.raises(commands.NoSuchItem):
            tell(item="new-chagi")
        draft = handbook.draft_technique(entry=technique_entry(slug="new-chagi"), editor=None, now=now)
        with pytest.raises(commands.NoSuchItem):
            tell(item="new-chagi")
        handbook.publish_edition(edition=draft, valid_from=now, editor=None, now=now)
        assert tell(item="new-chagi").item == "new-chagi"

    def test_a_detail_that_cannot_be_kept_is_refused(self, tell):
        with pytest.raises(rules.DetailRefused):
            tell(detail={"text": "x" * 2000})
        assert not Progress.objects.exists()

    def test_the_day_of_it_was_practised(self, tell, ben, now):
        ben.time_zone = "Asia/Seoul"
        ben.save()
        late = datetime(2026, 11, 19, 18, 30, tzinfo=UTC)  # half past three in the night of the 20th there
        tell(occurred_at=late)
        tell(occurred_at=late)
        days = PracticeDay.objects.filter(person=ben).order_by("item").values_list("day", "item_type", "item")
        day = datetime(2026, 11, 19, tzinfo=UTC).date()
        assert list(days) == [(day, "", ""), (day, "technique", "ap-cha-busigi")]


class TestClocks:
    def test_what_is_sent_again_by_a_clock_that_is_ahead_changes_nothing(self, handbook_of_one, ben, now):
        """Its stamp is of tomorrow; sent with what its clock says, it has its place once and for all."""

        def told(detail, *, ahead=timedelta(0)):
            return commands.Telling("technique", "ap-cha-busigi", Status.SEEN, 10, now + ahead, {"from": detail})

        ahead = timedelta(hours=24)
        first, second = told("wrong clock", ahead=ahead), told("right clock")
        later = replace(second, occurred_at=now + timedelta(minutes=30))
        for each, at, wrong in ((first, 1, ahead), (later, 31, timedelta(0)), (first, 60, ahead)):
            here = now + timedelta(minutes=at)
            (row,) = commands.merge_tellings(person=ben, tellings=[each], now=here, sent_at=here + wrong)
        assert row.detail == {"from": "right clock"}


class TestTellingMany:
    def test_each_is_answered_and_none_keeps_another_one_out(self, handbook_of_one, ben, now):
        told = [
            commands.Telling("technique", "ap-cha-busigi", Status.SEEN, 10, now),
            commands.Telling("tul", "nothing", Status.SEEN, 10, now),
            commands.Telling("technique", "ap-cha-busigi", Status.DONE, 5, now),
            commands.Telling("tul", "chon-ji", Status.SEEN, 0, now, {"text": "\x00"}),
        ]
        first, unknown, again, unkept = commands.merge_tellings(person=ben, tellings=told, now=now)
        assert first is again
        assert (first.status, first.score) == (Status.DONE, 10)
        assert isinstance(unknown, commands.NoSuchItem)
        assert isinstance(unkept, rules.DetailRefused)
        assert Progress.objects.count() == 1

    @pytest.mark.parametrize("number", [1, 60])
    def test_many_cost_as_many_queries_as_few(self, handbook_of_one, ben, now, django_assert_num_queries, number):
        commands.merge_progress(
            person=ben, item_type="technique", item="gunnun-sogi", status="seen", score=0, occurred_at=now, now=now
        )
        told = [
            commands.Telling("technique", "ap-cha-busigi", Status.SEEN, score, now - timedelta(days=score))
            for score in range(number)
        ]
        with django_assert_num_queries(9):  # savepoint, who and how (3), names, rows, written, days, release
            commands.merge_tellings(person=ben, tellings=told, now=now)

    def test_nothing_told_is_nothing_written(self, db, ben, now):
        assert commands.merge_tellings(person=ben, tellings=[], now=now) == []


class TestTheDatabase:
    """Past every command."""

    @pytest.mark.parametrize("lower", ["status = 1", "score = 20"])
    def test_refuses_to_let_it_go_down(self, db, lower):
        ProgressFactory(status=Status.DONE, score=50)
        with pytest.raises(IntegrityError, match="never goes down"), transaction.atomic(), connection.cursor() as sql:
            sql.execute(f"UPDATE practice_progress SET {lower}")

    @pytest.mark.parametrize(
        ("column", "wrong", "constraint"),
        [
            ("status", 4, "progress_status_is_known"), ("score", 101, "progress_score_is_a_percentage"),
            ("item_type", "dance", "progress_type_is_known"), ("item", "", "progress_is_about_something"),
        ],
    )  # fmt: skip
    def test_refuses_what_there_is_not(self, db, column, wrong, constraint):
        ProgressFactory()
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as sql:
            sql.execute(f"UPDATE practice_progress SET {column} = %s", [wrong])

    def test_refuses_a_second_row_of_an_item(self, db):
        row = ProgressFactory()
        with pytest.raises(IntegrityError, match="one_progress_per_item"), transaction.atomic():
            Progress.objects.bulk_create([ProgressFactory.build(person=row.person, item=row.item)])
