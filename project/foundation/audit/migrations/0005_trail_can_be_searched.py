"""An index for each filter of the trail, built while events go on being written."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that is built concurrently has no transaction
    dependencies = [("audit", "0004_never_emptied")]
    operations = [
        AddIndexConcurrently(
            "auditevent", models.Index(fields=["object_id", "object_type", "-id"], name="audit_by_object_id")
        ),
        AddIndexConcurrently("auditevent", models.Index(fields=["object_type", "-id"], name="audit_by_object_type")),
        AddIndexConcurrently(
            "auditevent",
            django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="audit_by_time", pages_per_range=16),
        ),
        RemoveIndexConcurrently("auditevent", "audit_by_object"),
    ]
