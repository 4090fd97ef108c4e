"""Events are sent on to PostHog, here to a stand-in that answers as it does."""

import json
import threading
import uuid
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from project.foundation.events import commands, registry, tasks
from project.foundation.events.models import Event
from project.foundation.outbound import Unavailable


class PostHog:
    """What arrived, and how often it is to fail before it answers."""

    def __init__(self):
        self.batches, self.paths, self.answers = [], [], []

    @property
    def uuids(self):
        return [event["uuid"] for batch in self.batches for event in batch["batch"]]


@pytest.fixture
def posthog(settings):
    ours = PostHog()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            ours.paths.append(self.path)
            ours.batches.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(ours.answers.pop(0) if ours.answers else 200)
            self.end_headers()
            self.wfile.write(b'{"status": "Ok"}')

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.POSTHOG_HOST = f"http://127.0.0.1:{server.server_port}"
    settings.POSTHOG_API_KEY = "phc_key"
    yield ours
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def opened(db, now, monkeypatch):
    """So many events, a second apart; gives their uuids."""
    monkeypatch.setattr(registry, "_kinds", {})
    registry.register("shelf.opened", fields={"belt": int | None})

    def record(length, **said):
        made = [
            commands.record(kind="shelf.opened", now=now + timedelta(seconds=second), **said)
            for second in range(length)
        ]
        return [str(event.id) for event in made]

    return record


def test_an_event_is_sent_as_posthog_takes_it(posthog, opened, now):
    visitor = uuid.uuid4()
    [sent] = opened(1, payload={"belt": 3}, visitor=visitor)
    assert commands.forward(now=now) == 1
    assert posthog.paths == ["/batch/"]
    assert posthog.batches == [
        {
            "api_key": "phc_key",
            "batch": [
                {
                    "uuid": sent,
                    "event": "shelf.opened",
                    "distinct_id": str(visitor),
                    "timestamp": "2026-11-21T09:00:00+00:00",
                    "properties": {"belt": 3, "$process_person_profile": False, "$geoip_disable": True},
                }
            ],
        }
    ]
    assert Event.objects.get().forwarded_at == now


def test_an_event_of_no_visit_belongs_to_itself(posthog, opened, now):
    [sent] = opened(1)
    commands.forward(now=now)
    assert posthog.batches[0]["batch"][0]["distinct_id"] == sent


def test_all_are_sent_once_in_batches_oldest_first(posthog, opened, now, monkeypatch):
    monkeypatch.setattr(commands, "BATCH", 2)
    ids = opened(5)
    assert tasks.forward(None) == 5
    assert posthog.uuids == ids
    assert len(posthog.batches) == 3
    assert tasks.forward(None) == 0
    assert len(posthog.batches) == 3


def test_an_event_that_is_committed_after_later_ones_is_sent_too(posthog, opened, now):
    opened(3)
    commands.forward(now=now)
    late = commands.record(kind="shelf.opened", now=now - timedelta(hours=1))
    commands.forward(now=now)
    assert posthog.uuids[-1] == str(late.id)


def test_what_was_not_taken_is_sent_again_under_the_same_uuid_and_nothing_else_is(posthog, opened, now, monkeypatch):
    monkeypatch.setattr(commands, "BATCH", 2)
    ids = opened(4)
    posthog.answers = [200, *[500] * 10]
    with pytest.raises(Unavailable):
        commands.forward(now=now)
    posthog.answers = []
    posthog.batches.clear()
    assert commands.forward(now=now) == 2
    assert posthog.uuids == ids[2:]


@pytest.mark.parametrize("missing", ["POSTHOG_HOST", "POSTHOG_API_KEY"])
def test_without_a_posthog_nothing_is_sent_and_nothing_marked(posthog, opened, now, settings, missing):
    setattr(settings, missing, "")
    opened(1)
    assert commands.forward(now=now) == 0
    assert posthog.batches == []
    assert Event.objects.get().forwarded_at is None
