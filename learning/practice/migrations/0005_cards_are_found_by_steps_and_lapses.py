from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0004_progress_never_goes_down"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="reviewcard",
            index=models.Index(
                condition=models.Q(("stage__in", [1, 3])), fields=["person", "due_at"], name="cards_in_their_steps"
            ),
        ),
        migrations.AddIndex(
            model_name="reviewcard",
            index=models.Index(
                condition=models.Q(("lapses__gte", models.F("leech_from"))),
                fields=["person"],
                name="cards_that_are_leeches",
            ),
        ),
    ]
