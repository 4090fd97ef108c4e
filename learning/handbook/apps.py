from django.apps import AppConfig


class HandbookConfig(AppConfig):
    name = "learning.handbook"
    label = "handbook"

    def ready(self) -> None:
        from project.foundation import health, panels

        from . import queries
        from .views import kinds

        health.register("search", queries.search_is_well)
        for slot in ("technique.actions", "tul.actions", "belt.progress", "article.actions", "term.actions"):
            panels.register(slot, template="handbook/editor/_edit_link.html", context=kinds.edit_link, order=900)
        panels.register("account.menu", template="handbook/editor/_menu_link.html", context=kinds.door)
        panels.register("more.places", template="handbook/editor/_more_link.html", context=kinds.door)
