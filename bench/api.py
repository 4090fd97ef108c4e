"""The list of 50, asked by one and by a hundred, against a bare view that returns the same bytes."""

import urllib.request
from collections.abc import Iterator
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


def _insist(load: Load, status: int) -> None:
    if load.status != status:
        raise SystemExit(f"expected {status}, got {load.status}: {load.body[:300]!r}")


def _said(load: Load) -> str:
    return f"{load.per_second:.0f}/s, median {load.median:.1f} ms, p95 {load.p95:.1f} ms"


def _times(load: Load, other: Load, what: str) -> str:
    return f"{load.per_second / other.per_second:.2f} × {what}"
