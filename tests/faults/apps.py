from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Jobs that misbehave, for the tests of what must hold when everything breaks. Only tests/faults/settings.py
    installs it."""

    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        from . import jobs  # noqa: F401 (registers)
