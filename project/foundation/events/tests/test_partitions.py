"""A table for each month: made ahead, dropped when its events have been kept long enough."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Barrier, Thread
from threading import Event as Signal

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from project.foundation.events import commands, queries, registry, rules, tasks
from project.foundation.events.models import Event

INSTANTS = some.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    max_value=datetime(2900, 1, 1),  # noqa: DTZ001
    timezones=some.just(UTC),
)


class TestRules:
    @given(now=INSTANTS, days=some.integers(0, 400), steps=some.lists(some.integers(1, 40), max_size=8))
    def test_after_a_plan_there_is_nothing_left_to_do_whatever_went_before(self, now, days, steps):
        months, at = set(), now - timedelta(days=sum(steps))
        for step in [*steps, 0]:
            plan = rules.plan(months, now=at, days=days)
            months = (months | set(plan.create)) - set(plan.drop)
            assert rules.plan(months, now=at, days=days) == rules.Plan(create=[], drop=[])
            assert rules.month_of(at) in months
            at += timedelta(days=step)

    @given(now=INSTANTS, age=some.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
    def test_only_months_in_which_every_event_is_old_enough_are_dropped(self, now, age):
        event = now - age
        is_dropped = rules.month_of(event) in rules.plan([rules.month_of(event)], now=now, days=90).drop
        if age < timedelta(days=90):
            assert not is_dropped
        if age >= timedelta(days=90 + 31):
            assert is_dropped

    @given(instant=INSTANTS)
    def test_a_month_is_known_by_the_name_of_its_partition(self, instant):
        month = rules.month_of(instant)
        assert rules.month_named(rules.name_of(month)) == month
        assert rules.month_of(datetime.combine(rules.month_after(month), datetime.min.time(), UTC)) != month

    def test_months_begin_and_end_in_utc(self):
        """An hour after midnight of the first in Warsaw is the month before."""
        warsaw = datetime.fromisoformat("2026-07-01T01:00+02:00")
        assert rules.month_of(warsaw) == date(2026, 6, 1)

    @pytest.mark.parametrize("name", ["events_event", "events_event_2026_13", "events_event_2026_11x", "jobs_job"])
    def test_a_table_of_somebody_else_is_none_of_ours(self, name):
        assert rules.month_named(name) is None


@pytest.fixture
def opened(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", {})
    registry.register("shelf.opened", fields={})
    return lambda at: commands.record(kind="shelf.opened", now=at)


def months(*names):
    return [date.fromisoformat(f"{name}-01") for name in names]


@pytest.fixture
def no_partitions(db):
    with connection.cursor() as sql:
        for month in queries.months():
            sql.execute(f"DROP TABLE {rules.name_of(month)}")


@pytest.mark.django_db
class TestKeeping:
    def test_the_migration_makes_this_month_and_the_next_two(self):
        """Unless the month turned since the database was made."""
        first = rules.month_of(timezone.now())
        assert len(queries.months()) == 3
        assert first in queries.months()

    def test_what_is_missing_is_made_and_what_is_old_is_dropped(self, no_partitions, opened, now, settings):
        settings.EVENTS_DAYS = 90
        kept = [opened(datetime(2026, 8, 24, tzinfo=UTC)), opened(datetime(2026, 8, 1, tzinfo=UTC))]
        opened(datetime(2026, 7, 31, tzinfo=UTC))
        done = commands.keep_partitions(now=now)
        assert done == rules.Plan(create=months("2026-11", "2026-12", "2027-01"), drop=months("2026-07"))
        assert queries.months() == months("2026-08", "2026-11", "2026-12", "2027-01")
        assert set(Event.objects.values_list("id", flat=True)) == {event.id for event in kept}
        assert commands.keep_partitions(now=now) == rules.Plan(create=[], drop=[])

    def test_days_are_a_setting(self, no_partitions, opened, now, settings):
        settings.EVENTS_DAYS = 10
        opened(now - timedelta(days=50))
        assert commands.keep_partitions(now=now).drop == months("2026-10")

    def test_a_dry_run_only_says_it(self, no_partitions, opened):
        opened(datetime(2020, 1, 1, tzinfo=UTC))
        out = StringIO()
        call_command("events", "partitions", "--dry-run", stdout=out)
        assert out.getvalue().endswith("events_event_2020_01 would be dropped\n")
        assert out.getvalue().count("would be made") == 3
        assert queries.months() == months("2020-01")
        call_command("events", "partitions", stdout=out)
        assert "events_event_2020_01 dropped\n" in out.getvalue()
        call_command("events", "partitions", stdout=out)
        assert out.getvalue().endswith("nothing to do\n")

    def test_the_job_says_what_it_did(self, no_partitions):
        done = tasks.keep_partitions(None)
        assert done == {"made": [rules.name_of(month) for month in queries.months()], "dropped": []}

    def test_an_event_without_a_partition_makes_it(self, no_partitions, opened, now):
        event, other = opened(now), opened(now + timedelta(minutes=1))
        assert queries.months() == months("2026-11")
        assert set(Event.objects.values_list("id", flat=True)) == {event.id, other.id}

    def test_a_partition_that_was_attached_has_the_keys_and_indexes_of_one_from_the_migration(self, opened, now):
        def parts(name):
            with connection.cursor() as sql:
                sql.execute(
                    "SELECT replace(indexdef, %s, '') FROM pg_indexes WHERE tablename = %s"
                    " UNION SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass",
                    [name, name, name],
                )
                return {row[0] for row in sql.fetchall()}

        [first, *_] = queries.months()
        opened(datetime(2020, 1, 1, tzinfo=UTC))
        assert len(parts(rules.name_of(first))) >= 5
        assert parts("events_event_2020_01") == parts(rules.name_of(first))

    def test_days_of_one_month_are_read_from_its_partition_alone(self, opened, now):
        plan = Event.objects.filter(at__gte=now, at__lt=now + timedelta(hours=1)).explain()
        assert [month for month in queries.months() if rules.name_of(month) in plan] in ([rules.month_of(now)], [])


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    OLD = datetime(2020, 1, 1, tzinfo=UTC)

    @pytest.fixture(autouse=True)
    def _as_before(self):
        yield
        commands.keep_partitions(now=timezone.now())

    @staticmethod
    def together(*works):
        """Every work in a thread with a connection of its own, begun at the same time."""
        all_here, problems = Barrier(len(works)), []

        def body(work):
            try:
                all_here.wait(timeout=10)
                work()
            except Exception as error:
                problems.append(error)
            finally:
                connections.close_all()

        threads = [Thread(target=body, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=15)
        assert problems == []
        assert not any(thread.is_alive() for thread in threads)

    def test_many_who_keep_partitions_and_record_do_each_thing_once(self, opened, now):
        opened(self.OLD)
        later = now + timedelta(days=3650)
        done = []
        self.together(*[lambda: done.append(commands.keep_partitions(now=later))] * 4, *[lambda: opened(later)] * 4)
        assert sorted(month for plan in done for month in plan.drop) == sorted(
            {month for plan in done for month in plan.drop}
        )
        assert date(2020, 1, 1) not in queries.months()
        assert Event.objects.filter(at=later).count() == 4
        with connection.cursor() as sql:
            for month in queries.months():
                sql.execute(f"DROP TABLE {rules.name_of(month)}")

    def test_a_new_month_is_made_while_somebody_writes_and_somebody_reads(self, opened, now):
        """Neither waits for it to end: this thread has both locks until the other is done."""
        with transaction.atomic():
            opened(now)
            Event.objects.count()
            self.together(lambda: opened(self.OLD))
        assert Event.objects.count() == 2

    def test_a_month_that_somebody_reads_is_dropped_the_next_time_and_new_ones_are_made(self, opened, now, monkeypatch):
        monkeypatch.setattr(commands, "_PATIENCE", 200)
        opened(self.OLD)
        with connection.cursor() as sql:
            for month in queries.months()[1:]:
                sql.execute(f"DROP TABLE {rules.name_of(month)}")
        reading, end = Signal(), Signal()

        def read():
            try:
                with transaction.atomic():
                    Event.objects.count()
                    reading.set()
                    end.wait(timeout=30)
            finally:
                connections.close_all()

        reader = Thread(target=read)
        reader.start()
        try:
            assert reading.wait(timeout=10)
            with pytest.raises(OperationalError, match="lock timeout"):
                commands.keep_partitions(now=timezone.now())
        finally:
            end.set()
            reader.join()
        assert len(queries.months()) == 4
        assert commands.keep_partitions(now=timezone.now()).drop == months("2020-01")
