from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "project.foundation.live"
    label = "live"

    def ready(self) -> None:
        from . import seeing

        seeing.register()
