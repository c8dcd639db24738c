"""Names that were stored like headings are stored as they stand inside a sentence, where we know how that is."""

from pathlib import Path

import yaml
from django.db import migrations, models

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "taxa"


def spell(apps, schema_editor):
    """Take the capitals of the files that we ship; a name that was changed here in more than that stays."""
    Taxon = apps.get_model("species", "Taxon")
    for path in sorted(SHIPPED.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["taxa"]:
            shipped = entry.get("common_names", {})
            taxon = Taxon.objects.filter(scientific_name=entry["scientific_name"]).first()
            if taxon is None or not isinstance(taxon.common_names, dict):
                continue
            names = {
                language: shipped[language]
                if str(shipped.get(language, "")).casefold() == str(name).casefold()
                else name
                for language, name in taxon.common_names.items()
            }
            if names != taxon.common_names:
                taxon.common_names = names
                taxon.save(update_fields=["common_names"])


class Migration(migrations.Migration):
    dependencies = [("species", "0003_photo_drawn")]

    operations = [
        migrations.AlterField(
            model_name="taxon",
            name="common_names",
            field=models.JSONField(
                blank=True, default=dict, help_text='As inside a sentence: {"en": "brown trout"}'
            ),
        ),
        migrations.RunPython(spell, migrations.RunPython.noop),
    ]
