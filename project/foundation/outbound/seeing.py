"""What metrics and health say of other people's services."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from pybreaker import STATE_CLOSED, STATE_OPEN
from redis.exceptions import RedisError

from project.foundation import health, metrics

from . import breakers, tally


def register() -> None:
    metrics.register("outbound", tell)
    health.register("outbound", finding)


def tell() -> Iterator[Metric]:
    calls = CounterMetricFamily(
        "dojang_outgoing_calls", "Calls to other people's services by how they ended.", labels=["service", "outcome"]
    )
    resting = metrics.gauge("breaker_open", "Whether a service is left in peace (1) or asked (0).", ["service"])
    counted = tally.counted()
    for (service, outcome), number in counted.items():
        calls.add_metric([service, outcome], number)
    for service in sorted({service for service, _ in counted}):
        resting.add_metric([service], breakers.state_of(service) != STATE_CLOSED)
    yield from (calls, resting)


def finding() -> health.Finding:
    """A service that rests takes one feature along, not the hall. While Redis is gone nobody knows; `cache` says so."""
    try:
        services = sorted({service for service, _ in tally.counted()})
    except RedisError:
        return health.Finding("outbound", "ok")
    resting = [service for service in services if breakers.state_of(service) == STATE_OPEN]
    if resting:
        return health.Finding("outbound", "degraded", f"left in peace after failures: {', '.join(resting)}")
    return health.Finding("outbound", "ok")
