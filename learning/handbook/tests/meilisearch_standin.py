"""A stand-in for Meilisearch on a real socket: the part of its HTTP interface that we use, and its bad days.

Follows the public reference of its API (indexes, documents, settings, tasks, federated multi-search). It finds
by whole words only: what is tested is how we speak with it, not how well it searches.
"""

import json
import re
import threading
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class StandIn:
    """`mood` is well, refusing (500), babbling (not JSON), silent (says nothing until `wake` is set) or dripping."""

    def __init__(self) -> None:
        self.mood = "well"
        self.wake = threading.Event()
        self.indices: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.settings: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.keys: set[str] = set()

    def answer(self, method: str, path: str, body: Any) -> Any:
        match method, path.strip("/").split("/"):
            case "GET", ["health"]:
                return {"status": "available"}
            case "GET", ["tasks"]:
                return {"results": []}
            case "POST", ["multi-search"]:
                return {"hits": self.find(body)[: body["federation"]["limit"]]}
            case "PATCH", ["indexes", index, "settings"]:
                self.settings[index] = body
            case "POST", ["indexes", index, "documents"]:
                self.indices[index] |= {row["id"]: row for row in body}
            case "DELETE", ["indexes", index, "documents"]:
                self.indices[index].clear()
            case "POST", ["indexes", index, "documents", "delete"]:
                rows = self.indices[index]
                self.indices[index] = {key: row for key, row in rows.items() if not holds(body["filter"], row)}
            case _:
                raise AssertionError(f"Meilisearch knows no {method} {path}")
        return {"taskUid": 1, "status": "enqueued"}

    def find(self, body: Any) -> list[dict[str, str]]:
        return [
            {"id": row["id"]}
            for query in body["queries"]
            for row in self.indices[query["indexUid"]].values()
            if all(holds(each, row) for each in query["filter"])
            and set(query["q"].casefold().split()) <= set(" ".join([*row["title"], *row["names"]]).casefold().split())
        ]


def holds(condition: str, row: dict[str, Any]) -> bool:
    """The grammar of filters, as far as we use it."""
    return any(_holds(each.strip("( )"), row) for each in condition.split(" OR "))


def _holds(condition: str, row: dict[str, Any]) -> bool:
    if condition.endswith(" IS NULL"):
        return row[condition.removesuffix(" IS NULL")] is None
    found = re.fullmatch(r'(\w+) (<=|>=|>|=) ("?)([^"]*)\3', condition)
    assert found, condition
    name, sign, quote, value = found.groups()
    held, wanted = row[name], value if quote else float(value)
    if held is None:
        return False
    return {"<=": held <= wanted, ">=": held >= wanted, ">": held > wanted, "=": held == wanted}[sign]


@contextmanager
def meilisearch():
    """Gives the stand-in and its address."""
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            path = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            stand_in.asked.append((self.command, path.path))
            stand_in.keys.add(self.headers.get("Authorization", ""))
            assert path.path != "/indexes/x/documents" or parse_qs(path.query)["primaryKey"] == ["id"]
            if stand_in.mood == "silent":
                stand_in.wake.wait(10)
            if stand_in.mood == "refusing":
                self.say(500, b"{}")
            elif stand_in.mood == "babbling":
                self.say(200, b"<html>")
            elif stand_in.mood == "dripping":
                self.drip()
            else:
                self.say(200, json.dumps(stand_in.answer(self.command, path.path, body)).encode())

        def say(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def drip(self) -> None:
            """A byte now and then: no single wait is long, and the answer never ends."""
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            while not stand_in.wake.wait(0.05):
                self.wfile.write(b" ")

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 - as http.server asks

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # a client that stopped listening is what is being tested
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand_in, f"http://127.0.0.1:{server.server_port}"
    finally:
        stand_in.wake.set()
        server.shutdown()
        server.server_close()
