from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "project.foundation.jobs"
    label = "jobs"

    def ready(self) -> None:
        from . import seeing

        autodiscover_modules("tasks")
        seeing.register()
