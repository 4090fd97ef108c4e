"""Every page of the handbook: the time of a warm server, its queries, and its weight against the budget."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from .load import ask
from .report import Row

PAGES = [
    "/",
    "/techniques/",
    "/techniques/?q=dolyo",
    "/techniques/gunnun-sogi/",
    "/tuls/",
    "/tuls/do-san/",
    "/belts/",
    "/belts/8/",
    "/search/?q=dolyo+chagi",
    "/search/?q=gun&as=suggestions",
    "/glossary/",
    "/glossary/sogi/",
    "/theory/",
    "/theory/the-five-tenets/",
    "/plans/",
    "/plans/first-fifteen-minutes/",
]
HTML, SCRIPTS, STYLES, SERVER_MS = 40, 30, 20, 50
"""The budget of a page: KB gzipped, and milliseconds of the server (p95, warm, one core)."""


def measured(url: str, *, seconds: float) -> Iterator[Row]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    for page in PAGES:
        client.get(page)
        with CaptureQueriesContext(connection) as asked:
            weight = len(gzip.compress(client.get(page).content))
        queries = len(asked)  # now: later requests empty the log
        inside = _inside(client, page, seconds)
        load = ask(url + page, clients=1, seconds=seconds)
        yield Row(
            f"`{page}`",
            f"{queries} queries",
            f"server p95 {inside:.1f} ms, over HTTP p95 {load.p95:.1f} ms",
            f"{inside / SERVER_MS:.0%} of {SERVER_MS} ms, {weight / 1024 / HTML:.0%} of {HTML} KB",
            bytes=weight,
        )
    yield _files("scripts of every page and htmx", ["static/js/*.js", "static/vendor/htmx.min.js"], SCRIPTS)
    yield _files("style sheets", ["static/css/*.css"], STYLES)


def _inside(client: Any, page: str, seconds: float) -> float:
    """Milliseconds in Django alone, all middleware included: the 95th of a hundred."""
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        client.get(page)
        times.append((time.perf_counter() - started) * 1000)
    return quantiles(times, n=100)[94]


def _files(name: str, patterns: list[str], budget: int) -> Row:
    root = Path(__file__).resolve().parent.parent
    files = [file for pattern in patterns for file in root.glob(pattern)]
    weight = sum(len(gzip.compress(file.read_bytes())) for file in files)
    return Row(
        name, f"{len(files)} files", "gzipped one by one", f"{weight / 1024 / budget:.0%} of {budget} KB", weight
    )
