"""How many repetitions a service gets from all processes together: so many of us repeating must not become a storm.

Calls and repetitions are counted in spans of ten seconds; the last minute is the span that runs and the six before.
"""

import threading
import time
from collections import Counter

from redis.exceptions import RedisError

from . import rules, shared

SPAN = 10
SPANS = 7

_COUNT = "redis.call('INCR', KEYS[1]) redis.call('EXPIRE', KEYS[1], ARGV[1])"
_TAKE = """
    local function sum(first, last)
        local total = 0
        for i = first, last do total = total + (tonumber(redis.call('GET', KEYS[i])) or 0) end
        return total
    end
    local spans = #KEYS / 2
    if sum(spans + 1, #KEYS) >= math.max(tonumber(ARGV[1]), sum(1, spans) * tonumber(ARGV[2])) then return 0 end
    redis.call('INCR', KEYS[spans + 1])
    redis.call('EXPIRE', KEYS[spans + 1], ARGV[3])
    return 1
"""
"""rules.is_affordable where the numbers are: between looking and taking nobody else takes."""


def count(service: str) -> None:
    """One call, which later allows some repetitions."""
    key = _keys(service, "asked")[0]
    try:
        shared.redis().eval(_COUNT, 1, key, SPAN * SPANS)
    except RedisError:
        _alone.count(key)


def take(service: str) -> bool:
    """Whether one more repetition is within the budget; it is then spent."""
    asked, repeated = _keys(service, "asked"), _keys(service, "repeated")
    try:
        arguments = (rules.FLOOR, rules.SHARE, SPAN * SPANS)
        return bool(shared.redis().eval(_TAKE, 2 * SPANS, *asked, *repeated, *arguments))
    except RedisError:
        return _alone.take(asked, repeated)


def _keys(service: str, what: str) -> list[str]:
    """Of each span that counts, the one that runs first."""
    span = int(time.time()) // SPAN
    return [f"outbound:{service}:{what}:{span - back}" for back in range(SPANS)]


class _Alone:
    """The same in this process, for as long as Redis is gone."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, key: str) -> None:
        with self._lock:
            if key not in self._counts:
                self._forget()
            self._counts[key] += 1

    def take(self, asked: list[str], repeated: list[str]) -> bool:
        with self._lock:
            is_free = rules.is_affordable(
                asked=sum(self._counts[key] for key in asked), repeated=sum(self._counts[key] for key in repeated)
            )
            self._counts[repeated[0]] += is_free
            return is_free

    def _forget(self) -> None:
        oldest = int(time.time()) // SPAN - SPANS
        self._counts = Counter({key: n for key, n in self._counts.items() if int(key.rpartition(":")[2]) > oldest})


_alone = _Alone()
