from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "project.foundation.audit"
    label = "audit"

    def ready(self) -> None:
        from . import seeing

        seeing.register()
