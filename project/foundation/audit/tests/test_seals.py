"""The chain of seals: what it says, that it notices tampering, and that it leaves nothing out."""

import json
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from threading import Event, Thread

import pytest
import structlog
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as some

from project.foundation.audit import commands, queries, rules, tasks
from project.foundation.audit.models import AuditEvent, AuditSeal
from project.foundation.audit.tests.factories import AuditEventFactory
from tests.programs import eventually

INSTANTS = some.datetimes(timezones=some.just(UTC))
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)
EVENTS = some.builds(
    rules.Event,
    id=some.integers(min_value=1, max_value=2**63 - 1),
    at=INSTANTS,
    recorded_at=INSTANTS,
    actor_id=some.none() | some.uuids(),
    type=some.text(min_size=1),
    object_type=some.text(),
    object_id=some.text(),
    payload=some.dictionaries(some.text(), JSON, max_size=4),
    request_id=some.text(),
)
A_NIGHT = datetime(2026, 11, 21, 9, 0, 0, 5, tzinfo=UTC)
AN_EVENT = rules.Event(
    id=4711, at=A_NIGHT, recorded_at=A_NIGHT, actor_id=uuid.UUID(int=7), type="technique.published",
    object_type="handbook.technique", object_id="ap-chagi", payload={"version": 2, "hangul": "앞"}, request_id="",
)  # fmt: skip


class TestRules:
    def test_the_canonical_form_is_this(self):
        """Seals in the world stand on it: if this test has to change, so does every seal."""
        assert rules.canonical(AN_EVENT) == (
            b'{"actor_id":"00000000-0000-0000-0000-000000000007","at":"2026-11-21T09:00:00.000005+00:00","id":4711,'
            b'"object_id":"ap-chagi","object_type":"handbook.technique","payload":{"hangul":"\\uc55e","version":2},'
            b'"recorded_at":"2026-11-21T09:00:00.000005+00:00","request_id":"","type":"technique.published"}'
        )

    def test_every_column_of_an_event_is_in_it(self):
        assert set(json.loads(rules.canonical(AN_EVENT))) == {field.attname for field in AuditEvent._meta.fields}

    @given(event=EVENTS, hours=some.integers(-12, 14))
    def test_it_depends_neither_on_the_order_of_keys_nor_on_the_time_zone(self, event, hours):
        elsewhere = timezone(timedelta(hours=hours))
        try:
            at = event.at.astimezone(elsewhere)
        except OverflowError:
            return
        same = rules.Event(**vars(event) | {"at": at, "payload": dict(reversed(event.payload.items()))})
        assert rules.digest(same) == rules.digest(event)

    @given(event=EVENTS, other=EVENTS, column=some.sampled_from(sorted(AN_EVENT.__dataclass_fields__)))
    def test_another_value_in_any_column_is_another_digest(self, event, other, column):
        changed = rules.Event(**vars(event) | {column: getattr(other, column)})
        is_same = json.dumps(vars(changed), sort_keys=True, default=str) == json.dumps(
            vars(event), sort_keys=True, default=str
        )
        assert (rules.digest(changed) == rules.digest(event)) == is_same

    @given(
        sealed=some.lists(EVENTS, max_size=6, unique_by=lambda event: event.id),
        gone=some.sets(some.integers(0, 5)),
        changed=some.sets(some.integers(0, 5)),
        added=some.lists(EVENTS, max_size=3, unique_by=lambda event: event.id),
    )
    def test_exactly_what_was_changed_removed_or_added_is_found(self, sealed, gone, changed, added):
        sealed.sort(key=lambda event: event.id)
        known = {event.id for event in sealed}
        added = [event for event in added if event.id not in known]
        seal = rules.Seal(1, rules.NOTHING_BEFORE, 0, 2**63 - 1, len(sealed), rules.digests(sealed), A_NIGHT)
        now = [
            rules.Event(**vars(event) | {"type": event.type + "!"}) if place in changed else event
            for place, event in enumerate(sealed)
            if place not in gone
        ]
        found = {(each.event, each.what.rpartition(")")[2] or each.what) for each in rules.differences(
            seal, sorted([*now, *added], key=lambda event: event.id)
        )}  # fmt: skip
        assert {event for event, _ in found} == (
            {event.id for place, event in enumerate(sealed) if place in gone | changed} | {event.id for event in added}
        )

    def test_a_hash_depends_on_everything_that_a_seal_says(self):
        seal = rules.Seal(2, "a" * 64, 10, 20, 1, b"x" * 40, A_NIGHT)
        others = {
            "number": 3, "previous_hash": "b" * 64, "after": 11, "last": 21, "count": 2,
            "digests": b"y" * 40, "sealed_at": A_NIGHT + timedelta(microseconds=1),
        }  # fmt: skip
        hashes = {rules.hash_of(rules.Seal(**vars(seal) | {name: value})) for name, value in others.items()}
        assert len(hashes | {rules.hash_of(seal)}) == len(others) + 1
        assert set(others) | {"hash"} == set(vars(seal))


