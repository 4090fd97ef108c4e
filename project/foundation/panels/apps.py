from django.apps import AppConfig


class PanelsConfig(AppConfig):
    name = "project.foundation.panels"
    label = "panels"
