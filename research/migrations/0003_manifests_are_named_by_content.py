from django.core.files.storage import default_storage
from django.db import migrations


def rename(apps, schema_editor):
    frozen = apps.get_model("research", "Dataset").objects.exclude(content_hash="")
    for dataset in frozen:
        before = f"datasets/{dataset.pk}/manifest.json"
        if default_storage.exists(before):
            with default_storage.open(before) as file:
                default_storage.save(f"datasets/{dataset.pk}/{dataset.content_hash[:16]}-manifest.json", file)
            default_storage.delete(before)


class Migration(migrations.Migration):
    dependencies = [("research", "0002_names_from_above_go")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