def chain(*lengths, now):
    """Seals over so many new events each."""
    made = []
    for length in lengths:
        AuditEventFactory.create_batch(length)
        made.append(commands.seal(now=now))
    return made


def run(*words):
    """What `manage.py audit` says, and its exit code."""
    from io import StringIO

    out = StringIO()
    try:
        call_command("audit", *words, stdout=out)
    except CommandError as refused:
        return out.getvalue(), refused.returncode
    return out.getvalue(), 0


@contextmanager
def nobody_watches():
    """What somebody can do who owns the database: no trigger and no foreign key answers in this block."""
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute("SET LOCAL session_replication_role = replica")
        yield sql


@pytest.mark.django_db
class TestSealing:
    def test_nothing_new_makes_no_seal(self, now):
        assert commands.seal(now=now) is None
        [made] = chain(2, now=now)
        assert commands.seal(now=now) is None
        assert AuditSeal.objects.get() == made

    def test_a_seal_covers_what_came_since_the_one_before(self, now):
        first, second = chain(2, 3, now=now)
        ids = list(AuditEvent.objects.order_by("id").values_list("id", flat=True))
        assert (first.number, first.after_event, first.last_event, first.count) == (1, 0, ids[1], 2)
        assert (second.number, second.after_event, second.last_event, second.count) == (2, ids[1], ids[4], 3)
        assert (second.previous, second.previous_hash) == (first, first.hash)

    def test_many_events_make_several_seals(self, now, monkeypatch):
        monkeypatch.setattr(commands, "SEALED_AT_ONCE", 3)
        [last] = chain(8, now=now)
        assert list(AuditSeal.objects.values_list("number", "count")) == [(1, 3), (2, 3), (3, 2)]
        assert last.number == 3
        assert queries.verify().sealed == 8

    def test_the_job_logs_the_hash(self, now):
        AuditEventFactory()
        with structlog.testing.capture_logs() as logs:
            result = tasks.seal(None)
        made = AuditSeal.objects.get()
        assert result == {"number": 1, "hash": made.hash}
        assert logs == [
            {"event": "audit sealed", "log_level": "info", "number": 1, "hash": made.hash,
             "last_event": made.last_event}
        ]  # fmt: skip
        assert tasks.seal(None) is None


