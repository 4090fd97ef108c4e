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
        whole = ask(url + LIST, clients=clients, seconds=seconds)
        unchanged = ask(url + LIST, clients=clients, seconds=seconds, headers={"If-None-Match": tag})
        bare = ask(f"{url}/bench/bare/?of={quote(LIST)}", clients=clients, seconds=seconds)
        _insist(whole, 200)
        _insist(unchanged, 304)
        _insist(bare, 200)
        if whole.body != bare.body:
            raise SystemExit("the bare view returns other bytes than the list")
        name = f"{clients} client{'s' if clients > 1 else ''}"
        yield Row(
            "list of 50, 200", name, _said(whole), "aim p95 < 200 ms" if clients > 1 else "", bytes=len(whole.body)
        )
        yield Row("list of 50, 304", name, _said(unchanged), _times(unchanged, whole, "the 200s; aim 5"))
        yield Row("bare view, the same bytes", name, _said(bare), _times(whole, bare, "(our API against it)"))


def _insist(load: Load, status: int) -> None:
    if load.status != status:
        raise SystemExit(f"expected {status}, got {load.status}: {load.body[:300]!r}")


def _said(load: Load) -> str:
    return f"{load.per_second:.0f}/s, median {load.median:.1f} ms, p95 {load.p95:.1f} ms"


def _times(load: Load, other: Load, what: str) -> str:
    return f"{load.per_second / other.per_second:.2f} × {what}"
