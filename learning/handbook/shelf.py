"""The shipped content: the only place that reads its YAML files. Every complaint names file and line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from .rules import entries

FOLDER = Path(__file__).parent / "content"


class Wrong(Exception):
    """The files hold mistakes; `complaints` are sentences with file and line."""

    def __init__(self, complaints: Sequence[str]) -> None:
        self.complaints = complaints
        super().__init__("\n".join(complaints))


def read(folder: Path = FOLDER) -> entries.Shelf:
    """Read and check everything. Raises Wrong with all mistakes at once."""
    complaints: list[str] = []

    def pile[Entry: BaseModel](pattern: str, shape: type[Entry]) -> list[Entry]:
        return _read(folder, pattern, shape, complaints)

    shelf = entries.Shelf(
        techniques=pile("techniques/*.yaml", entries.Technique),
        tuls=sorted(pile("tuls/*.yaml", entries.Tul), key=lambda tul: (tul.order, tul.slug)),
        syllabi=sorted(pile("syllabi/*.yaml", entries.Syllabus), key=lambda syllabus: -syllabus.belt),
        terms=_numbered(pile("glossary/*.yaml", entries.Term)),
        articles=sorted(pile("theory/*.yaml", entries.Article), key=lambda article: (article.topic, article.order)),
        questions=pile("questions/*.yaml", entries.Question),
        exercises=pile("exercises.yaml", entries.Exercise),
        plans=pile("plans/*.yaml", entries.Plan),
    )
    complaints += _twins(shelf)
    if not complaints:  # a file that could not be read would only look like many loose ends
        complaints += [f"{who}: {what}" for who, what in entries.loose_ends(shelf)]
    if complaints:
        raise Wrong(complaints)
    return shelf


def _numbered(terms: list[entries.Term]) -> list[entries.Term]:
    """Words keep the order of their file: one, two, three …"""
    return [term.model_copy(update={"place": place}) for place, term in enumerate(terms, start=1)]


def _twins(shelf: entries.Shelf) -> list[str]:
    piles = {name: [each.slug for each in pile] for name, pile in vars(shelf).items() if name != "syllabi"}
    piles["syllabi"] = [str(each.belt) for each in shelf.syllabi]
    return [
        f"{name}: {slug} stands there twice"
        for name, slugs in piles.items()
        for slug in sorted({slug for slug in slugs if slugs.count(slug) > 1})
    ]


def _read[Entry: BaseModel](folder: Path, pattern: str, shape: type[Entry], complaints: list[str]) -> list[Entry]:
    found: list[Entry] = []
    for file in sorted(folder.glob(pattern)):
        name = file.relative_to(folder)
        try:
            node = yaml.compose(file.read_text("utf-8"), yaml.CSafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            complaints.append(f"{name}:{mark.line + 1 if mark else '?'}: {getattr(error, 'problem', error)}")
            continue
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node] if node else []:
            try:
                found.append(shape.model_validate(yaml.CSafeLoader("").construct_document(part)))
            except ValidationError as error:
                complaints += [
                    f"{name}:{line_of(part, each['loc'])}: {'.'.join(map(str, each['loc']))} {each['msg']}".replace(
                        ": Value error,", ""
                    )
                    for each in error.errors()
                ]
    return found


def line_of(node: Any, path: tuple[int | str, ...]) -> int:
    """The line on which the thing at `path` (keys and indexes) stands, or its nearest known parent."""
    for step in path:
        match node:
            case yaml.MappingNode():
                inner = next((value for key, value in node.value if key.value == step), None)
            case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
                inner = node.value[step]
            case _:
                inner = None
        if inner is None:
            break
        node = inner
    return int(node.start_mark.line) + 1
