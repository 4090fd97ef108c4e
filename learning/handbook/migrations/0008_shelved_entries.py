"""The digests of the shipped entries as they were last put into the handbook."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handbook", "0007_spellings_left_the_editions")]
    operations = [
        migrations.CreateModel(
            name="ShelvedEntry",
            fields=[
                ("name", models.CharField(max_length=140, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
    ]
