import uuid
from datetime import timedelta

import pytest
import structlog
from django.db import DatabaseError, IntegrityError, connection, transaction

from project.foundation.audit import commands, queries
from project.foundation.audit.models import AuditEvent
from project.foundation.audit.tests.factories import AuditEventFactory


@pytest.fixture
def thing(db):
    """Something that events can be about; the trail asks only for its kind and its key."""
    return AuditEventFactory()


def record(thing, now, **said):
    return commands.record(**{"type": "thing.changed", "object": thing, "actor": None, "now": now, **said})


class TestRecording:
    def test_an_event_says_who_did_what_to_what_and_when(self, thing, now):
        actor = uuid.uuid4()
        record(thing, now, type="edition.published", actor=actor, payload={"version": 2})
        event = AuditEvent.objects.get(actor_id=actor)
        assert (event.type, event.at, event.payload) == ("edition.published", now, {"version": 2})
        assert (event.object_type, event.object_id) == ("audit.auditevent", str(thing.pk))

    def test_an_object_can_be_named_by_something_that_says_more_than_its_key(self, thing, now):
        assert record(thing, now, object_id="ap-chagi").object_id == "ap-chagi"

    def test_what_the_system_does_has_no_actor(self, thing, now):
        assert record(thing, now, actor=None).actor_id is None

    def test_an_event_carries_the_id_of_the_request_it_happened_in(self, thing, now):
        with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
            inside = record(thing, now)
        assert inside.request_id == "0123456789abcdef"
        assert record(thing, now).request_id == ""

    def test_an_event_has_room_for_nobodys_name_or_address(self):
        """Erasing a person must leave the trail untouched and anonymous, so no column may point at or name one."""
        columns = {field.name for field in AuditEvent._meta.get_fields()}
        assert columns == {
            "id", "at", "recorded_at", "actor_id", "type", "object_type", "object_id", "payload", "request_id",
        }  # fmt: skip
        assert not any(field.is_relation for field in AuditEvent._meta.get_fields())

    def test_what_happened_to_an_object_is_told_newest_first_and_of_no_other(self, thing, now):
        first, second = record(thing, now, type="thing.opened"), record(thing, now, type="thing.closed")
        record(AuditEventFactory(), now)
        assert list(queries.events_of(thing)) == [second, first]

    def test_events_are_found_by_the_name_they_were_recorded_under(self, thing, now):
        named = record(thing, now, object_id="ap-chagi")
        record(thing, now)
        assert list(queries.events_of(thing, object_id="ap-chagi")) == [named]

    def test_how_often_something_happened_to_each_of_many(self, thing, now):
        other, untouched = AuditEventFactory(), AuditEventFactory()
        record(thing, now)
        record(thing, now + timedelta(hours=2))
        record(thing, now + timedelta(hours=1))
        record(other, now)
        told = queries.how_often([thing, other, untouched])
        assert told == {str(thing.pk): (3, now + timedelta(hours=2)), str(other.pk): (1, now)}
        assert queries.how_often([]) == {}


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_an_event_outside_a_transaction_is_refused_and_not_written(self, now):
        thing = AuditEventFactory()
        with pytest.raises(commands.OutsideTransaction, match=r"thing\.changed"):
            record(thing, now)
        assert list(AuditEvent.objects.all()) == [thing]

    def test_so_are_many(self, now):
        thing = AuditEventFactory()
        with pytest.raises(commands.OutsideTransaction, match=r"thing\.changed"):
            commands.record_all([commands.Deed("thing.changed", thing, {})], actor=None, now=now)
        assert list(AuditEvent.objects.all()) == [thing]

    def test_an_event_disappears_with_the_change_that_was_rolled_back(self, now):
        thing = AuditEventFactory()
        with transaction.atomic():
            record(thing, now)
            transaction.set_rollback(True)
        assert list(AuditEvent.objects.all()) == [thing]

    def test_an_event_stays_with_the_change_that_was_committed(self, now):
        thing = AuditEventFactory()
        with transaction.atomic():
            record(thing, now)
        assert AuditEvent.objects.filter(type="thing.changed").count() == 1


class TestPostgresRefuses:
    @pytest.mark.parametrize(
        ("statement", "refused"),
        [
            ("UPDATE audit_auditevent SET type = 'forged'", "UPDATE"),
            ("UPDATE audit_auditevent SET actor_id = NULL", "UPDATE"),
            ("DELETE FROM audit_auditevent", "DELETE"),
        ],
    )
    def test_changing_the_trail(self, thing, statement, refused):
        with (
            pytest.raises(DatabaseError, match=rf"append-only \({refused} refused\)"),
            transaction.atomic(),
            connection.cursor() as sql,
        ):
            sql.execute(statement)
        assert AuditEvent.objects.get().type == "edition.published"

    def test_changing_the_trail_through_the_model_too(self, thing):
        thing.type = "forged"
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            thing.save()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            thing.delete()

    def test_an_event_without_a_type(self, thing):
        with (
            pytest.raises(IntegrityError, match="audit_event_has_a_type"),
            transaction.atomic(),
            connection.cursor() as sql,
        ):
            sql.execute(
                "INSERT INTO audit_auditevent (at, type, object_type, object_id, payload, request_id)"
                " VALUES (now(), '', 'handbook.tuledition', '1', '{}', '')"
            )
