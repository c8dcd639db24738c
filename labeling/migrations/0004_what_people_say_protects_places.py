from django.db import migrations


def settle_everything(apps, schema_editor):
    """A job, because it can be long: what was named so far decides about places and grants, too."""
    if apps.get_model("labeling", "Identification").objects.exists():
        roots = apps.get_model("species", "Taxon").objects.filter(parent=None, synonym_of=None)
        apps.get_model("jobs", "Job").objects.create(
            kind="settle_taxa",
            arguments={"taxa": [str(taxon.pk) for taxon in roots]},
            title="Settle anew everything that was named",
        )


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0003_what_follows_the_tree"),
        ("species", "0008_places_say_it_always"),
        ("jobs", "0002_leases_name_their_holder"),
    ]

    operations = [migrations.RunPython(settle_everything, migrations.RunPython.noop)]
