import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.api import api


class Command(BaseCommand):
    help = "Write openapi.json, the promise that the API makes to the mobile app."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        schema = json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False, sort_keys=True)
        (settings.BASE_DIR / "openapi.json").write_text(schema + "\n", "utf-8")
