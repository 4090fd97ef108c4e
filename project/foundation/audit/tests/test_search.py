"""The trail as operators look through it."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from project.foundation.audit import queries
from project.foundation.audit.models import AuditEvent
from project.foundation.audit.tests.factories import AuditEventFactory
from project.foundation.http import cursors

ADA = uuid.UUID(int=7)


@pytest.fixture
def trail(db, now):
    """One event that everything is asked of, and neighbours that differ from it in one thing each."""
    said = {
        "type": "edition.published", "actor_id": ADA, "object_type": "handbook.tuledition", "object_id": "won-hyo",
        "at": now, "request_id": "0123456789abcdef",
    }  # fmt: skip
    others = {
        "type": "edition.drafted", "actor_id": uuid.uuid4(), "object_type": "handbook.techniqueedition",
        "object_id": "do-san", "at": now - timedelta(days=1), "request_id": "another",
    }  # fmt: skip
    neighbours = {name: AuditEventFactory(**said | {name: other}) for name, other in others.items()}
    return AuditEventFactory(**said), neighbours


@pytest.mark.parametrize(
    ("column", "asked"),
    [
        ("type", {"type": "edition.published"}),
        ("actor_id", {"actor": ADA}),
        ("object_type", {"object_type": "handbook.tuledition"}),
        ("object_id", {"object_id": "won-hyo"}),
        ("request_id", {"request_id": "0123456789abcdef"}),
    ],
)
def test_a_filter_leaves_out_what_differs_and_nothing_else(trail, column, asked):
    event, neighbours = trail
    wanted = {event} | {each for name, each in neighbours.items() if name != column}
    assert set(queries.search(**asked)) == wanted


def test_filters_narrow_one_another_and_the_newest_comes_first(trail, now):
    event, neighbours = trail
    assert list(queries.search(type="edition.published", actor=ADA, object_id="won-hyo", since=now)) == [
        event, neighbours["request_id"], neighbours["object_type"],
    ]  # fmt: skip
    assert list(queries.search()) == list(AuditEvent.objects.order_by("-id"))


def test_since_is_inclusive_and_until_is_not(trail, now):
    event, neighbours = trail
    assert set(queries.search(until=now)) == {neighbours["at"]}
    assert set(queries.search(since=now)) == {event, *neighbours.values()} - {neighbours["at"]}


def test_the_trail_comes_in_pages_that_nothing_new_shifts(db):
    AuditEventFactory.create_batch(5)
    asked = {"of": "trail", "orderings": queries.ORDERINGS, "ordering": "newest", "limit": 3}
    first = cursors.page(queries.search(), cursor="", **asked)
    AuditEventFactory()
    second = cursors.page(queries.search(), cursor=first.next, **asked)
    ids = [event.pk for event in [*first.items, *second.items]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second.next) == (5, None)


@pytest.mark.parametrize("length", [0, 1, 5, 6])
def test_an_export_reads_all_of_it_a_piece_at_a_time(db, length, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(queries, "_AT_A_TIME", 3)
    AuditEventFactory(type="edition.drafted")
    events = AuditEventFactory.create_batch(length)
    with django_assert_max_num_queries(length // 3 + 1):
        assert list(queries.each(queries.search(type="edition.published"))) == events[::-1]


HALF_A_YEAR = """
    INSERT INTO audit_auditevent (at, actor_id, type, object_type, object_id, payload, request_id)
    SELECT timestamptz '2026-06-01' + n * interval '9 minutes',
           CASE WHEN n % 500 = 0 THEN '00000000-0000-0000-0000-000000000007'::uuid ELSE gen_random_uuid() END,
           CASE WHEN n % 400 = 0 THEN 'role.granted' ELSE 'edition.published' END,
           CASE WHEN n % 300 = 0 THEN 'accounts.user' ELSE 'handbook.tuledition' END,
           'thing-' || n % 1000, '{}', 'request-' || n / 2
      FROM generate_series(1, 30000) AS n
"""


INDEX_FOR = [
    ("audit_by_type", {"type": "role.granted"}),
    ("audit_by_actor", {"actor": ADA}),
    ("audit_by_object_type", {"object_type": "accounts.user"}),
    ("audit_by_object_id", {"object_id": "thing-7"}),
    ("audit_by_object_id", {"object_type": "handbook.tuledition", "object_id": "thing-7"}),
    ("audit_by_request", {"request_id": "request-7"}),
    ("audit_by_time", {"since": "2026-07-01T00:00Z", "until": "2026-07-01T06:00Z"}),
    ("audit_auditevent_pkey", {}),
]


def test_an_index_answers_each_filter(db):
    with connection.cursor() as sql:
        sql.execute(HALF_A_YEAR)
        sql.execute("ANALYZE audit_auditevent")
    for index, asked in INDEX_FOR:
        plan = queries.search(**asked)[:51].explain()
        assert (index in plan, "Seq Scan" in plan) == (True, False), (asked, plan)
