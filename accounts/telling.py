"""What people can be told, registered by whoever tells it (an app, in its AppConfig.ready):

`telling.register("grading_result", topic="belts", template="accounts/notices/grading_result")`

The template's folder holds `subject.txt`, `body.txt` (mail), `push.txt` and `line.html` (the list of notices).
`context(person=…, facts=…)` turns the ids of a notice into what the templates need, when it is told and not before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Context = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True)
class Kind:
    """`topic` is what people switch on and off; what `must` be told has no switch (money, safety)."""

    name: str
    topic: str
    template: str
    context: Context
    must: bool = False


_kinds: dict[str, Kind] = {}


def _as_they_are(*, person: Any, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return facts


def register(name: str, *, topic: str, template: str, context: Context = _as_they_are, must: bool = False) -> None:
    _kinds[name] = Kind(name, topic, template, context, must)


def kind(name: str) -> Kind:
    """Raises LookupError for what nobody has registered."""
    return _kinds[name]


def topics() -> list[str]:
    """What can be switched, in the order of registration."""
    return list(dict.fromkeys(each.topic for each in _kinds.values() if not each.must))
