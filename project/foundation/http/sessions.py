"""Sessions without the cache: it only makes them quicker, the database has them too."""

import time
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PAUSE = 5
"""Seconds for which Redis is left alone after it did not answer, so that not everybody waits for it."""


class ForgivingCache(RedisCache):
    """A cache that has nothing when Redis does not answer, instead of failing whoever is signed in.

    Forgetting a session is not forgiven: one that somebody has ended must not come back with Redis.
    """

    paused_until = 0.0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._unless_silent(default, super().get, key, default, version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._unless_silent(None, super().has_key, key, version))

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self._unless_silent(None, super().set, key, value, *args, **kwargs)

    @classmethod
    def _unless_silent(cls, otherwise: Any, ask: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < cls.paused_until:
            return otherwise
        try:
            return ask(*args, **kwargs)
        except RedisError:
            cls.paused_until = time.monotonic() + PAUSE
            return otherwise
