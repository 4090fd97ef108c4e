"""An index for what happened in one request, built while events go on being written."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that is built concurrently has no transaction
    dependencies = [("audit", "0005_trail_can_be_searched")]
    operations = [
        AddIndexConcurrently("auditevent", models.Index(fields=["request_id", "-id"], name="audit_by_request")),
    ]