@pytest.mark.django_db
class TestVerifying:
    def test_an_empty_trail_is_as_it_was_sealed(self):
        assert run("verify") == ("no seal yet; 0 events sealed, 0 not yet\n", 0)

    def test_a_trail_that_nobody_touched(self, now):
        *_, head = chain(2, 1, 2, now=now)
        AuditEventFactory()
        assert run("verify") == (f"seal 3 {head.hash}; 5 events sealed, 1 not yet\n", 0)

    def test_the_verdict_as_json(self, now):
        [head] = chain(2, now=now)
        out, code = run("verify", "--json")
        assert (json.loads(out), code) == (
            {"is_good": True, "number": 1, "hash": head.hash, "sealed": 2, "unsealed": 0, "findings": [],
             "not_named": 0},
            0,
        )  # fmt: skip

    def test_sealing_by_hand(self):
        AuditEventFactory()
        out, _ = run("seal")
        assert out == f"seal 1 {AuditSeal.objects.get().hash}\n"
        assert run("seal") == ("nothing was sealed\n", 0)

    def test_a_changed_event_is_named(self, now):
        chain(2, 2, now=now)
        event = AuditEvent.objects.order_by("id")[2]
        with transaction.atomic(), connection.cursor() as sql:
            sql.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_is_append_only")
            sql.execute("UPDATE audit_auditevent SET actor_id = %s WHERE id = %s", [uuid.uuid4(), event.pk])
            sql.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER audit_event_is_append_only")
        out, code = run("verify")
        what = f"event {event.pk} (edition.published, 2026-11-21T09:00:00.000000+00:00) was changed after seal 2"
        assert (out.splitlines()[1:], code) == ([what], 1)

    @pytest.mark.parametrize(
        "change",
        [
            "at = at + interval '1 microsecond'", "recorded_at = now() + interval '1 day'", "type = 'edition.gone'",
            "object_type = 'x'", "object_id = 'x'", "payload = '{\"version\": 3}'", "request_id = 'x'",
        ],
    )  # fmt: skip
    def test_a_change_in_any_column_is_noticed(self, now, change):
        chain(1, now=now)
        with nobody_watches() as sql:
            sql.execute(f"UPDATE audit_auditevent SET {change}")
        [finding] = queries.verify().findings
        assert "was changed after seal 1" in finding.what

    def test_a_deleted_event_is_named(self, now):
        chain(2, 2, now=now)
        event = AuditEvent.objects.order_by("id")[1]
        with nobody_watches() as sql:
            sql.execute("DELETE FROM audit_auditevent WHERE id = %s", [event.pk])
        out, code = run("verify")
        assert out.splitlines()[1:] == [f"event {event.pk} is gone; it was there when seal 1 was made"]
        assert code == 1

    def test_an_event_put_among_sealed_ones_is_named(self, now):
        with connection.cursor() as sql:
            first = AuditEventFactory().pk
            sql.execute("SELECT nextval(pg_get_serial_sequence('audit_auditevent', 'id'))")  # somebody rolled back
        AuditEventFactory()
        commands.seal(now=now)
        AuditEventFactory(id=first + 1)
        out, code = run("verify")
        assert f"event {first + 1} (edition.published, " in out
        assert out.endswith(" was put in after seal 1 was made\n")
        assert code == 1

    @pytest.mark.parametrize("id", [0, -1])
    def test_an_event_put_before_the_first_one_is_named(self, now, id):
        chain(1, now=now)
        AuditEventFactory(id=id)
        assert [finding.event for finding in queries.verify().findings] == [id]

    def test_an_event_put_between_two_seals_is_named(self, now):
        with connection.cursor() as sql:
            chain(1, now=now)
            sql.execute("SELECT nextval(pg_get_serial_sequence('audit_auditevent', 'id'))")
            [unused] = sql.fetchone()
        chain(1, now=now)
        AuditEventFactory(id=unused)
        assert [(finding.seal, finding.event) for finding in queries.verify().findings] == [(2, unused)]

    @pytest.mark.parametrize(
        "change",
        [
            "sealed_at = sealed_at - interval '1 day'", "digests = set_byte(digests, 9, 255 - get_byte(digests, 9))",
            f"hash = '{'f' * 64}'", "last_event = last_event + 1", "count = 2, digests = digests || digests",
        ],
    )  # fmt: skip
    def test_a_changed_seal_is_named(self, now, change):
        chain(1, 1, 1, now=now)
        with nobody_watches() as sql:
            sql.execute(f"UPDATE audit_auditseal SET {change} WHERE number = 2")
        out, code = run("verify")
        assert "seal 2 was changed after it was made" in out
        assert code == 1

    def test_a_seal_made_anew_is_betrayed_by_the_one_after_it(self, now):
        chain(1, 1, 1, now=now)
        second = AuditSeal.objects.get(number=2)
        forged = {
            "previous_hash": second.previous_hash, "after": second.after_event, "last": second.last_event,
            "count": 1, "digests": b"\1" * 40, "sealed_at": second.sealed_at,
        }  # fmt: skip
        with nobody_watches():
            AuditSeal.objects.filter(number=2).update(
                digests=forged["digests"], hash=rules.hash_of(rules.Seal(number=2, **forged))
            )
        said = [finding.what for finding in queries.verify().findings]
        assert "seal 3 does not follow from seal 2" in said

    def test_a_removed_seal_in_the_middle_is_named(self, now):
        chain(1, 1, 1, 1, 1, now=now)
        with nobody_watches() as sql:
            sql.execute("DELETE FROM audit_auditseal WHERE number = 2")
        assert [finding.what for finding in queries.verify().findings] == ["seal 2 is missing"]
        with nobody_watches() as sql:
            sql.execute("DELETE FROM audit_auditseal WHERE number IN (1, 3, 4)")
        assert [finding.what for finding in queries.verify().findings] == ["seals 1 to 4 are missing"]
        with nobody_watches() as sql:
            sql.execute("DELETE FROM audit_auditseal")  # the one that follows nothing, which the end of a test refuses

    def test_a_removed_seal_at_the_end_is_noticed_by_whoever_kept_its_hash(self, now):
        *_, before, head = chain(1, 1, 1, now=now)
        assert run("verify", "--expect", head.hash)[1] == 0
        assert run("verify", "--expect", before.hash)[1] == 0
        with nobody_watches() as sql:
            sql.execute("DELETE FROM audit_auditseal WHERE number = 3")
        assert run("verify")[1] == 0
        out, code = run("verify", "--expect", head.hash)
        assert out.splitlines()[1:] == [
            f"no seal has the expected hash {head.hash}: the chain was cut off or made anew"
        ]
        assert code == 1

    def test_a_chain_made_anew_is_noticed_by_whoever_kept_a_hash(self, now):
        [old] = chain(2, now=now)
        with nobody_watches() as sql:
            sql.execute("DELETE FROM audit_auditseal")
            sql.execute("UPDATE audit_auditevent SET object_id = 'forged'")
        commands.seal(now=now)
        assert queries.verify().is_good
        assert not queries.verify(expect=old.hash).is_good

    def test_more_findings_than_anybody_reads_are_counted(self, now, monkeypatch):
        monkeypatch.setattr(queries, "FINDINGS", 2)
        monkeypatch.setattr(queries, "_AT_A_TIME", 2)
        chain(5, now=now)
        with nobody_watches() as sql:
            sql.execute("UPDATE audit_auditevent SET object_id = 'forged'")
        out, code = run("verify")
        assert len(out.splitlines()) == 4
        assert out.endswith("and 3 more\n")
        assert code == 1


