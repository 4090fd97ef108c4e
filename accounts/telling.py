"""What people can be told, registered by whoever tells it (an app, in its AppConfig.ready):

`telling.name_topic("practice", title=_("Practice"), note=_("What is due today."))`
`telling.register("reviews_due", topic="practice", template="practice/notices/reviews_due", path="/reviews/")`

The template's folder holds `subject.txt`, `body.txt` (mail) and `push.txt`, which is also the line in the list of
notices where there is no `line.html`. They are given `about`: what `contexts` made of the ids of a notice when it is
told or read, and not before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]
Contexts = Callable[..., Sequence[Mapping[str, Any] | None]]
"""`contexts(person=…, facts=[…])` gives what `about` is for each of these facts, all of them in the same few queries;
None where that is gone which the notice was about: then nobody is told."""


@dataclass(frozen=True)
class Topic:
    """What people switch on and off."""

    name: str
    title: Any
    note: Any


@dataclass(frozen=True)
class Kind:
    """What `must` be told goes by mail whatever somebody has switched off (money, safety).

    `path` is where it leads in the hall; names in braces stand for facts.
    """

    name: str
    topic: str
    template: str
    contexts: Contexts
    path: str
    must: bool

    def leads_to(self, facts: Facts) -> str:
        """The path, or "" when the facts do not say all of it."""
        try:
            return self.path.format(**facts)
        except LookupError:
            return ""


_kinds: dict[str, Kind] = {}
_topics: dict[str, Topic] = {}


def _as_they_are(*, person: Any, facts: Sequence[Facts]) -> Sequence[Facts]:
    return facts


def register(
    name: str, *, topic: str, template: str, contexts: Contexts = _as_they_are, path: str = "", must: bool = False
) -> None:
    _kinds[name] = Kind(name, topic, template, contexts, path, must)


def name_topic(name: str, *, title: Any, note: Any) -> None:
    """The words of a topic (lazily translated); topics are shown in the order in which they were named."""
    _topics[name] = Topic(name, title, note)


def kind(name: str) -> Kind:
    """Raises LookupError for what nobody has registered."""
    return _kinds[name]


def find(name: str) -> Kind | None:
    """The kind of a notice that was written by an older or a newer hall may be unknown here."""
    return _kinds.get(name)


def kinds() -> list[Kind]:
    return list(_kinds.values())


def topics() -> list[Topic]:
    return list(_topics.values())


def topic(name: str) -> Topic:
    """Raises LookupError for what nobody has named."""
    return _topics[name]


def has_mail_switch(topic: str) -> bool:
    """Whether anything of a topic may be left out of the mail."""
    return any(each.topic == topic and not each.must for each in _kinds.values())
