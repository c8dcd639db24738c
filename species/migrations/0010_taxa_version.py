"""One row says whether any taxon has changed; the database itself keeps it.

On SQLite a later migration that alters the table of taxa makes it anew and loses its triggers: it must run
`keep_version` again. A test sees to that.
"""

import django.db.models
from django.db import migrations, models

UPSERT = """
INSERT INTO species_taxaversion (id, version) VALUES (1, {random})
ON CONFLICT (id) DO UPDATE SET version = excluded.version;
"""
SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS species_taxon_{event} AFTER {event} ON species_taxon "
    f"BEGIN {UPSERT.format(random='lower(hex(randomblob(16)))')} END"
    for event in ("insert", "update", "delete")
]
POSTGRESQL = [
    f"""
    CREATE OR REPLACE FUNCTION species_taxa_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {UPSERT.format(random="gen_random_uuid()::text")} RETURN NULL; END $$
    """,
    """
    CREATE OR REPLACE TRIGGER species_taxa_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON species_taxon FOR EACH STATEMENT EXECUTE FUNCTION species_taxa_changed()
    """,
]


def keep_version(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)
    schema_editor.execute(UPSERT.format(random="'first'"))


def forget_version(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for event in ("insert", "update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS species_taxon_{event}")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS species_taxa_changed ON species_taxon")
        schema_editor.execute("DROP FUNCTION IF EXISTS species_taxa_changed()")


class Migration(migrations.Migration):
    dependencies = [("species", "0009_lists_in_order")]

    operations = [
        migrations.CreateModel(
            name="TaxaVersion",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.CharField(max_length=36)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.Q(("id", 1)), name="taxa_version_one_row"
                    )
                ],
            },
        ),
        migrations.RunPython(keep_version, forget_version),
    ]
