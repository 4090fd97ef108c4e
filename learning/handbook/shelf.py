"""The shipped content: the only place that reads its YAML files. Every complaint names file and line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from .rules import entries

FOLDER = Path(__file__).parent / "content"


@dataclass(frozen=True)
class Shelf:
    techniques: Sequence[entries.Technique]
    tuls: Sequence[entries.Tul]
    syllabi: Sequence[entries.Syllabus]


class Wrong(Exception):
    """The files hold mistakes; `complaints` are sentences with file and line."""

    def __init__(self, complaints: Sequence[str]) -> None:
        self.complaints = complaints
        super().__init__("\n".join(complaints))


def read(folder: Path = FOLDER) -> Shelf:
    """Read and check everything. Raises Wrong with all mistakes at once."""
    complaints: list[str] = []
    techniques = _read(folder, "techniques/*.yaml", entries.Technique, complaints)
    tuls = _read(folder, "tuls/*.yaml", entries.Tul, complaints)
    syllabi = _read(folder, "syllabi/*.yaml", entries.Syllabus, complaints)
    by_slug = {each.slug: each for each in techniques}
    if len(by_slug) != len(techniques):
        slugs = [each.slug for each in techniques]
        complaints += [f"techniques: {slug} stands there twice" for slug in by_slug if slugs.count(slug) > 1]
    if not complaints:  # a file that could not be read would only look like many loose ends
        complaints += [f"{who}: {what}" for who, what in entries.loose_ends(by_slug, tuls, syllabi)]
    if complaints:
        raise Wrong(complaints)
    return Shelf(
        techniques,
        sorted(tuls, key=lambda tul: (tul.order, tul.slug)),
        sorted(syllabi, key=lambda syllabus: -syllabus.belt),
    )


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
                    f"{name}:{_line(part, each['loc'])}: {'.'.join(map(str, each['loc']))} {each['msg']}".replace(
                        ": Value error,", ""
                    )
                    for each in error.errors()
                ]
    return found


def _line(node: Any, path: tuple[int | str, ...]) -> int:
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
