"""Every page of the handbook: the time of a warm server, its queries, and its weight against the budget."""

import gzip
import re
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
    "/plans/first-fifteen-minutes/run/",
]
OF_A_LEARNER = ["/", "/practise/", "/practise/review/", "/practise/grading/", "/practise/statistics/"]
"""As ben sees them, who has practised for seven weeks."""
HTML, SCRIPTS, STYLES, SERVER_MS = 40, 30, 20, 50
"""The budget of a page: KB gzipped, and milliseconds of the server (p95, warm, one core)."""


def measured(url: str, *, seconds: float) -> Iterator[Row]:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client, override_settings

    client = Client(headers={"host": "localhost"})
    for page in PAGES:
        load = ask(url + page, clients=1, seconds=seconds)
        yield _page(client, page, seconds, over_http=f", over HTTP p95 {load.p95:.1f} ms")
    with override_settings(DEBUG=True):  # the demo cast is only let in there
        call_command("seed_demo")
    client.force_login(get_user_model().objects.get(email="ben@dojang.example"))
    for page in OF_A_LEARNER:
        yield _page(client, page, seconds, whose=" of a learner")


def _page(client: Any, page: str, seconds: float, *, whose: str = "", over_http: str = "") -> Row:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        html = client.get(page).content
    queries = len(asked)  # now: later requests empty the log
    inside, weight = _inside(client, page, seconds), len(gzip.compress(html))
    scripts, styles = _scripts(html.decode()), _styles(html.decode())
    return Row(
        f"`{page}`{whose}",
        f"{queries} queries",
        f"server p95 {inside:.1f} ms{over_http}",
        f"{inside / SERVER_MS:.0%} of {SERVER_MS} ms, {weight / 1024 / HTML:.0%} of {HTML} KB,"
        f" scripts {scripts / 1024 / SCRIPTS:.0%} of {SCRIPTS} KB, styles {styles / 1024 / STYLES:.0%} of {STYLES} KB",
        bytes=weight,
    )


def _inside(client: Any, page: str, seconds: float) -> float:
    """Milliseconds in Django alone, all middleware included: the 95th of a hundred, of at least as many."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 100:
        started = time.perf_counter()
        client.get(page)
        times.append((time.perf_counter() - started) * 1000)
    return quantiles(times, n=100)[94]


STATIC = Path(__file__).resolve().parent.parent / "static"
_HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")
_IMPORT = re.compile(r"""(?:from|import)\s*"\./([\w-]+\.js)\"""")
_FEW = re.compile(r"""\[([\w-]+)\]": \(\) => import\("\./([\w-]+\.js)"\)""")


def _scripts(html: str) -> int:
    """Bytes, gzipped one by one, of the scripts that a page names, of all that these import, and of what js/main.js
    fetches for what the page has. What comes only when somebody is in a field is not counted."""
    waiting = [_HASH.sub("", name) for name in re.findall(r'<script[^>]+src="/static/([^"]+)"', html)]
    seen: dict[str, int] = {}
    while waiting:
        name = waiting.pop()
        if name not in seen:
            text = (STATIC / name).read_bytes()
            seen[name] = len(gzip.compress(text))
            wanted = _IMPORT.findall(text.decode())
            wanted += [found for mark, found in _FEW.findall(text.decode()) if f" {mark}" in html]
            waiting += [f"js/{found}" for found in wanted]
            if name == "js/main.js":
                is_somebody = re.search(r'name="dojang-person"\s+content="[^"]', html)
                waiting.append("js/offline.js" if is_somebody else "js/prefetch.js")
    return sum(seen.values())


def _styles(html: str) -> int:
    names = [_HASH.sub("", name) for name in re.findall(r'href="/static/(css/[^"]+)"', html)]
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in set(names))