SEAL = """
    INSERT INTO audit_auditseal
           (number, previous_id, previous_hash, after_event, last_event, count, digests, sealed_at, hash)
    SELECT {number}, {previous}, {previous_hash}, {after}, {last}, {count}, {digests}, now(), {hash}
      FROM audit_auditseal WHERE number = 2
"""
NEXT = {
    "number": "3", "previous": "2", "previous_hash": "hash", "after": "last_event", "last": "last_event + 5",
    "count": "1", "digests": "digests", "hash": f"'{'a' * 64}'",
}  # fmt: skip


@pytest.mark.django_db
class TestPostgresRefuses:
    @pytest.fixture(autouse=True)
    def _two_seals(self, db, now):
        chain(1, 1, now=now)

    def test_nothing_of_a_seal_that_follows(self):
        """Or the refusals below would be for another reason."""
        with connection.cursor() as sql:
            sql.execute(SEAL.format(**NEXT))
        assert AuditSeal.objects.count() == 3

    @pytest.mark.parametrize(
        ("wrong", "constraint"),
        [
            ({"number": "2", "previous": "1"}, "audit_auditseal_pkey"),
            ({"number": "4"}, "audit_seal_follows_the_one_before"),
            ({"number": "3", "previous": "1"}, "audit_seal_follows_the_one_before"),
            ({"number": "3", "previous": "NULL"}, "audit_seal_follows_the_one_before"),
            ({"number": "4", "previous": "3"}, "audit_seal_repeats_the_one_before"),
            ({"after": "last_event - 1"}, "audit_seal_repeats_the_one_before"),
            ({"after": "last_event + 1"}, "audit_seal_repeats_the_one_before"),
            ({"previous_hash": f"'{'b' * 64}'"}, "audit_seal_repeats_the_one_before"),
            ({"last": "last_event"}, "audit_seal_goes_forwards"),
            ({"count": "0", "digests": "''"}, "audit_seal_is_not_empty"),
            ({"count": "2"}, "audit_seal_has_a_digest_per_event"),
            ({"hash": "'no hash'"}, "audit_seal_has_a_hash"),
        ],
    )
    def test_a_seal_that_does_not_follow(self, wrong, constraint):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as sql:
            sql.execute(SEAL.format(**NEXT | wrong))

    @pytest.mark.parametrize("statement", ["UPDATE audit_auditseal SET count = 7", "DELETE FROM audit_auditseal"])
    def test_changing_a_seal(self, statement):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as sql:
            sql.execute(statement)

    @pytest.mark.parametrize("table", ["audit_auditevent", "audit_auditseal"])
    def test_emptying_the_trail(self, table):
        """The suite turns these triggers off for its own cleaning (tests/plugin.py)."""
        with connection.cursor() as sql:
            sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
            sql.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            with pytest.raises(DatabaseError, match=r"append-only \(TRUNCATE refused\)"), transaction.atomic():
                sql.execute(f"TRUNCATE {table}")
        assert AuditSeal.objects.count() == AuditEvent.objects.count() == 2


