"""Lists of things that hold things (the steps of a tul, the theory of a grading) as the YAML of the shipped content."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from django.utils.translation import gettext as _

from learning.handbook import shelf

from .labels import LANGUAGES

DEEPEST = 12
"""How many brackets and dashes may stand inside each other; the content needs five."""


_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
"""What YAML can spell with a backslash and PostgreSQL refuses."""


class Unreadable(Exception):
    """The text is no list in YAML: the line, counted from 1, and what is wrong there."""

    def __init__(self, line: int, why: str) -> None:
        self.line, self.why = line, why
        super().__init__(f"{line}: {why}")


class Passage:
    """What was read, with the lines on which things stand."""

    def __init__(self, items: Sequence[Any], node: yaml.Node | None) -> None:
        self.items, self._node = items, node

    def line_of(self, path: tuple[int | str, ...]) -> int:
        return shelf.line_of(self._node, path) if self._node else 1


def read(text: str) -> Passage:
    """Raises Unreadable."""
    try:
        _check(text)
        node = yaml.compose(text, yaml.CSafeLoader)
        if node is None:
            return Passage([], None)
        _refuse_twins(node)
        items = yaml.CSafeLoader("").construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        raise Unreadable(mark.line + 1 if mark else 1, _yaml_says(error)) from None
    except ValueError as error:  # a date that no calendar has
        raise Unreadable(1, str(error)) from None
    if not isinstance(items, list):
        raise Unreadable(1, _("This has to be a list: every item begins with a dash."))
    return Passage(items, node)


def written(items: Sequence[Mapping[str, Any]]) -> str:
    """Items as people write them: a line for each field, what is inside a field in brackets. Keys come first."""
    rows = [{name: _inline(row[name]) for name in sorted(row, key=lambda each: each != "key")} for row in items]
    return yaml.dump(rows, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**20) if rows else ""


class _Row(dict[str, Any]):
    """A mapping that is written in brackets."""


class _List(list[Any]):
    """A list that is written in brackets."""


class _Dumper(yaml.SafeDumper):
    pass


_MAP, _SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
_Dumper.add_representer(_Row, lambda dumper, row: dumper.represent_mapping(_MAP, row, flow_style=True))
_Dumper.add_representer(_List, lambda dumper, row: dumper.represent_sequence(_SEQUENCE, row, flow_style=True))


def _inline(value: Any) -> Any:
    match value:
        case {"en": _english}:  # the handbook's own files have Polish first
            return _Row({name: value[name] for name in LANGUAGES if name in value})
        case dict():
            return _Row({name: _inline(each) for name, each in value.items()})
        case list():
            return _List(map(_inline, value))
        case _:
            return value


def _check(text: str) -> None:
    """Read the events only: what points back at itself, or goes too deep, would grow without bounds when built."""
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(line, _("Write it out; references with & and * are not known here."))
        if isinstance(event, yaml.ScalarEvent) and _UNWRITABLE.search(event.value):
            raise Unreadable(line, _("There is a character here that cannot be stored."))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Unreadable(line, _("Too many brackets or dashes inside each other."))


def _refuse_twins(node: yaml.Node) -> None:
    """YAML would quietly keep the last of two fields of one name."""
    if isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            if str(key.value) in names:
                raise Unreadable(key.start_mark.line + 1, _("“%(name)s” stands there twice.") % {"name": key.value})
            names.add(str(key.value))
            _refuse_twins(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            _refuse_twins(each)


def _yaml_says(error: yaml.YAMLError) -> str:
    return _("This cannot be read as YAML: %(problem)s.") % {"problem": getattr(error, "problem", None) or str(error)}
