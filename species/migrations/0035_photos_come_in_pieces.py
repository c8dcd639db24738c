import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('species', '0033_taxa_change_and_edits_of_them'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('receiving', 'More is to come'), ('done', 'It is a photo'), ('refused', 'It was not taken')], default='receiving', max_length=9)),
                ('length', models.BigIntegerField(help_text='Bytes of the whole.')),
                ('offset', models.BigIntegerField(default=0, help_text='Bytes that have arrived.')),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('said', models.JSONField(default=dict, help_text='What is said of the photo.')),
                ('digest', models.CharField(blank=True, help_text='SHA-256 that the whole has to have.', max_length=64)),
                ('pieces', models.JSONField(default=list)),
                ('refused', models.CharField(blank=True, help_text='Why it was not taken, for programs.', max_length=40)),
                ('refusal', models.TextField(blank=True, help_text='Why it was not taken.')),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('expires', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('photo', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='species.photo')),
            ],
            options={
                'ordering': ['created', 'id'],
                'indexes': [models.Index(fields=['expires'], name='upload_expires')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('length__gt', 0), ('offset__gte', 0), ('offset__lte', models.F('length'))), name='upload_within_length'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), models.Q(('refused', ''), _negated=True)), models.Q(models.Q(('state', 'refused'), _negated=True), ('refused', '')), _connector='OR'), name='upload_refused_says_why'),
                ],
            },
        ),
    ]
