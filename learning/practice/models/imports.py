import uuid

from django.conf import settings
from django.db import models


class AnkiImport(models.Model):
    """What was taken from a file and what was not; the file itself is not kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="anki_imports")
    file_name = models.CharField(max_length=120)
    imported_at = models.DateTimeField()
    report = models.JSONField()

    class Meta:
        ordering = ["-imported_at", "id"]

    def __str__(self) -> str:
        return self.file_name
