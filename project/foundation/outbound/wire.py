"""The sockets of a call. Every step, each byte of the answer included, gets only what is left of the call's time, and
where addresses are judged, the connection is made to the very one that was judged."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

import httpcore

Resolve = Callable[[str, int], Sequence[str]]
Judge = Callable[[Sequence[str]], None]

PIECE = 64 * 1024
"""Bytes that are written at once: the time left is looked at between pieces."""

_until: ContextVar[float] = ContextVar("outbound_until")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything in the block together may take so long, and not longer than a block around it."""
    until = time.monotonic() + seconds
    token = _until.set(min(until, _until.get(until)))
    try:
        yield
    finally:
        _until.reset(token)


def left() -> float:
    """Seconds until the end of the innermost block."""
    return _until.get() - time.monotonic()


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as this machine finds them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Network(httpcore.NetworkBackend):
    """Connects by address. `judge` sees all addresses of a name before one of them is dialled."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        judge: Judge | None = None,
        dial: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._resolve = resolve
        self._judge = judge
        self._dial = dial or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        if self._judge:
            self._judge(addresses)
        failed: Exception = httpcore.ConnectError("no address")
        for number, address in enumerate(addresses):
            share = _left(httpcore.ConnectTimeout) / (len(addresses) - number)
            try:
                return _Stream(self._dial.connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        if _is_address(host):
            return [host]
        # The system's look-up knows no time-out, so it is left behind when it takes too long; it ends by itself.
        found: Future[Sequence[str]] = Future()
        threading.Thread(target=self._look_up, args=(host, port, found), daemon=True).start()
        try:
            return found.result(timeout=_left(httpcore.ConnectTimeout))
        except TimeoutError:
            raise httpcore.ConnectTimeout("no address in time") from None
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(type(error).__name__) from None

    def _look_up(self, host: str, port: int, found: Future[Sequence[str]]) -> None:
        try:
            found.set_result(self._resolve(host, port))
        except Exception as error:
            found.set_exception(error)


class _Stream(httpcore.NetworkStream):
    """httpx limits the wait for each byte, not the sum of the waits; a service that drips would hold us for ever."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            self._inner.write(buffer[start : start + PIECE], _left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(error: type[httpcore.TimeoutException]) -> float:
    seconds = left()
    if seconds <= 0:
        raise error("the call has had its time")
    return seconds


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
