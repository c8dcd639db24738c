import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def count(apps, schema_editor):
    """Of what was published: as its list has it today, and as people allow today."""
    DatasetPerson = apps.get_model("research", "DatasetPerson")
    may_train = apps.get_model("species", "Consent").objects.filter(
        photo=models.OuterRef("photo"), purpose="train", granted=True, superseded_at=None
    )
    published = apps.get_model("research", "Dataset").objects.filter(state__in=["frozen", "retired"])
    for dataset in published.values_list("pk", flat=True):
        photos = apps.get_model("research", "DatasetPhoto").objects.filter(dataset=dataset).order_by()
        held, trainable = (
            dict(rows.values_list("photo__owner").annotate(count=models.Count("id")))
            for rows in (photos, photos.filter(models.Exists(may_train)))
        )
        DatasetPerson.objects.bulk_create(
            (
                DatasetPerson(
                    dataset_id=dataset, person_id=person, photos=photos, trainable=trainable.get(person, 0)
                )
                for person, photos in held.items()
            ),
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("research", "0004_categorynumber"),
        ("species", "0025_times_are_told_as_chosen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DatasetPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("photos", models.PositiveIntegerField()),
                (
                    "trainable",
                    models.PositiveIntegerField(
                        help_text="Of these, on which a model might be trained at the freeze."
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dataset_people",
                        to="research.dataset",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "person"), name="dataset_person_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("photos__gte", 1), ("trainable__lte", models.F("photos"))
                        ),
                        name="dataset_person_has_photos",
                    ),
                ],
            },
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
