from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.settings import env


class Command(BaseCommand):
    help = "Write .env.example from the declarations in project/settings.py."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.BASE_DIR / ".env.example").write_text(env.example(), "utf-8")
