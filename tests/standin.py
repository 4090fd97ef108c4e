"""A stand-in for other people's services: a real server on a real socket that says what a test wants, and breaks in
every way that a service can break.

    def test_…(stand_in):
        stand_in.on("GET", "/title/{id}", {"id": 278, "title": "…"})
        stand_in.fault = "truncated"
        … Service("Films", url=stand_in.url, …)
        assert stand_in.requests[0].query == {"language": ["pl"]}

`FAULTS` are all of them, for `@pytest.mark.parametrize("fault", FAULTS)`.
"""

import json
import os
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PATIENCE = 15
"""Seconds after which what has no end has one, so that a client without a deadline fails its test and does not hang."""

STATUSES = {
    "401": 401,
    "403": 403,
    "404": 404,
    "422": 422,
    "429": 429,
    "429 with Retry-After": 429,
    "500": 500,
    "503": 503,
}
"""Faults that are a status with an error in JSON as its body."""

BROKEN = {
    "refused": "nobody listens any more",
    "silent": "takes the request and says nothing",
    "dripping": "a byte now and then, without end",
    "slow header": "the same within the headers",
    "hung up": "closes without a word",
    "cut": "half an answer, then the connection is reset",
    "longer length": "half an answer of the promised length, then the end",
    "nonsense": "what is not HTTP",
}
"""Faults of the connection."""

UNREADABLE = {
    "truncated": "half a JSON document, complete as HTTP",
    "shorter length": "a promised length that cuts the document",
    "not JSON": "a page of HTML with status 200",
    "not text": "bytes that are no UTF-8",
    "empty": "status 200 and nothing else",
    "too large": "more than anybody wants, without end",
    "badly packed": "says gzip and is not",
    "redirect": "the answer is elsewhere",
}
"""Faults of the answer."""

MISSHAPEN: dict[str, Callable[[Any], Any]] = {
    "missing fields": lambda value: {},
    "null fields": lambda value: dict.fromkeys(value) if isinstance(value, dict) else None,
    "wrong types": lambda value: (
        {name: _of_another_type(each) for name, each in value.items()} if isinstance(value, dict) else "text"
    ),
    "a list": lambda value: [value],
    "a number": lambda value: 7,
    "null": lambda value: None,
}
"""Faults of the content, made of the right answer."""

HARMLESS: dict[str, Callable[[Any], Any]] = {
    "extra fields": lambda value: value | {"unheard_of": {"deep": [1]}} if isinstance(value, dict) else value,
}
"""What looks like a fault, and a good client does not mind."""

