"""A training plan may be a club's; it is never somebody's own as well."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_who_has_no_address_is_a_pupil"), ("handbook", "0008_shelved_entries")]
    operations = [
        migrations.AddField(
            "trainingplan",
            "club",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="training_plans",
                to="accounts.club",
            ),
        ),
        migrations.AddConstraint(
            "trainingplan",
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(club__isnull=True), name="plan_has_one_holder_at_most"
            ),
        ),
    ]
