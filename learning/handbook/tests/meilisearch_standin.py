"""A stand-in for Meilisearch on a real socket: the part of its HTTP interface that we use, and its bad days.

Follows the public reference of its API (indexes, documents, settings, tasks, federated multi-search). It finds
by whole words only: what is tested is how we speak with it, not how well it searches.
"""

import re
from collections import defaultdict
from typing import Any

from tests.standin import Request, StandIn


class Meilisearch(StandIn):
    def __init__(self) -> None:
        super().__init__()
        self.indices: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.settings: dict[str, dict[str, Any]] = {}

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.requests]

    @property
    def keys(self) -> set[str]:
        return {request.headers.get("Authorization", "") for request in self.requests}

    def answer(self, request: Request) -> Any:
        body = request.json
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["health"]:
                return {"status": "available"}
            case "GET", ["tasks"]:
                return {"results": []}
            case "POST", ["multi-search"]:
                return {"hits": self.find(body)[: body["federation"]["limit"]]}
            case "PATCH", ["indexes", index, "settings"]:
                self.settings[index] = body
            case "POST", ["indexes", index, "documents"] if request.query == {"primaryKey": ["id"]}:
                self.indices[index] |= {row["id"]: row for row in body}
            case "DELETE", ["indexes", index, "documents"]:
                self.indices[index].clear()
            case "POST", ["indexes", index, "documents", "delete"]:
                rows = self.indices[index]
                self.indices[index] = {key: row for key, row in rows.items() if not holds(body["filter"], row)}
            case _:
                return super().answer(request)
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
