from django.apps import AppConfig


class SeeingConfig(AppConfig):
    name = "tests.seeing"
    label = "seeing"

    def ready(self) -> None:
        from tests.seeing import jobs  # noqa: F401 - registers them
