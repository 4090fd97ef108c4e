from django.apps import AppConfig


class OpsPanelConfig(AppConfig):
    name = "ops_panel"
