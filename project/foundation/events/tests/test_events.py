"""What may be written down, and what is refused before it is."""

import uuid
from typing import Annotated, Any, Literal

import pytest
import structlog
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as some

from project.foundation.events import commands, registry
from project.foundation.events.models import Event

FIELDS = {
    "results": int,
    "belt": int | None,
    "filters": list[Literal["belt", "category", "type"]],
    "entry": registry.Slug | None,
    "seconds": float | None,
}


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    """A registry of our own."""
    monkeypatch.setattr(registry, "_kinds", {})
    registry.register("shelf.searched", fields=FIELDS)
    registry.register("shelf.opened", fields={})


GOOD = {"results": 3, "filters": ["belt"]}


class TestRecording:
    def test_an_event_says_what_was_used_and_when(self, db, now):
        visitor = uuid.uuid4()
        event = commands.record(kind="shelf.searched", payload=GOOD | {"entry": "ap-chagi"}, visitor=visitor, now=now)
        event = Event.objects.get(id=event.id)
        assert (event.kind, event.at, event.visitor, event.forwarded_at) == ("shelf.searched", now, visitor, None)
        assert event.payload == {
            "results": 3, "belt": None, "filters": ["belt"], "entry": "ap-chagi", "seconds": None,
        }  # fmt: skip

    def test_a_kind_may_have_nothing_to_say(self, db, now):
        assert commands.record(kind="shelf.opened", now=now).payload == {}

    def test_an_event_disappears_with_the_change_that_was_rolled_back(self, db, now):
        with transaction.atomic():
            commands.record(kind="shelf.opened", now=now)
            transaction.set_rollback(True)
        assert not Event.objects.exists()

    def test_an_unknown_kind_is_refused(self, db, now):
        with pytest.raises(registry.UnknownKind, match=r"shelf\.burnt"):
            commands.record(kind="shelf.burnt", now=now)

    @pytest.mark.parametrize(
        ("wrong", "key"),
        [
            ({"query": "Ada Kowalska"}, "query"),
            ({"results": "Ada Kowalska"}, "results"),
            ({"results": True}, "results"),
            ({"results": None}, "results"),
            ({"seconds": float("nan")}, "seconds"),
            ({"filters": ["Ada Kowalska"]}, "filters"),
            ({"filters": "belt"}, "filters"),
            ({"entry": "Ada Kowalska"}, "entry"),
            ({"entry": "ada@dojang.example"}, "entry"),
            ({"entry": "a" * 81}, "entry"),
        ],
    )
    def test_a_payload_that_its_kind_does_not_allow_is_refused_without_a_word_of_it(self, db, now, wrong, key):
        with pytest.raises(registry.Refused) as refused:
            commands.record(kind="shelf.searched", payload=GOOD | wrong, now=now)
        assert key in str(refused.value)
        assert "Ada" not in str(refused.value) + repr(refused.value.__cause__)
        assert not Event.objects.exists()

    def test_a_payload_that_lacks_something_is_refused(self, db, now):
        with pytest.raises(registry.Refused, match=r"filters \(missing\)"):
            commands.record(kind="shelf.searched", payload={"results": 3}, now=now)

    @pytest.mark.parametrize(("kind", "payload"), [("shelf.burnt", {}), ("shelf.opened", {"name": "Ada Kowalska"})])
    def test_in_production_a_page_goes_on_and_the_log_complains(self, db, now, settings, kind, payload):
        settings.APP_ENV = "production"
        with structlog.testing.capture_logs() as logs:
            assert commands.record(kind=kind, payload=payload, now=now) is None
        assert [(entry["event"], entry["log_level"]) for entry in logs] == [("product event dropped", "error")]
        assert "Ada" not in str(logs)
        assert not Event.objects.exists()

    @given(payload=some.dictionaries(some.sampled_from([*FIELDS, "more"]), some.text() | some.integers() | some.none()))
    def test_no_text_of_anybodys_gets_past_the_registry(self, payload):
        try:
            stored = registry.checked("shelf.searched", payload)
        except registry.Refused:
            return
        assert set(stored) == set(FIELDS)
        texts = [value for value in stored.values() if isinstance(value, str)]
        assert all(text.replace("-", "").isalnum() and text.isascii() and text.lower() == text for text in texts)


class TestRegistering:
    @pytest.mark.parametrize(
        "type_",
        [str, Any, object, bytes, dict[str, int], list, list[str], str | None, Annotated[str, "short"], set[int]],
    )
    def test_a_type_that_could_hold_a_name_is_refused(self, type_):
        with pytest.raises(registry.TooOpen, match=r"shelf\.read: who"):
            registry.register("shelf.read", fields={"who": type_})
        with pytest.raises(registry.UnknownKind):
            registry.checked("shelf.read", {})

    def test_the_same_kind_may_be_registered_again_but_no_other_by_its_name(self):
        registry.register("shelf.searched", fields=dict(FIELDS))
        with pytest.raises(ValueError, match="two kinds"):
            registry.register("shelf.searched", fields=FIELDS | {"results": int | None})


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ("now(), gen_random_uuid(), '', '{}'", "event_has_a_kind"),
        ("now(), NULL, 'a', '{}'", "null value"),
        ("now(), gen_random_uuid(), 'a', NULL", "null value"),
        ("'2026-11-21 00:00Z', '00000000-0000-0000-0000-000000000007', 'a', '{}'", "pkey"),
    ],
)
def test_postgres_refuses(db, now, values, refused):
    Event.objects.create(at="2026-11-21T00:00Z", id=uuid.UUID(int=7), kind="shelf.opened")
    with pytest.raises(IntegrityError, match=refused), transaction.atomic(), connection.cursor() as sql:
        sql.execute(f"INSERT INTO events_event (at, id, kind, payload) VALUES ({values})")
