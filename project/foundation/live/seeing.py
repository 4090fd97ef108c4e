"""What health says of push."""

from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from project.foundation import health

PATIENCE = 0.5
"""Seconds that a look at the layer may take."""


def register() -> None:
    health.register("channel layer", finding)


def finding() -> health.Finding:
    """Without the layer pages go on asking by themselves."""
    layer: Any = settings.CHANNEL_LAYERS["default"]
    for host in layer["CONFIG"]["hosts"]:
        try:
            with Redis.from_url(
                host, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
            ) as redis:
                redis.ping()
        except RedisError as error:
            return health.Finding("channel layer", "degraded", type(error).__name__)
    return health.Finding("channel layer", "ok")
