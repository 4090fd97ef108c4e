"""What search knows of everything published, in one table, and the words that misspelt ones are corrected to."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import learning.handbook.models.editions


class Migration(migrations.Migration):
    dependencies = [("handbook", "0005_collections_count_their_changes")]
    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("technique", "Technique"),
                            ("tul", "Tul"),
                            ("term", "Word"),
                            ("article", "Theory"),
                        ],
                        max_length=9,
                    ),
                ),
                ("slug", models.SlugField(max_length=80)),
                ("version", models.PositiveIntegerField(default=1)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(blank=True, null=True)),
                ("belt", models.SmallIntegerField()),
                ("category", models.CharField(max_length=20)),
                ("title", models.JSONField()),
                ("hangul", models.CharField(blank=True, max_length=120)),
                ("roman", models.CharField(blank=True, max_length=120)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list
                    ),
                ),
                ("spellings", django.contrib.postgres.fields.ArrayField(base_field=models.TextField())),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "slug", "version"), name="one_document_per_edition"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["technique", "tul", "term", "article"])),
                        name="document_kind_is_known",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (models.F("kind"), "="),
                            (models.F("slug"), "="),
                            (
                                learning.handbook.models.editions.Validity(
                                    "valid_from",
                                    "valid_to",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(),
                                ),
                                "&&",
                            ),
                        ],
                        name="no_two_documents_valid",
                    ),
                ],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="documents_by_word"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchSlip",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "slip", "word", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("slip", models.CharField(max_length=8)),
                ("word", models.CharField(max_length=40)),
            ],
        ),
    ]
