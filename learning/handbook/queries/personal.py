from typing import Any

from learning.handbook.models import TrainingPlan


def plans_of(*, person: Any) -> list[dict[str, Any]]:
    """The training plans that somebody made, with everything in them (foundation.privacy)."""
    plans = (
        TrainingPlan.objects.filter(owner=person)
        .order_by("pk")
        .prefetch_related("blocks__items__exercise", "blocks__items__technique", "blocks__items__tul")
    )
    return [
        {
            "slug": plan.slug,
            "belt": plan.belt,
            "name": plan.name,
            "goal": plan.goal,
            "blocks": [
                {
                    "name": block.name,
                    "rounds": block.rounds,
                    "items": [
                        {
                            "what": str(item.exercise or item.technique or item.tul),
                            "work": item.work,
                            "rest": item.rest,
                        }
                        for item in block.items.all()
                    ],
                }
                for block in plan.blocks.all()
            ],
        }
        for plan in plans
    ]
