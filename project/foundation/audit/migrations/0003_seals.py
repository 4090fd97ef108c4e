"""Seals over the trail, each bound to the one before; PostgreSQL refuses to change or delete one."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.lookups import Exact

# Number, end and hash of the seal before: a foreign key over three columns, which Django cannot say.
FORWARDS = """
ALTER TABLE audit_auditseal ADD CONSTRAINT audit_seal_repeats_the_one_before
    FOREIGN KEY (previous_id, after_event, previous_hash) REFERENCES audit_auditseal (number, last_event, hash);

CREATE TRIGGER audit_seal_is_append_only
    BEFORE UPDATE OR DELETE ON audit_auditseal
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
"""

BACKWARDS = """
DROP TRIGGER audit_seal_is_append_only ON audit_auditseal;
ALTER TABLE audit_auditseal DROP CONSTRAINT audit_seal_repeats_the_one_before;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "previous",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="audit.auditseal",
                    ),
                ),
                ("previous_hash", models.CharField(max_length=64)),
                ("after_event", models.BigIntegerField()),
                ("last_event", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("digests", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(number=1, previous__isnull=True, after_event=0, previous_hash="0" * 64)
                        | models.Q(number__gt=1, previous__isnull=False, previous=models.F("number") - 1),
                        name="audit_seal_follows_the_one_before",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(last_event__gt=models.F("after_event")), name="audit_seal_goes_forwards"
                    ),
                    models.CheckConstraint(condition=models.Q(count__gte=1), name="audit_seal_is_not_empty"),
                    models.CheckConstraint(
                        condition=Exact(
                            models.Func(
                                models.F("digests"), function="octet_length", output_field=models.IntegerField()
                            ),
                            models.F("count") * 40,
                        ),
                        name="audit_seal_has_a_digest_per_event",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(hash__regex=r"^[0-9a-f]{64}$"), name="audit_seal_has_a_hash"
                    ),
                    models.UniqueConstraint(fields=("number", "last_event", "hash"), name="audit_seal_can_be_followed"),
                ],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
