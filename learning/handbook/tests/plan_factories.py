"""Plans as people type them, for the tests of apps above, which may not reach into the rules."""

from learning.handbook.rules import plans

PUSH_UPS = ("exercise", "push-ups")


def a_draft(
    *things: tuple[str, str], name: str = "Ours", blocks: int = 1, work: int = 30, rest: int = 5
) -> plans.Draft:
    """A plan of so many equal blocks; `things` are kinds and slugs."""
    items = [plans.Item(kind, slug, work, rest) for kind, slug in things or [PUSH_UPS]]
    return plans.Draft(name, "", 8, [plans.Block("A", 1, items)] * blocks)
