from django.apps import AppConfig


class HandbookConfig(AppConfig):
    name = "learning.handbook"
    label = "handbook"

    def ready(self) -> None:
        from project.foundation import health, panels, privacy

        from . import commands, queries
        from .views import kinds

        health.register("search", queries.search_is_well)
        for slot in ("technique.actions", "tul.actions", "belt.progress", "article.actions", "term.actions"):
            panels.register(slot, template="handbook/editor/_edit_link.html", context=kinds.edit_link, order=900)
        panels.register("account.menu", template="handbook/editor/_menu_link.html", context=kinds.door)
        panels.register("more.places", template="handbook/editor/_more_link.html", context=kinds.door)
        privacy.register(
            "handbook.training_plans",
            tables=["handbook.TrainingPlan", "handbook.PlanBlock", "handbook.PlanItem"],
            export=queries.plans_of,
            erase=commands.erase_plans,
            order=200,
        )
