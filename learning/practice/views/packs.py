"""What the page of reviews takes along, so that the next card is there at once, also without a network."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template

from accounts.access import person_of
from learning.practice import queries
from learning.practice.rules.memory import Memory, Rating
from learning.practice.rules.queueing import note_of
from learning.practice.templatetags.practice import comes_back


def pack(request: HttpRequest, queue: queries.Queue, turns: Sequence[queries.Turn], now: datetime) -> dict[str, Any]:
    """Cards with both sides as the server draws them, for whom they are, and when they were taken from the queue."""
    front, back = (get_template(f"practice/_card.html#{side}") for side in ("front", "back"))
    return {
        "person": str(person_of(request).actor_id),
        "made": now.isoformat(),
        "done": queue.done_today,
        "total": queue.total,
        "cards": [
            {
                "id": str(each.card.pk),
                "kind": each.card.kind,
                "stage": each.card.stage,
                "family": each.card.term_id or each.card.technique_id or note_of(each.card.guid) or 0,
                "front": front.render({"face": each.face}, request),
                "back": back.render({"face": each.face}, request),
                "keys": _keys(each.keys, each.at),
                "then": {rating: _keys(memories, each.at + queries.SOON) for rating, memories in each.then.items()},
            }
            for each in turns
        ],
    }


def _keys(memories: Mapping[Rating, Memory], at: datetime) -> list[dict[str, Any]]:
    """For each key its words, and after how many seconds the card is asked again in this sitting (0: not at all)."""
    return [
        {
            "rating": int(rating),
            "label": comes_back(memory, memory.due_at - at),
            "soon": round((memory.due_at - at).total_seconds()) if queries.is_soon(memory, at) else 0,
        }
        for rating, memory in memories.items()
        if memory.due_at is not None
    ]
