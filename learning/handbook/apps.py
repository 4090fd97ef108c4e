from django.apps import AppConfig


class HandbookConfig(AppConfig):
    name = "learning.handbook"
    label = "handbook"

    def ready(self) -> None:
        from project.foundation import health

        from . import queries

        health.register("search", queries.search_is_well)
