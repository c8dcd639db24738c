import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    # The last two for their order alone: each of their steps costs the more, the more tables there are before it.
    dependencies = [
        ("accounts", "0014_edits_of_accounts"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="standing",
            field=models.CharField(
                choices=[
                    ("good", "Good"),
                    ("warned", "Warned, and asked to say that they read it"),
                    ("suspended", "Suspended"),
                ],
                db_default="good",
                default="good",
                editable=False,
                max_length=9,
            ),
        ),
        migrations.CreateModel(
            name="Withheld",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(blank=True, null=True)),
                (
                    "until",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="Those they add later are shown."
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "withheld",
                "ordering": ["until", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["user"], name="withheld_now")
                ],
            },
        ),
    ]