@contextmanager
def elsewhere(work):
    """Run `work` in a thread with a connection of its own; its error is raised at the end of the block."""
    problems = []

    def body():
        try:
            work()
        except BaseException as error:
            problems.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=body)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(timeout=30)
    assert not thread.is_alive()
    for problem in problems:
        raise problem


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    @pytest.fixture
    def late_writer(self):
        """A transaction that was given an id and has not committed it; `commit.set()` lets it end."""
        written, commit, ids = Event(), Event(), []

        def write():
            with transaction.atomic():
                ids.append(AuditEventFactory().pk)
                written.set()
                assert commit.wait(timeout=30)

        with elsewhere(write):
            try:
                assert written.wait(timeout=10)
                yield ids[0], commit
            finally:
                commit.set()

    def test_an_event_that_is_committed_late_is_waited_for(self, late_writer, now, monkeypatch):
        late, commit = late_writer
        early = AuditEventFactory().pk
        assert early > late
        waited = Event()
        looked = commands._writers

        def look():
            found = looked()
            waited.set()
            return found

        monkeypatch.setattr(commands, "_writers", look)
        with elsewhere(lambda: commands.seal(now=now, patience=20)):
            assert waited.wait(timeout=10)
            assert not AuditSeal.objects.exists()
            commit.set()
        seal = AuditSeal.objects.get()
        assert (seal.count, seal.last_event) == (2, early)
        assert queries.verify().is_good

    def test_a_writer_that_takes_too_long_is_left_for_the_next_time(self, late_writer, now):
        _, commit = late_writer
        AuditEventFactory()
        with structlog.testing.capture_logs() as logs:
            assert commands.seal(now=now, patience=0.1) is None
        assert [entry["event"] for entry in logs] == ["audit not sealed, somebody still writes"]
        assert not AuditSeal.objects.exists()
        commit.set()
        seal = eventually(lambda: commands.seal(now=now))
        assert seal.count == 2
        assert queries.verify().is_good

    def test_a_writer_that_has_begun_but_written_nothing_is_not_waited_for(self, now):
        begun, end = Event(), Event()

        def idle():
            with transaction.atomic():
                AuditEvent.objects.count()
                begun.set()
                assert end.wait(timeout=30)

        AuditEventFactory()
        with elsewhere(idle):
            assert begun.wait(timeout=10)
            seal = commands.seal(now=now, patience=0)
            end.set()
        assert seal.count == 1

    def test_a_writer_that_came_after_the_bound_was_read_is_not_in_the_seal_but_in_the_next(self, now, monkeypatch):
        """Nor does anybody wait for one: the trail goes on being written while it is sealed."""
        AuditEventFactory()
        make, during = commands.rules.hash_of, []

        def write_meanwhile(seal):
            with elsewhere(lambda: during.append(AuditEventFactory().pk)):
                pass  # it has committed when the block ends, while our transaction is open
            return make(seal)

        with monkeypatch.context() as patched:
            patched.setattr(commands.rules, "hash_of", write_meanwhile)
            first = commands.seal(now=now)
        assert (first.count, len(during)) == (1, 1)
        second = commands.seal(now=now)
        assert (second.count, second.last_event) == (1, during[0])
        assert queries.verify().is_good

    def test_a_call_inside_a_transaction_is_refused(self, now):
        AuditEventFactory()
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            commands.seal(now=now)

    def test_sealers_and_writers_in_a_crowd_make_one_chain_that_leaves_nothing_out(self, now, monkeypatch):
        monkeypatch.setattr(commands, "SEALED_AT_ONCE", 7)
        stop = Event()

        def write():
            for number in range(25):
                with transaction.atomic():
                    AuditEventFactory.create_batch(1 + number % 3)
                    transaction.set_rollback(number % 5 == 4)

        def seal():
            while not stop.is_set():
                commands.seal(now=now)

        with elsewhere(seal), elsewhere(seal), elsewhere(seal):
            try:
                with elsewhere(write), elsewhere(write), elsewhere(write):
                    pass
            finally:
                stop.set()
        commands.seal(now=now)
        verdict = queries.verify()
        assert verdict.findings == []
        assert (verdict.sealed, verdict.unsealed) == (AuditEvent.objects.count(), 0)
        numbers = list(AuditSeal.objects.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) > 3
