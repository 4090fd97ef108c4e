"""In which order the cards of a deck are met."""

from collections.abc import Iterable, Sequence


def evenly[T](groups: Iterable[Sequence[T]]) -> list[T]:
    """Everything of all groups, spread so that each group begins and ends together with the others and keeps its own
    order: whoever meets ten new cards a day meets some of each every day."""
    placed = [
        ((place + 0.5) / len(group), number, each)
        for number, group in enumerate(groups)
        for place, each in enumerate(group)
    ]
    return [each for _, _, each in sorted(placed, key=lambda row: row[:2])]
