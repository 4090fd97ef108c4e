"""Training plans that people write themselves: what they may hold, and what of a text stays in other languages."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

from project.foundation.texts import in_language

MOST_PLANS = 50
"""Of one holder: a person or a club."""
MOST_BLOCKS = 12
MOST_ITEMS = 20
"""In one block."""
LONGEST = 3 * 3600
"""Seconds of a whole plan, rests and rounds included."""
MOST_GOES = 300
"""How often something is begun, all rounds counted: what a timer can show as one list."""


@dataclass(frozen=True)
class Item:
    """What is done in one go: its kind (exercise, technique, tul) and slug; `work` and `rest` in seconds."""

    kind: str
    slug: str
    work: int
    rest: int


@dataclass(frozen=True)
class Block:
    name: str
    rounds: int
    items: Sequence[Item]


@dataclass(frozen=True)
class Draft:
    """A plan as somebody has typed it, in one language. The goal may be empty."""

    name: str
    goal: str
    belt: int
    blocks: Sequence[Block]


class Refusal(StrEnum):
    """Why a plan cannot be kept as it is typed."""

    NO_BLOCKS = "no_blocks"
    TOO_MANY_BLOCKS = "too_many_blocks"
    EMPTY_BLOCK = "empty_block"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_LONG = "too_long"
    TOO_MANY_GOES = "too_many_goes"


def refusals(draft: Draft) -> list[tuple[Refusal, int | None]]:
    """Everything that is wrong with the whole, with the number of the block (from 0) that it is about."""
    found: list[tuple[Refusal, int | None]] = []
    if not draft.blocks:
        found.append((Refusal.NO_BLOCKS, None))
    if len(draft.blocks) > MOST_BLOCKS:
        found.append((Refusal.TOO_MANY_BLOCKS, None))
    for number, block in enumerate(draft.blocks):
        if not block.items:
            found.append((Refusal.EMPTY_BLOCK, number))
        if len(block.items) > MOST_ITEMS:
            found.append((Refusal.TOO_MANY_ITEMS, number))
    if seconds(draft) > LONGEST:
        found.append((Refusal.TOO_LONG, None))
    if sum(block.rounds * len(block.items) for block in draft.blocks) > MOST_GOES:
        found.append((Refusal.TOO_MANY_GOES, None))
    return found


def seconds(draft: Draft) -> int:
    """How long it takes; the rest after the very last item is not waited for."""
    every = [item for block in draft.blocks for item in list(block.items) * block.rounds]
    return sum(item.work + item.rest for item in every) - (every[-1].rest if every else 0)


def in_languages(typed: str, *, language: str, before: Sequence[Mapping[str, str]] = ()) -> dict[str, str]:
    """A typed text as it is kept. Who leaves a text as they saw it leaves its other languages too.

    `before` are the texts that stood there: the first that reads the same in `language` stays whole. What is typed
    anew is in one language, and the translations of what was there before are gone with it.
    """
    for text in before:
        shown = in_language(text, language)
        if shown and shown.text == typed:
            return dict(text)
    return {language: typed} if typed else {}


def mark(draft: Draft) -> str:
    """The same for plans that read the same: who began to write with another one is told."""
    return hashlib.sha256(json.dumps(astuple(draft)).encode()).hexdigest()[:16]
