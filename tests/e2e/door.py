"""A door before the hall: it can be shut, let go of an answer that the hall has given, or change what is read."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te", "trailer"}


class Door(ThreadingHTTPServer):
    """On its own port of localhost, so for a browser it is the hall itself, its service worker included."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.behind = urlsplit(behind)
        self.url = f"http://localhost:{self.server_port}"
        self.is_shut = False
        self.is_asleep = False
        """Takes whatever is asked and does not answer, until it is woken."""
        self.cuts: Callable[[str, str], bool] = lambda method, path: False
        """Of these requests (method, path) the hall's answer is thrown away once the hall has given it."""
        self.refuses: Callable[[str, bytes], int] = lambda path, body: 0
        """With this status, and a page that is not the hall's, instead of asking the hall."""
        self.rewrites: Callable[[str, bytes], bytes] = lambda path, body: body
        self.passed: list[tuple[str, str, bytes]] = []
        """What went through to the hall: method, path, body."""

    def asked(self, path: str, method: str = "POST") -> list[bytes]:
        return [body for each, where, body in self.passed if (each, where) == (method, path)]


class Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Door

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.is_shut:
            self.close_connection = True
            self.connection.close()
            return
        while self.server.is_asleep:
            time.sleep(0.05)
        path = urlsplit(self.path).path
        if status := self.server.refuses(path, body):
            self.send_response_only(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.server.passed.append((self.command, path, body))
        there = http.client.HTTPConnection(self.server.behind.hostname, self.server.behind.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        there.request(self.command, self.path, body or None, headers | {"Accept-Encoding": "identity"})
        answer = there.getresponse()
        content = answer.read()
        there.close()
        if self.server.is_shut or self.server.cuts(self.command, path):
            self.close_connection = True
            self.connection.close()
            return
        content = self.server.rewrites(path, content)
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = _pass  # noqa: N815 - http.server looks for these names

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(ConnectionError, ValueError):  # the browser, or the door, let go
            super().handle()


@contextmanager
def opened(behind: str) -> Iterator[Door]:
    door = Door(behind)
    thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield door
    door.shutdown()
    door.server_close()
    thread.join()
