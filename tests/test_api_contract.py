"""The API keeps what openapi.json promises, whatever it is asked.

schemathesis makes up requests, right and wrong ones, for every operation, and holds the answers against the
promise: statuses, media types, headers and shapes. In this very process, so without a network. `make deep` asks
far more.
"""

import json
import os
from datetime import timedelta

import pytest
import schemathesis
from django.conf import settings as configured
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from learning.handbook.tests.factories import small_handbook

IS_DEEP = os.environ.get("DEPTH") == "deep"

PROMISE = json.loads((configured.BASE_DIR / "openapi.json").read_text("utf-8"))
promised = schemathesis.openapi.from_dict(PROMISE)
promised.app = WSGIHandler()


@pytest.fixture(autouse=True)
def handbook(db, settings):
    """A small handbook, and nobody who counts the requests. As in Django's own test client, a request does not end
    the connection, which is in the test's transaction."""
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, 0)
    settings.STRIPE_WEBHOOK_SECRET, settings.REVENUECAT_WEBHOOK_AUTHORIZATION = "whsec_test", "Bearer test"
    small_handbook(now=timezone.now() - timedelta(minutes=1))
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@promised.parametrize()
@settings(
    max_examples=500 if IS_DEEP else 10,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not IS_DEEP,
)
def test_every_answer_is_as_promised(case):
    # No description can say which cursors and which webhooks are good: they are signed.
    is_signed = (case.query or {}).get("cursor") or case.path.endswith("/webhooks/{provider}")
    unknowable = [positive_data_acceptance] if is_signed else []
    case.call_and_validate(
        headers={"Accept-Encoding": "identity"},  # the WSGI client of schemathesis does not unpack
        excluded_checks=unknowable,
    )


def test_every_operation_is_asked():
    assert {result.ok().label for result in promised.get_all_operations()} == {
        f"{method.upper()} {path}" for path, methods in PROMISE["paths"].items() for method in methods
    }
