"""Spellings are in the search documents now; `manage.py reindex_search` fills those from what is published."""

from django.db import migrations, models


def without_search_text(model: str, index: str) -> list[migrations.operations.base.Operation]:
    """The default exists for the way back only: a column that must not be empty can be added to a full table."""
    return [
        migrations.RemoveIndex(model, index),
        migrations.AlterField(model, "search_text", models.TextField(default="", editable=False)),
        migrations.RemoveField(model, "search_text"),
    ]


class Migration(migrations.Migration):
    dependencies = [("handbook", "0006_search_documents")]
    operations = [
        *without_search_text("techniqueedition", "techniques_by_spelling"),
        *without_search_text("tuledition", "tuls_by_spelling"),
        *without_search_text("glossaryterm", "terms_by_spelling"),
    ]
