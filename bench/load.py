"""Clients that ask one address as often as they can, for a while, over connections that stay open."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True)
class Load:
    """What came of it. Times in milliseconds."""

    clients: int
    per_second: float
    median: float
    p95: float
    status: int
    body: bytes


def ask(url: str, *, clients: int, seconds: float, headers: Mapping[str, str] | None = None) -> Load:
    """Ask `url` (http://host:port/path) with so many clients for so many seconds, after a short warm-up."""
    return asyncio.run(_ask(url, clients, seconds, headers or {}))


async def _ask(url: str, clients: int, seconds: float, headers: Mapping[str, str]) -> Load:
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    lines = [f"GET /{path} HTTP/1.1", f"Host: {host}", *(f"{key}: {value}" for key, value in headers.items())]
    request = "\r\n".join([*lines, "", ""]).encode()
    times: list[float] = []
    last: tuple[int, bytes] = (0, b"")
    begin = time.perf_counter() + max(1.0, seconds / 4)
    end = begin + seconds

    async def client(number: int) -> None:
        nonlocal last
        await asyncio.sleep(number * 0.005)  # all at once would all be accepted by the same process
        reader, writer = await asyncio.open_connection(name, int(port))
        while (started := time.perf_counter()) < end:
            writer.write(request)
            last = await _answer(reader)
            if started >= begin:
                times.append((time.perf_counter() - started) * 1000)
        writer.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    cuts = quantiles(times, n=100)
    return Load(clients, len(times) / seconds, cuts[49], cuts[94], *last)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    return status, await reader.readexactly(length) if length and status != 304 else b""
