"""Named slots in pages: a lower floor leaves a place, an upper floor fills it, and no import goes up.

In the template of a technique: `{% panels "technique.actions" technique %}`.
In practice/apps.py, when Django starts:
`panels.register("technique.actions", template="practice/_practise_this.html", context=queries.practise_this)`
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Context = Callable[..., Mapping[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    slot: str
    template: str
    context: Context
    order: int


_panels: dict[str, list[Panel]] = {}


def register(slot: str, *, template: str, context: Context, order: int = 100) -> None:
    """Fill a slot. `context(viewer=…, object=…)` gives what the template needs, or None to show nothing."""
    panel = Panel(slot, template, context, order)
    filled = _panels.setdefault(slot, [])
    if panel not in filled:
        filled.append(panel)
        filled.sort(key=lambda each: (each.order, each.template))


def filled(slot: str, *, viewer: Any, object: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Template and context of every panel that has something to show to this viewer."""
    shown = []
    for panel in _panels.get(slot, ()):
        context = panel.context(viewer=viewer, object=object)
        if context is not None:
            shown.append((panel.template, context))
    return shown
