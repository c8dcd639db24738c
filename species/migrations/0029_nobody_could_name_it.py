from django.db import migrations, models


class Migration(migrations.Migration):
    """`waits` is computed by the database, and made anew to change by what."""

    dependencies = [("species", "0028_what_is_gone")]

    operations = [
        migrations.RemoveIndex(model_name="occurrence", name="occurrence_queue"),
        migrations.RemoveField(model_name="occurrence", name="waits"),
        migrations.AddField(
            model_name="occurrence",
            name="unclear",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text=(
                    "So many say that nobody could name it from its photos; settled by labeling.actions.queue."
                ),
            ),
        ),
        migrations.AddField(
            model_name="occurrence",
            name="waits",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Q(listed=True, status__in=["needs_id", "disputed"], unclear=False),
                help_text="For a person to name it.",
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=models.Index(
                condition=models.Q(("waits", True)),
                fields=["-doubt", "last_said", "created", "id"],
                name="occurrence_queue",
            ),
        ),
    ]
