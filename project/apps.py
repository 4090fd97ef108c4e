from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"

    def ready(self) -> None:
        from project import health, schedules
        from project.foundation import telemetry

        health.register()
        schedules.declare()
        telemetry.start()
