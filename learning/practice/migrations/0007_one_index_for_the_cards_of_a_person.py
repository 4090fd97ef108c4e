import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LEANS_ON_IT = """
ALTER TABLE practice_review ADD CONSTRAINT review_is_of_a_card_of_its_person
    FOREIGN KEY (card_id, person_id) REFERENCES practice_reviewcard (id, person_id) DEFERRABLE INITIALLY DEFERRED;
"""
LEAVES_IT = "ALTER TABLE practice_review DROP CONSTRAINT review_is_of_a_card_of_its_person;"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("practice", "0006_quizzes_stay_as_they_were"),
    ]

    operations = [
        migrations.RunSQL(LEAVES_IT, LEANS_ON_IT),
        migrations.RemoveConstraint(model_name="reviewcard", name="card_is_named_with_its_person"),
        migrations.AddConstraint(
            model_name="reviewcard",
            constraint=models.UniqueConstraint(fields=["person", "id"], name="card_is_named_with_its_person"),
        ),
        migrations.AlterField(
            model_name="reviewcard",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="review_cards",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(LEANS_ON_IT, LEAVES_IT),
    ]
