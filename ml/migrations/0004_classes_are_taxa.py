from django.db import migrations, models


def name_taxa(apps, schema_editor):
    """Models made before this have labels only: each means the taxon that goes by it now."""
    ids = {label: str(id) for label, id in apps.get_model("species", "Taxon").objects.values_list("label", "id")}
    for model in apps.get_model("ml", "Model").objects.all():
        model.taxa = {label: ids[label] for label in model.classes if label in ids}
        model.save(update_fields=["taxa"])


class Migration(migrations.Migration):
    dependencies = [
        ("ml", "0003_predictions_have_a_name"),
        ("species", "0003_photo_drawn"),
    ]

    operations = [
        migrations.AddField(
            model_name="model",
            name="taxa",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Class to the id of the taxon it stands for; a label is only its name.",
            ),
        ),
        migrations.RunPython(name_taxa, migrations.RunPython.noop),
    ]
