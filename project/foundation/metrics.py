"""What Prometheus is told at /metrics. Parts count what passes through them, or tell what they know when asked.

    CALLS = metrics.counter("calls", "Calls that came in.", ["kind"])      # at the top of a module: dojang_calls_total
    CALLS.labels("short").inc()
    metrics.register("jobs", tell)                                         # in AppConfig.ready; asked at each scrape

Where METRICS is on, what is counted lies in files of METRICS_DIR, one for each process, so that any of the processes
of a machine tells the sum of all; elsewhere it is counted for this process alone. What is told must cost the same
however many rows there are. Labels are names of our own and few, never what somebody sent.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import psutil
import structlog
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

log = structlog.get_logger("project.metrics")

MEDIA_TYPE = CONTENT_TYPE_LATEST
Tell = Callable[[], Iterable[Metric]]

_counted = CollectorRegistry()
_told: dict[str, Tell] = {}


def counter(name: str, help: str, labels: Sequence[str] = ()) -> Counter:
    """Only goes up; called dojang_<name>_total."""
    return Counter(f"dojang_{name}", help, labels, registry=_counted)


def histogram(name: str, help: str, labels: Sequence[str], *, buckets: Sequence[float]) -> Histogram:
    """How values are spread, counted up to each of `buckets`; called dojang_<name>."""
    return Histogram(f"dojang_{name}", help, labels, buckets=buckets, registry=_counted)


def level(name: str, help: str) -> Gauge:
    """Goes up and down; the sum over the processes that live. Called dojang_<name>."""
    return Gauge(f"dojang_{name}", help, multiprocess_mode="livesum", registry=_counted)


def gauge(name: str, help: str, labels: Sequence[str] = ()) -> GaugeMetricFamily:
    """For parts that tell: a value for each combination of labels, as `add_metric(labels, value)` adds them."""
    return GaugeMetricFamily(f"dojang_{name}", help, labels=labels)


def register(name: str, tell: Tell) -> None:
    _told[name] = tell


def rendered() -> bytes:
    """Everything, in the text format of Prometheus."""
    registry = CollectorRegistry()
    if settings.METRICS:
        _forget_the_dead()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_counted)
    registry.register(_Told())
    return generate_latest(registry)


def start_anew() -> None:
    """Forget what was counted before: when a whole hall opens, none of those who counted is left."""
    for file in _folder().glob("*.db"):
        file.unlink(missing_ok=True)


class _Told:
    """Asks every part. One that cannot tell leaves the others alone, and is seen in dojang_metrics_part_works."""

    def collect(self) -> Iterator[Metric]:
        works = gauge("metrics_part_works", "Whether a part could tell what it knows (1) or not (0).", ["part"])
        for name, tell in sorted(_told.items()):
            try:
                found = list(tell())
            except Exception as error:
                log.warning("a part tells nothing", part=name, error=type(error).__name__)
                works.add_metric([name], 0)
            else:
                yield from found
                works.add_metric([name], 1)
        yield works


def _folder() -> Path:
    return Path(settings.METRICS_DIR)


def _forget_the_dead() -> None:
    """A process that was killed said of nothing that it ended. Its counters stay: what it did was done."""
    for file in _folder().glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not psutil.pid_exists(pid):
            mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _begin() -> None:
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]  # one that had our number before
    except OSError as error:
        raise SystemExit(f"METRICS_DIR: cannot be used ({error.strerror}).") from None


if settings.METRICS:
    _begin()
