"""What pages can listen to. Apps register their feeds when Django starts."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol


class Payload(Protocol):
    """A frozen dataclass of texts, numbers and booleans."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True)
class Visitor:
    """Whoever holds a socket open: the person (who may have been signed out since) and their session."""

    user: Any
    session: Any


@dataclass(frozen=True)
class Feed:
    """`may(visitor, key)` is asked when a page connects and again before anything is sent to it. `render(payload)`
    gives fragments with hx-swap-oob in the language that is active; what it gives must depend on the payload alone,
    since everybody in one language is sent the same. Pages about one thing connect with its key and hear only of
    payloads with that `key`; those without are told of all."""

    name: str
    of: Sequence[type[Any]]
    may: Callable[[Visitor, str], bool]
    render: Callable[[Any], str]


class NoSuchFeed(LookupError):
    """Nobody registered it."""


_feeds: dict[str, Feed] = {}
_payloads: dict[str, type[Any]] = {}


def register(new: Feed) -> None:
    _feeds[new.name] = new
    _payloads.update({each.__name__: each for each in new.of})


def feed(name: str) -> Feed:
    """Raises NoSuchFeed."""
    try:
        return _feeds[name]
    except KeyError:
        raise NoSuchFeed(name) from None


def groups_of(payload: Payload) -> list[str]:
    """The groups of the channel layer that are told of it."""
    key = getattr(payload, "key", "")
    return [group(type(payload)), *([group(type(payload), key)] if key else [])]


def group(of: type[Any], key: str = "") -> str:
    return f"live.{of.__name__}.{key}".rstrip(".")


def packed(payload: Payload) -> dict[str, Any]:
    return {"name": type(payload).__name__, "fields": asdict(payload)}


def unpacked(message: dict[str, Any]) -> Any:
    return _payloads[message["name"]](**message["fields"])
