"""Whatever is sent as JSON is taken, refused one by one or refused as a whole, and never a failure of ours."""

import copy
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning.handbook.tests.factories import small_handbook
from learning.handbook.tests.question_factories import bank

from .factories import CardFactory
from .quiz_factories import begun

pytestmark = pytest.mark.django_db

HOSTILE = st.sampled_from(
    [
        "\x00", "a\x00", "\ud800", "", "x" * 5000, "٣", "\u202e", None, True, -1, 0, 2**31, 2**63, -(2**64),
        10**400, 1.5, -0.0, 1e308, float("inf"), float("nan"), [], {}, [[]], [10**400], [[1, 10**400]],
        {"": 0}, {"a\x00": 1}, {"\ud800": 1}, {"a": 10**400}, {"a": "\x00"}, {"a": ["\ud800"]}, {"a": -0.0},
        "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59.999999+14:00", "2026-11-21T09:00:00", "2026-11-21T09:00:00+23:59", "1e400", 1e18, -1e18,
        "00000000-0000-0000-0000-000000000000", "urn:uuid:5c2c6d0e-3f1c-4c39-9d6b-6a1f0f3f1c11",
    ]
)  # fmt: skip


def nested(depth, leaf=1):
    for _ in range(depth):
        leaf = {"a": [leaf]}
    return leaf


def places(value, at=()):
    """Where something stands in a body that could be something else."""
    yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*at, key))


def put(body, at, value):
    if not at:
        return value
    found = copy.deepcopy(body)
    inner = found
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return found


@st.composite
def bodies(draw, good):
    """A good body with one or two places gone wrong, those of its parts too."""
    body = good
    for _ in range(draw(st.integers(1, 2))):
        body = put(body, draw(st.sampled_from(list(places(body)))), draw(HOSTILE | st.just(nested(200))))
    return body


@pytest.fixture
def send(signed_in, ben, settings):
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, 0)

    def send(path, body):
        return signed_in.post(path, json.dumps(body), content_type="application/json")

    return send


@pytest.fixture
def good(ben):
    """A body for each operation that would be taken."""
    now = timezone.now()
    small_handbook(now=now - timedelta(days=1))
    bank(5, now=now - timedelta(days=1))
    quiz, card = begun(ben, now=now), CardFactory(person=ben)
    at = now.isoformat()
    return {
        "/api/v1/progress": {
            "updates": [
                {
                    "client_id": str(uuid4()), "item_type": "technique", "item": "ap-cha-busigi", "status": "seen",
                    "score": 10, "occurred_at": at, "detail": {"second": 12, "more": ["a"]},
                }
            ]
        },
        "/api/v1/reviews": {
            "sent_at": at, "device": "phone",
            "reviews": [
                {"client_id": str(uuid4()), "card_id": str(card.pk), "rating": 3, "reviewed_at": at, "duration": 1}
            ],
            "retractions": [{"client_id": str(uuid4())}],
        },
        "/api/v1/quizzes": {"id": str(uuid4()), "mode": "theory", "belt": 8, "n": 5},
        f"/api/v1/quizzes/{quiz.pk}/answers": {
            "sent_at": at,
            "answers": [{"client_id": str(uuid4()), "place": 1, "given": [1], "answered_at": at}],
        },
    }  # fmt: skip


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_sent_is_a_failure_of_ours(send, good, data):
    path, body = data.draw(st.sampled_from(list(good.items())))
    wrong = data.draw(bodies(body))
    assert send(path, wrong).status_code in {200, 201, 400, 409, 422}, wrong
