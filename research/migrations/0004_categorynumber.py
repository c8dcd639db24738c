from django.db import migrations, models


def number(apps, schema_editor):
    """What was published keeps its numbers: they ran from 1 by label. Where two differ, the newest counts."""
    Dataset = apps.get_model("research", "Dataset")
    CategoryNumber = apps.get_model("research", "CategoryNumber")
    taxa = dict(apps.get_model("species", "Taxon").objects.values_list("label", "pk"))
    given = {}
    for dataset in Dataset.objects.filter(state__in=["frozen", "retired"]).order_by("-version"):
        for place, each in enumerate(dataset.summary.get("classes", []), start=1):
            taxon = taxa.get(each["label"])
            if taxon is not None and taxon not in given:
                free = max(given.values(), default=0) + 1
                given[taxon] = free if place in given.values() else place
    CategoryNumber.objects.bulk_create(
        CategoryNumber(taxon=taxon, number=number) for taxon, number in given.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("research", "0003_manifests_are_named_by_content"),
        ("species", "0003_photo_drawn"),
    ]

    operations = [
        migrations.CreateModel(
            name="CategoryNumber",
            fields=[
                ("taxon", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(unique=True)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="category_number_from_1"
                    )
                ],
            },
        ),
        migrations.RunPython(number, migrations.RunPython.noop),
    ]
