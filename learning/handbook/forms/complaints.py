"""What pydantic and the rules say about a wrong entry, in plain words and with the place where it stands."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import ValidationError

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Complaint:
    """`path` leads to what is wrong, as in the entry: names of fields and indexes from 0."""

    path: Path
    sentence: str


def complaints(refused: ValidationError) -> list[Complaint]:
    return [_complaint(error) for error in refused.errors()]


def not_there(missing: Sequence[str], entry: Mapping[str, Any]) -> list[Complaint]:
    """Where an entry names what the handbook does not have (NoSuchReference)."""
    return [
        Complaint(path, _("The handbook has nothing called %(name)s.") % {"name": slug})
        for slug in missing
        for path in _mentions(entry, slug)
    ]


_REFERENCES = {"ready", "stance", "technique", "techniques", "tuls"}


def _mentions(value: Any, slug: str, path: Path = ()) -> list[Path]:
    match value:
        case dict():
            return [found for name, each in value.items() for found in _mentions(each, slug, (*path, name))]
        case list() | tuple():
            return [found for place, each in enumerate(value) for found in _mentions(each, slug, (*path, place))]
        case _:
            named = next((part for part in reversed(path) if isinstance(part, str)), "")
            return [path] if value == slug and named in _REFERENCES else []


def _complaint(error: Any) -> Complaint:
    path, limits = tuple(error["loc"]), error.get("ctx", {})
    if error["type"] == "value_error":
        return _of_a_rule(path, str(limits["error"]))
    say = _SENTENCES.get(error["type"])
    return Complaint(path, say(limits) if say else error["msg"])


def _of_a_rule(path: Path, said: str) -> Complaint:
    for pattern, found in _RULES:
        if match := re.fullmatch(pattern, said):
            where, sentence = found(match)
            return Complaint((*path, *where), sentence)
    return Complaint(path, said)


def _too_long(limits: Mapping[str, Any]) -> str:
    most = limits["max_length"]
    return ngettext("Too long: at most %(most)s letter.", "Too long: at most %(most)s letters.", most) % {"most": most}


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _limits: _("This is needed."),
    "string_too_short": lambda _limits: _("This is needed."),
    "too_short": lambda _limits: _("At least one is needed."),
    "string_too_long": _too_long,
    "string_pattern_mismatch": lambda _limits: _("Only small letters a to z, digits, and single hyphens between them."),
    "literal_error": lambda limits: _("This has to be one of %(choices)s.") % {"choices": limits["expected"]},
    "extra_forbidden": lambda _limits: _("There is no field of this name."),
    "greater_than_equal": lambda limits: _("This has to be %(least)s or more.") % {"least": limits["ge"]},
    "less_than_equal": lambda limits: _("This has to be %(most)s or less.") % {"most": limits["le"]},
    "less_than": lambda limits: _("This has to be less than %(most)s.") % {"most": limits["lt"]},
    "string_type": lambda _limits: _("This has to be words; put them in quotation marks."),
    "int_parsing": lambda _limits: _("This has to be a whole number."),
    "int_type": lambda _limits: _("This has to be a whole number."),
    "float_parsing": lambda _limits: _("This has to be a number."),
    "float_type": lambda _limits: _("This has to be a number."),
    "bool_parsing": lambda _limits: _("This has to be true or false."),
    "bool_type": lambda _limits: _("This has to be true or false."),
    "model_type": lambda _limits: _("Here fields with names are needed, as in {name: value}."),
    "is_instance_of": lambda _limits: _("This has to be a list: every item begins with a dash."),
    "list_type": lambda _limits: _("This has to be a list: every item begins with a dash."),
}


def _floor(match: re.Match[str]) -> tuple[Path, str]:
    """The feet of one step cannot do what it says (rules/floor.py)."""
    place, why = int(match[1]) - 1, match[2]
    if found := re.fullmatch(r"the floor does not know the stance (.+)", why):
        sentence = _("The floor does not know the stance %(stance)s.") % {"stance": found[1]}
    elif found := re.fullmatch(r"(\S+) needs a side", why):
        sentence = _("The stance %(stance)s needs its side (stance_side).") % {"stance": found[1]}
    elif found := re.fullmatch(r"the (\w+) foot is said to move to (\w+) but ends ([\d.]+) the other way", why):
        facts = {"foot": found[1], "to": found[2], "by": found[3]}
        sentence = _("The foot (%(foot)s) is said to move to %(to)s but ends %(by)s the other way.") % facts
    elif why.startswith("every move but the last"):
        sentence = _("Every move but the last says how far from the other foot it ends (by).")
    else:
        sentence = _("A slide or jump with both feet says where to and how far (to, by).")
    return ("steps", place), sentence


def _count(match: re.Match[str]) -> tuple[Path, str]:
    facts = {"steps": match[1], "movements": match[2]}
    return ("steps",), _("There are %(steps)s steps for %(movements)s movements.") % facts


def _end(match: re.Match[str]) -> tuple[Path, str]:
    where = {"where": match[1]}
    if match[2]:
        return ("steps",), _("The steps end at %(where)s, which is not where they begin.") % where
    return ("ends_at_start",), _("The steps do end where they begin (%(where)s).") % where


_RULES: Sequence[tuple[str, Callable[[re.Match[str]], tuple[Path, str]]]] = [
    (r"is not written in Hangul", lambda _match: ((), _("This has to be written in Hangul."))),
    (r"has (\d+) steps for (\d+) movements", _count),
    (r"has steps but .*", lambda _match: (("closing", "foot"), _("With steps, the foot that closes is needed."))),
    (r"step 1 cannot share .*", lambda _match: (("steps", 0), _("The first step cannot share a count."))),
    (r"two steps have the same key", lambda _match: (("steps",), _("Two steps have the same key."))),
    (r"ends at \((.+?)\), which is (not )?where it begins", _end),
    (r"step (\d+): (.+)", _floor),
    (r"names (.+) twice", lambda match: (("techniques",), _("%(names)s stands there twice.") % {"names": match[1]})),
]
