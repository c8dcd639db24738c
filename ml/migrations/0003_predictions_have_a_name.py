from django.core.files.storage import default_storage
from django.db import migrations, models


def name_those_that_are_there(apps, schema_editor):
    for run in apps.get_model("ml", "TrainingRun").objects.filter(finished_at__isnull=False):
        name = f"runs/{run.pk}/predictions.jsonl"
        if default_storage.exists(name):
            run.predictions = name
            run.save(update_fields=["predictions"])


class Migration(migrations.Migration):
    dependencies = [("ml", "0002_names_from_above_go")]

    operations = [
        migrations.AddField(
            model_name="trainingrun",
            name="predictions",
            field=models.CharField(
                blank=True,
                help_text="Storage name of its answers on the test, photo by photo.",
                max_length=200,
            ),
        ),
        migrations.RunPython(name_those_that_are_there, migrations.RunPython.noop),
    ]
