from django.apps import AppConfig
from django.utils.translation import gettext_noop


class ProjectConfig(AppConfig):
    name = "project"

    def ready(self) -> None:
        from project import health, schedules
        from project.foundation import telemetry

        health.register()
        schedules.declare()
        telemetry.start()


DJANGO_SAYS = (
    gettext_noop("Ensure this value is greater than or equal to %(limit_value)s."),
    gettext_noop("Ensure this value is less than or equal to %(limit_value)s."),
)
"""What our catalogues say more plainly, in English too: they go before those of Django."""