FAULTS = [*STATUSES, *BROKEN, *UNREADABLE, *MISSHAPEN, *HARMLESS]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    port: int  # of whoever asks: the same on the same connection
    names: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Reply:
    """An answer that is more than JSON with status 200."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Any]


class StandIn:
    """`fault` is one of FAULTS or "", and holds until it is changed; `faults` are for the next requests, one each,
    before it. `retry_after` is what "429 with Retry-After" says. `wake` ends everything that is silent or drips."""

    def __init__(self) -> None:
        self.url = ""
        self.fault = ""
        self.faults: list[str] = []
        self.retry_after = "1"
        self.refusal: Any = {"error": "the stand-in does not want to"}
        self.requests: list[Request] = []
        self.sent = 0  # bytes of the answer that is too large
        self.wake = threading.Event()
        self._answers: list[tuple[str, re.Pattern[str], Any]] = []

    def on(self, method: str, path: str, answer: Any) -> None:
        """Answer with JSON, a Reply, or what a function of the Request gives. `{name}` stands for one piece of a path.
        What is said later comes first."""
        pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
        self._answers.insert(0, (method, pattern, answer))

    def answer(self, request: Request) -> Any:
        """What to say when all is well; stand-ins of one service with a mind of their own override this."""
        for method, pattern, answer in self._answers:
            if method == request.method and (found := pattern.fullmatch(request.path)):
                names = {name: unquote(piece) for name, piece in found.groupdict().items()}
                known = Request(**(vars(request) | {"names": names}))
                return answer(known) if callable(answer) else answer
        return Reply({"error": f"the stand-in knows no {request.method} {request.path}"}, 501)

    def next_fault(self) -> str:
        return self.faults.pop(0) if self.faults else self.fault


@contextmanager
def opened[Kind: StandIn](stand_in: Kind, *, tls: ssl.SSLContext | None = None) -> Iterator[Kind]:
    """Runs until the end of the block, with its address in `url`."""
    server = _Server(stand_in)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    stand_in.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.wake.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: Any) -> None:
        """A client that stopped listening is what is being tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_any(self) -> None:
        stand_in = self.server.stand_in
        request = self._request()
        stand_in.requests.append(request)
        fault = stand_in.next_fault()
        if fault in STATUSES:
            retry = {"Retry-After": stand_in.retry_after} if fault.endswith("Retry-After") else {}
            self._say(Reply(stand_in.refusal, STATUSES[fault], retry))
        elif fault in BROKEN or fault in UNREADABLE:
            getattr(self, "_" + fault.replace(" ", "_").lower())(_document(self._well(request)))
        elif spoil := (MISSHAPEN | HARMLESS).get(fault):
            reply = self._well(request)
            self._say(Reply(spoil(reply.body), reply.status, reply.headers))
        else:
            assert not fault, f"there is no fault {fault}"
            self._say(self._well(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - as http.server asks

    def log_message(self, *_: Any) -> None: ...

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Request(
            self.command, parts.path, parse_qs(parts.query), dict(self.headers.items()), body, self.client_address[1]
        )

    def _well(self, request: Request) -> Reply:
        answer = self.server.stand_in.answer(request)
        return answer if isinstance(answer, Reply) else Reply(answer)

    def _say(self, reply: Reply) -> None:
        self._send(_document(reply), status=reply.status, headers=dict(reply.headers))

    def _send(self, content: bytes, *, status: int = 200, length: int | None = None, headers: Any = None) -> None:
        """With a length of -1 the answer ends with the connection."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if length != -1:
            self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    # --- Faults of the connection

    def _refused(self, _: bytes) -> None:
        """Whoever still has a connection loses it, and nobody gets another."""
        self.server.socket.close()
        self.close_connection = True

    def _silent(self, _: bytes) -> None:
        self.server.stand_in.wake.wait(PATIENCE)
        self.close_connection = True

    def _dripping(self, _: bytes) -> None:
        self._send(b"", length=100_000)
        self._drip(b" ")

    def _slow_header(self, _: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self._drip(b"x")

    def _drip(self, byte: bytes) -> None:
        self.close_connection = True
        until = time.monotonic() + PATIENCE
        while not self.server.stand_in.wake.wait(0.05) and time.monotonic() < until:
            self.wfile.write(byte)

    def _hung_up(self, _: bytes) -> None:
        self.close_connection = True

    def _cut(self, document: bytes) -> None:
        self._send(document[: len(document) // 2], length=len(document) + 1)
        self.wfile.flush()
        # Lingering for no time resets the connection instead of ending it.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        os.close(self.connection.detach())

    def _longer_length(self, document: bytes) -> None:
        self._send(document, length=len(document) + 100)
        self.close_connection = True

    def _nonsense(self, _: bytes) -> None:
        self.wfile.write(b"220 mail.example ESMTP\r\n\r\n")
        self.close_connection = True

    # --- Faults of the answer

    def _truncated(self, document: bytes) -> None:
        self._send(document[: max(len(document) // 2, 1)])

    def _shorter_length(self, document: bytes) -> None:
        self._send(document, length=max(len(document) // 2, 1))
        self.close_connection = True

    def _not_json(self, _: bytes) -> None:
        self._send(b"<!doctype html><title>Welcome</title>")

    def _not_text(self, _: bytes) -> None:
        self._send(b'{"name": "\xff\xfe\xfa"}')

    def _empty(self, _: bytes) -> None:
        self._send(b"")

    def _too_large(self, _: bytes) -> None:
        self.close_connection = True
        self._send(b'["', length=-1)
        with suppress(OSError):
            while not self.server.stand_in.wake.is_set():
                self.server.stand_in.sent += self.wfile.write(b"large " * 10_000)

    def _badly_packed(self, document: bytes) -> None:
        self._send(document, headers={"Content-Encoding": "gzip"})

    def _redirect(self, _: bytes) -> None:
        self._send(b"", status=302, headers={"Location": f"{self.server.stand_in.url}/elsewhere"})


def _document(reply: Reply) -> bytes:
    return reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body, ensure_ascii=False).encode()


def _of_another_type(value: Any) -> Any:
    match value:
        case bool() | int() | float():
            return "seven"
        case str() | None:
            return [7]
        case _:
            return "text"
