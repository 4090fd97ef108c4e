"""The list of 50, asked by one and by a hundred, against a bare view that returns the same bytes."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from statistics import median
from urllib.parse import quote

from .load import Load, ask
from .report import Row

LIST = "/api/v1/techniques?limit=50"


def measured(url: str, *, seconds: float) -> Iterator[Row]:
    with urllib.request.urlopen(url + LIST) as answer:
        tag = answer.headers["ETag"]
    for clients in (1, 100):
        # Whoever shows credentials gets no kept answer, so this one is worked out each time.
        made = ask(url + LIST, clients=clients, seconds=seconds, headers={"Authorization": "Bearer none"})
        kept = ask(url + LIST, clients=clients, seconds=seconds)
        unchanged = ask(url + LIST, clients=clients, seconds=seconds, headers={"If-None-Match": tag})
        bare = ask(f"{url}/bench/bare/?of={quote(LIST)}", clients=clients, seconds=seconds)
        for load, status in ((made, 200), (kept, 200), (unchanged, 304), (bare, 200)):
            _insist(load, status)
        if not made.body == kept.body == bare.body:
            raise SystemExit("the three do not return the same bytes")
        how = f"{clients} client{'s' if clients > 1 else ''}"
        aim = "aim p95 < 200 ms" if clients > 1 else ""
        yield Row("list of 50: 200, made", how, _said(made), _times(made, bare, "the bare view"), len(made.body))
        yield Row(
            "list of 50: 200, kept",
            how,
            _said(kept),
            ", ".join(filter(None, [_times(kept, bare, "the bare view"), aim])),
        )
        yield Row("list of 50: 304", how, _said(unchanged), f"{_times(unchanged, made, 'the 200s made')}; aim 5")
        yield Row("bare view, the same bytes", how, _said(bare))


def inside(*, seconds: float) -> Row:
    """The same two answers in Django alone, without the server around it: what 304 saves of our own work."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    tag = client.get(LIST).headers["ETag"]
    made = _median(lambda: client.get(LIST, headers={"Authorization": "Bearer none"}), seconds)
    unchanged = _median(lambda: client.get(LIST, headers={"If-None-Match": tag}), seconds)
    how = f"200 made {made:.1f} ms, 304 {unchanged:.1f} ms"
    return Row("list of 50, in Django alone", "medians", how, f"304: {made / unchanged:.1f} × the 200s made; aim 5")


def _median(call: Callable[[], object], seconds: float) -> float:
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)


def _insist(load: Load, status: int) -> None:
    if load.status != status:
        raise SystemExit(f"expected {status}, got {load.status}: {load.body[:300]!r}")


def _said(load: Load) -> str:
    return f"{load.per_second:.0f}/s, median {load.median:.1f} ms, p95 {load.p95:.1f} ms"


def _times(load: Load, other: Load, what: str) -> str:
    return f"{load.per_second / other.per_second:.2f} × {what}"
