"""A change in one process until it stands on fifty open consoles, through real sockets."""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import quantiles
from typing import Any

from .report import Row

CONSOLES = 50
PER_SECOND = 20


def measured(url: str, *, seconds: float) -> Iterator[Row]:
    cookie = _cookie()
    times, sent = asyncio.run(_listen(url, cookie, seconds))
    cuts = quantiles(times, n=100)
    arrived = len(times) / (sent * CONSOLES)
    yield Row(
        "a change seen on open consoles",
        f"{CONSOLES} consoles, {PER_SECOND} changes/s",
        f"median {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, {arrived:.1%} arrived",
        "aim p99 < 1,000 ms",
    )


async def _listen(url: str, cookie: str, seconds: float) -> tuple[list[float], int]:
    from websockets.asyncio.client import connect

    address = url.replace("http://", "ws://") + "/live/console.jobs/"
    times: list[float] = []
    sent = 0

    async def console(ready: asyncio.Semaphore, over: asyncio.Event) -> None:
        async with connect(address, additional_headers={"Cookie": cookie}, origin=url, max_size=None) as socket:  # type: ignore[arg-type]
            ready.release()
            while not over.is_set():
                try:
                    said = await asyncio.wait_for(socket.recv(), timeout=0.5)
                except TimeoutError:
                    continue
                now = time.time()
                times.extend((now - float(at)) * 1000 for at in set(re.findall(r"sent (\d+\.\d+)", str(said))))

    ready, over = asyncio.Semaphore(0), asyncio.Event()
    consoles = [asyncio.create_task(console(ready, over)) for _ in range(CONSOLES)]
    for _ in range(CONSOLES):
        await asyncio.wait_for(ready.acquire(), timeout=30)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.gather(asyncio.to_thread(_publish, sent), asyncio.sleep(1 / PER_SECOND))
        sent += 1
    await asyncio.sleep(2)
    over.set()
    await asyncio.gather(*consoles)
    return times, sent


def _publish(number: int) -> None:
    """A job that moves; each change is of another one, since of changes of one job only the last is sent."""
    from project.foundation import live
    from project.foundation.jobs.changes import JobChanged

    changed = JobChanged(
        key=f"00000000-0000-4000-8000-{number:012d}", state="running", attempt=1, progress=number % 100,
        progress_text="", started_at="2026-11-21T09:00:00+00:00", ended_at="", is_set_aside=False,
    )  # fmt: skip
    live.publish(replace(changed, progress_text=f"sent {time.time():.6f}"))


def _cookie() -> str:
    """The session of an operator who has shown the second step."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts import commands as accounts
    from accounts.queries import Role
    from accounts.tests.factories import UserFactory
    from accounts.tests.second_steps import give_app, sign_in_with_code

    person: Any = UserFactory(email="otto@bench.example", is_staff=True)
    accounts.grant_role(person=person, role=Role.OPERATOR, by=None, now=timezone.now())
    give_app(person)
    client = Client(headers={"host": "localhost"})
    sign_in_with_code(client, person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
