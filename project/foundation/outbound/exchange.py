"""One question, one answer: what HTTP can do to us becomes one of our failures here, and nothing secret leaves."""

import logging
import os
import ssl
import weakref
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import httpcore
import httpx

from . import addresses, rules, wire
from .failures import Garbled, Kind, Refused, ServiceError, Throttled, Unavailable, UnsafeAddress

# They log whole addresses, in whose queries some services want their keys.
for noisy in ("httpx", "httpcore"):
    logging.getLogger(noisy).setLevel(logging.WARNING)

START = 300
"""Letters of a refusal that are kept."""

MOST_STRINGS = 1000
"""Strings of a body that are looked for in a refusal, which likes to repeat what it was sent."""


@dataclass(frozen=True)
class Ask:
    method: str
    url: str
    json: Any = None
    params: Mapping[str, str] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    expect: Collection[int] = ()

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


class Exchange:
    """The connections to a service. `largest` is how many bytes an answer may have, unpacked."""

    def __init__(
        self,
        name: str,
        *,
        network: wire.Network,
        largest: int,
        url: str = "",
        headers: Mapping[str, str] | None = None,
        verify: ssl.SSLContext | None = None,
        keep: bool = True,
    ) -> None:
        self.name = name
        self.largest = largest
        self.headers = dict(headers or {})
        self._url = url
        self._network = network
        self._verify = verify
        self._keep = 10 if keep else 0
        self._open: tuple[int, httpx.Client] | None = None

    def send(self, ask: Ask, *, seconds: float) -> Answer:
        """The answer, if it is a good one (2xx or expected). Raises ServiceError."""
        try:
            with wire.within(seconds), self._stream(ask, seconds) as response:
                return self._received(ask, response)
        except httpx.TimeoutException:
            raise Unavailable(self.name, "no answer in time", kind=Kind.TIMEOUT) from None
        except httpx.ConnectError as error:
            why = f"not reached ({type(error).__name__})"
            raise Unavailable(self.name, why, kind=Kind.UNREACHABLE) from None
        except httpx.DecodingError:
            raise Garbled(self.name, "packed in a way that cannot be unpacked", kind=Kind.GARBLED) from None
        except httpx.TransportError as error:
            why = f"the connection was cut ({type(error).__name__})"
            raise Unavailable(self.name, why, kind=Kind.CUT) from None
        except addresses.Unsafe as error:
            raise UnsafeAddress(self.name, str(error), kind=Kind.UNSAFE) from None

    def close(self) -> None:
        if self._open:
            self._open[1].close()
            self._open = None

    def _stream(self, ask: Ask, seconds: float) -> Any:
        return self._client.stream(
            ask.method,
            ask.url,
            json=ask.json,
            content=ask.content,
            params=ask.params,
            headers=dict(ask.headers),
            timeout=seconds,
        )

    @property
    def _client(self) -> httpx.Client:
        """Of this process: a worker that forked must not speak on the connections of its parent."""
        if self._open is None or self._open[0] != os.getpid():
            headers = {"User-Agent": "Dojang", "Accept-Encoding": "gzip"} | self.headers
            transport = _Transport(self._network, self._verify or httpx.create_ssl_context(trust_env=False), self._keep)
            client = httpx.Client(base_url=self._url, headers=headers, transport=transport, trust_env=False)
            weakref.finalize(self, client.close)  # connections end with the process at the latest
            self._open = os.getpid(), client
        return self._open[1]

    def _received(self, ask: Ask, response: httpx.Response) -> Answer:
        status = response.status_code
        if response.is_success or status in ask.expect:
            return Answer(status, response.headers, self._content(response))
        body = rules.redacted(_start(response), self._secrets(ask))[:START]
        why = f"status {status}: {body}" if body else f"status {status}"
        wait = rules.wait_asked_for(response.headers.get("Retry-After", ""), now=datetime.now(UTC))
        failure: type[ServiceError]
        match status:
            case 429:
                failure, kind = Throttled, Kind.THROTTLED
            case _ if status >= 500:
                failure, kind = Unavailable, Kind.BROKEN
            case _ if response.is_redirect:
                failure, kind = Refused, Kind.REDIRECTED
            case _:
                failure, kind = Refused, Kind.REFUSED
        raise failure(self.name, why, kind=kind, status=status, body=body, retry_after=wait)

    def _content(self, response: httpx.Response) -> bytes:
        """All of it, counted while it comes. Only gzip is unpacked: 64 KiB of it cannot become more than 64 MiB."""
        if response.headers.get("Content-Encoding", "identity").lower() not in {"identity", "gzip", "deflate"}:
            raise httpx.DecodingError("an encoding that was not asked for")
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > self.largest:
                why = f"an answer of more than {self.largest} bytes"
                raise Garbled(self.name, why, kind=Kind.TOO_LARGE, status=response.status_code)
        return bytes(content)

    def _secrets(self, ask: Ask) -> Iterator[str]:
        """Every piece that we sent and that a refusal could repeat: keys, what somebody looked for, what was saved."""
        base, asked = urlsplit(self._url), urlsplit(ask.url)
        told = [base.username or "", base.password or "", *(ask.params or {}).values()]
        told += [asked.netloc, asked.path, asked.query, *(value for _, value in parse_qsl(asked.query))]
        told += [each for each in asked.path.split("/") if asked.netloc or rules.pattern(each) != each]
        told += [
            piece for value in (*self.headers.values(), *ask.headers.values()) for piece in (value, *value.split())
        ]
        told += islice(_strings(ask.json), MOST_STRINGS)
        for each in told:
            yield from (each, quote(each), quote_plus(each))


class _Transport(httpx.HTTPTransport):
    """httpx's own with our sockets below it, and no proxy in between."""

    def __init__(self, network: wire.Network, verify: ssl.SSLContext, keep: int) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            max_connections=100,
            max_keepalive_connections=keep,
            keepalive_expiry=30,
            network_backend=network,
        )


def _start(response: httpx.Response) -> str:
    """What a refusal begins with; how it ends does not matter, nor that it breaks off."""
    start = b""
    try:
        for piece in response.iter_bytes():
            start += piece
            if len(start) > START * 8:
                break
    except httpx.HTTPError:
        pass
    return start[: START * 8].decode("utf-8", "replace")


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _strings(each)
        case list() | tuple():
            for each in value:
                yield from _strings(each)
