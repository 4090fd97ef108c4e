from typing import Any

from django.core.management.base import BaseCommand

from accounts import webpush


class Command(BaseCommand):
    help = "Print a fresh pair of keys for Web Push. Put the private one into the environment, and change it never."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        private, public = webpush.fresh_pair()
        self.stdout.write(f"VAPID_PRIVATE_KEY={private}\nVAPID_SUBJECT=mailto:<whoever runs the hall>")
        self.stdout.write(f"# public, follows from the private one: {public}")
