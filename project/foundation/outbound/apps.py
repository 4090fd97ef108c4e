from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "project.foundation.outbound"
    label = "outbound"

    def ready(self) -> None:
        from . import seeing

        seeing.register()
