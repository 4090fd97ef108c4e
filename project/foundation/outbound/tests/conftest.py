from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from django.db import connection

from project.foundation.outbound import budget, recorder, shared
from project.foundation.outbound.models import IntegrationError


@pytest.fixture(autouse=True)
def _redis_is_there(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However busy this machine is: to be slow is a fault that only the tests about it want."""
    monkeypatch.setattr(shared, "PATIENCE", 5)
    monkeypatch.setattr(budget, "_alone", budget._Alone())
    shared._connected.cache_clear()
    yield
    shared._connected.cache_clear()


@pytest.fixture
def rows(db: None) -> Iterator[Callable[[], list[IntegrationError]]]:
    """What operators see in the end. It is committed by a thread or another process, beside the transaction of the
    test."""

    def found() -> list[IntegrationError]:
        recorder.wait()
        return list(IntegrationError.objects.all())

    yield found
    recorder.wait()
    thread = Thread(target=_empty)
    thread.start()
    thread.join()


def _empty() -> None:
    IntegrationError.objects.all().delete()
    connection.close()
