"""How calls to other people's services ended, counted by all processes together in Redis: most calls are made by
workers, whom nobody asks for metrics. What Redis loses begins at nought again, as counters may."""

from contextlib import suppress

from redis.exceptions import RedisError

from . import shared

GOOD = "good"

_KEY = "outbound:calls"


def count(service: str, outcome: str) -> None:
    """Count one call; `outcome` is GOOD or a failures.Kind. While Redis is gone nothing is counted."""
    with suppress(RedisError):
        shared.redis().hincrby(_KEY, f"{outcome} {service}", 1)


def counted() -> dict[tuple[str, str], int]:
    """How many calls by service and outcome. Raises RedisError."""
    found: dict[bytes, bytes] = shared.redis().hgetall(_KEY)  # type: ignore[assignment]
    keys = {name.decode().partition(" "): int(number) for name, number in found.items()}
    return {(service, outcome): number for (outcome, _, service), number in sorted(keys.items())}
