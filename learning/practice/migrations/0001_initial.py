
import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0010_who_has_no_address_is_a_pupil'),
        ('handbook', '0008_shelved_entries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AnkiImport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('file_name', models.CharField(max_length=120)),
                ('imported_at', models.DateTimeField()),
                ('report', models.JSONField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='anki_imports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-imported_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Learner',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='learner', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('algo', models.CharField(choices=[('fsrs', 'FSRS'), ('sm2', 'SM-2')], default='fsrs', max_length=4, verbose_name='algorithm')),
                ('retention', models.FloatField(default=0.9, verbose_name='how much to remember')),
                ('parameters', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), blank=True, null=True, size=21)),
                ('new_a_day', models.PositiveSmallIntegerField(default=10, verbose_name='new cards a day')),
                ('reviews_a_day', models.PositiveSmallIntegerField(default=50, verbose_name='reviews a day before a grading')),
                ('grading_on', models.DateField(blank=True, null=True, verbose_name='my grading day')),
                ('catch_up_from', models.DateField(blank=True, null=True)),
                ('catch_up_until', models.DateField(blank=True, null=True)),
                ('reminder_hour', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hour of the reminder')),
                ('reminded_on', models.DateField(blank=True, null=True)),
                ('calendar_key', models.UUIDField(blank=True, null=True, unique=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('reminder_hour__isnull', False)), fields=['reminder_hour'], name='learners_to_remind')],
                'constraints': [models.CheckConstraint(condition=models.Q(('algo__in', ['fsrs', 'sm2'])), name='learner_algo_is_known'), models.CheckConstraint(condition=models.Q(('retention__range', (0.7, 0.97))), name='learner_retention_is_possible'), models.CheckConstraint(condition=models.Q(('parameters__isnull', True), ('parameters__len', 21), _connector='OR'), name='learner_has_all_parameters'), models.CheckConstraint(condition=models.Q(('new_a_day__lte', 200), ('reviews_a_day__range', (5, 500))), name='learner_load_is_bearable'), models.CheckConstraint(condition=models.Q(models.Q(('catch_up_from__isnull', True), ('catch_up_until__isnull', True)), models.Q(('catch_up_from__isnull', False), ('catch_up_until__gte', models.F('catch_up_from')), ('catch_up_until__isnull', False)), _connector='OR'), name='learner_catches_up_from_a_day_to_a_day'), models.CheckConstraint(condition=models.Q(('reminder_hour__isnull', True), ('reminder_hour__lte', 23), _connector='OR'), name='learner_reminder_is_an_hour')],
            },
        ),
        migrations.CreateModel(
            name='QuizSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('mode', models.CharField(choices=[('terms', 'Words'), ('techniques', 'Techniques'), ('tul', 'Tuls'), ('theory', 'Theory'), ('mixed', 'A bit of everything')], max_length=10)),
                ('belt', models.SmallIntegerField(blank=True, null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quizzes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-started_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='QuizItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('frozen', models.JSONField()),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handbook.question')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='practice.quizsession')),
            ],
            options={
                'ordering': ['place'],
            },
        ),
        migrations.CreateModel(
            name='QuizAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_id', models.UUIDField()),
                ('given', models.JSONField()),
                ('is_right', models.BooleanField()),
                ('answered_at', models.DateTimeField()),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='answer', to='practice.quizitem')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='practice.quizsession')),
            ],
            options={
                'ordering': ['answered_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Retraction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('review_client_id', models.UUIDField()),
                ('retracted_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='retractions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReviewCard',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('term', 'Word'), ('technique', 'Technique'), ('step', 'Movement of a tul'), ('question', 'Question'), ('own', 'My own card')], max_length=9)),
                ('direction', models.CharField(blank=True, choices=[('meaning', 'what it means'), ('korean', 'how it is called')], max_length=7)),
                ('step_key', models.CharField(blank=True, max_length=8)),
                ('front', models.TextField(blank=True)),
                ('back', models.TextField(blank=True)),
                ('deck', models.CharField(blank=True, max_length=120)),
                ('guid', models.CharField(blank=True, max_length=80)),
                ('origin', models.CharField(choices=[('learner', 'chosen'), ('deck', "from a belt's deck"), ('mistake', 'after a wrong answer'), ('import', 'brought from Anki')], max_length=8)),
                ('created_at', models.DateTimeField()),
                ('put_away_at', models.DateTimeField(blank=True, null=True)),
                ('buried_until', models.DateField(blank=True, null=True)),
                ('leech_from', models.PositiveSmallIntegerField(default=8)),
                ('stage', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('reviews', models.PositiveIntegerField(default=0)),
                ('lapses', models.PositiveIntegerField(default=0)),
                ('step', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('stability', models.FloatField(blank=True, null=True)),
                ('difficulty', models.FloatField(blank=True, null=True)),
                ('ease', models.FloatField(blank=True, null=True)),
                ('repetitions', models.PositiveIntegerField(default=0)),
                ('interval', models.PositiveIntegerField(default=0)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_cards', to=settings.AUTH_USER_MODEL)),
                ('question', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handbook.question')),
                ('technique', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handbook.technique')),
                ('term', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handbook.glossaryterm')),
                ('tul', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handbook.tul')),
            ],
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_id', models.UUIDField()),
                ('rating', models.PositiveSmallIntegerField(choices=[(1, 'again'), (2, 'hard'), (3, 'good'), (4, 'easy')])),
                ('reviewed_at', models.DateTimeField()),
                ('corrected_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField()),
                ('duration', models.PositiveIntegerField(default=0)),
                ('device', models.CharField(blank=True, max_length=64)),
                ('source', models.CharField(choices=[('practice', 'practice'), ('import', 'brought from Anki')], default='practice', max_length=8)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to=settings.AUTH_USER_MODEL)),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='practice.reviewcard')),
            ],
        ),
        migrations.CreateModel(
            name='Fit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fitted_at', models.DateTimeField()),
                ('reviews', models.PositiveIntegerField()),
                ('parameters', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=21)),
                ('log_loss_default', models.FloatField()),
                ('log_loss_fitted', models.FloatField()),
                ('is_used', models.BooleanField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fits', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-fitted_at', '-pk'],
                'indexes': [models.Index(fields=['person', '-fitted_at'], name='fits_by_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('is_used', False), ('log_loss_fitted__lt', models.F('log_loss_default')), _connector='OR'), name='fit_is_used_only_when_better'), models.CheckConstraint(condition=models.Q(('parameters__len', 21)), name='fit_has_all_parameters')],
            },
        ),
        migrations.CreateModel(
            name='PracticeDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('item_type', models.CharField(blank=True, max_length=9)),
                ('item', models.CharField(blank=True, max_length=120)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='practice_days', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'item_type', 'item', 'day'), name='one_row_per_day_and_item'), models.CheckConstraint(condition=models.Q(models.Q(('item', ''), ('item_type', '')), models.Q(('item_type__in', ['technique', 'tul', 'exercise', 'plan', 'quiz']), models.Q(('item', ''), _negated=True)), _connector='OR'), name='practice_day_is_of_an_item')],
            },
        ),
        migrations.CreateModel(
            name='Progress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item_type', models.CharField(choices=[('technique', 'Technique'), ('tul', 'Tul'), ('exercise', 'Exercise'), ('plan', 'Training plan'), ('quiz', 'Quiz')], max_length=9)),
                ('item', models.CharField(max_length=120)),
                ('status', models.PositiveSmallIntegerField(choices=[(1, 'seen'), (2, 'in progress'), (3, 'done')])),
                ('score', models.PositiveSmallIntegerField(default=0)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('occurred_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='progress', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['item_type', 'item'],
                'constraints': [models.UniqueConstraint(fields=('person', 'item_type', 'item'), name='one_progress_per_item'), models.CheckConstraint(condition=models.Q(('item_type__in', ['technique', 'tul', 'exercise', 'plan', 'quiz'])), name='progress_type_is_known'), models.CheckConstraint(condition=models.Q(('status__in', [1, 2, 3])), name='progress_status_is_known'), models.CheckConstraint(condition=models.Q(('score__lte', 100)), name='progress_score_is_a_percentage'), models.CheckConstraint(condition=models.Q(('item', ''), _negated=True), name='progress_is_about_something')],
            },
        ),
        migrations.AddIndex(
            model_name='quizsession',
            index=models.Index(fields=['person', '-started_at'], name='quizzes_by_person'),
        ),
        migrations.AddConstraint(
            model_name='quizsession',
            constraint=models.CheckConstraint(condition=models.Q(('mode__in', ['terms', 'techniques', 'tul', 'theory', 'mixed'])), name='quiz_mode_is_known'),
        ),
        migrations.AddConstraint(
            model_name='quizsession',
            constraint=models.CheckConstraint(condition=models.Q(('belt__isnull', True), ('belt__range', (0, 10)), _connector='OR'), name='quiz_belt_exists'),
        ),
        migrations.AddConstraint(
            model_name='quizsession',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('finished_at__gte', models.F('started_at')), _connector='OR'), name='quiz_ends_after_its_start'),
        ),
        migrations.AddConstraint(
            model_name='quizitem',
            constraint=models.UniqueConstraint(fields=('session', 'place'), name='one_question_per_place'),
        ),
        migrations.AddConstraint(
            model_name='quizitem',
            constraint=models.UniqueConstraint(fields=('session', 'question'), name='quiz_asks_a_question_once'),
        ),
        migrations.AddConstraint(
            model_name='quizitem',
            constraint=models.UniqueConstraint(fields=('id', 'session'), name='quiz_item_is_named_with_its_session'),
        ),
        migrations.AddConstraint(
            model_name='quizitem',
            constraint=models.CheckConstraint(condition=models.Q(('place__range', (1, 50))), name='quiz_has_fifty_questions_at_most'),
        ),
        migrations.AddConstraint(
            model_name='quizanswer',
            constraint=models.UniqueConstraint(fields=('session', 'client_id'), name='answer_arrives_once'),
        ),
        migrations.AddConstraint(
            model_name='retraction',
            constraint=models.UniqueConstraint(fields=('person', 'review_client_id'), name='review_is_retracted_once'),
        ),
        migrations.AddIndex(
            model_name='reviewcard',
            index=models.Index(condition=models.Q(('put_away_at__isnull', True), ('stage__gt', 0)), fields=['person', 'due_at'], name='cards_by_due'),
        ),
        migrations.AddIndex(
            model_name='reviewcard',
            index=models.Index(condition=models.Q(('put_away_at__isnull', True), ('stage', 0)), fields=['person', 'created_at', 'id'], name='cards_new'),
        ),
        migrations.AddIndex(
            model_name='reviewcard',
            index=models.Index(condition=models.Q(('reviewed_at__isnull', False)), fields=['person', 'reviewed_at'], name='cards_by_last_review'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.UniqueConstraint(fields=('id', 'person'), name='card_is_named_with_its_person'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'term'), ('question__isnull', True), ('technique__isnull', True), ('term__isnull', False), ('tul__isnull', True)), models.Q(('kind', 'technique'), ('question__isnull', True), ('technique__isnull', False), ('term__isnull', True), ('tul__isnull', True)), models.Q(('kind', 'step'), ('question__isnull', True), ('technique__isnull', True), ('term__isnull', True), ('tul__isnull', False)), models.Q(('kind', 'question'), ('question__isnull', False), ('technique__isnull', True), ('term__isnull', True), ('tul__isnull', True)), models.Q(('kind', 'own'), ('question__isnull', True), ('technique__isnull', True), ('term__isnull', True), ('tul__isnull', True)), _connector='OR'), name='card_is_about_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('direction__in', ['meaning', 'korean']), ('kind__in', ['term', 'technique'])), models.Q(models.Q(('kind__in', ['term', 'technique']), _negated=True), ('direction', '')), _connector='OR'), name='word_is_asked_in_a_direction'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'step'), models.Q(('step_key', ''), _negated=True)), models.Q(models.Q(('kind', 'step'), _negated=True), ('step_key', '')), _connector='OR'), name='step_card_names_its_step'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'own'), models.Q(('front', ''), _negated=True)), models.Q(models.Q(('kind', 'own'), _negated=True), ('back', ''), ('deck', ''), ('front', ''), ('guid', '')), _connector='OR'), name='own_card_has_a_text'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.CheckConstraint(condition=models.Q(('origin__in', ['learner', 'deck', 'mistake', 'import'])), name='card_origin_is_known'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', True), ('reviewed_at__isnull', True), ('reviews', 0), ('stage', 0)), models.Q(('due_at__isnull', False), ('reviewed_at__isnull', False), ('reviews__gt', 0), ('stage__in', [1, 2, 3])), _connector='OR'), name='card_is_new_without_reviews'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'term')), fields=('person', 'term', 'direction'), name='one_card_per_word_and_direction'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'technique')), fields=('person', 'technique', 'direction'), name='one_card_per_technique_and_direction'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'step')), fields=('person', 'tul', 'step_key'), name='one_card_per_step'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'question')), fields=('person', 'question'), name='one_card_per_question'),
        ),
        migrations.AddConstraint(
            model_name='reviewcard',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'own'), models.Q(('guid', ''), _negated=True)), fields=('person', 'guid'), name='one_card_per_guid'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['card', 'corrected_at', 'client_id'], name='log_of_a_card'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['person', 'corrected_at'], name='log_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('person', 'client_id'), name='review_arrives_once'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('rating__range', (1, 4))), name='review_rating_is_known'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('corrected_at__lte', models.F('accepted_at'))), name='review_is_not_of_tomorrow'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('duration__lte', 600000)), name='review_has_an_end'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['practice', 'import'])), name='review_source_is_known'),
        ),
    ]
