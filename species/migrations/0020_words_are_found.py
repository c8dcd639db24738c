import django.db.models.deletion
from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction

from species.taxonomy import names

BATCH = 2000
TEXTS = (
    ("species", "Place", "name", "PlaceWords"),
    (*settings.AUTH_USER_MODEL.split("."), "display_name", "PersonWords"),
    ("species", "Observation", "note", "NoteWords"),
)
TABLES = ("species_placewords", "species_personwords", "species_notewords")
MISSING = """
Searching will read every name and note: this database has no extension pg_trgm, and this role cannot make it.
{error}
docs/operations.md ("Words that people search by") says what to do about it, now or later.
"""
# SQLite's index holds no text and is told of every change: it cannot know the old text of a row that is gone.
INDEX = (
    "CREATE VIRTUAL TABLE {table}_index "
    "USING fts5(text, content='{table}', content_rowid='id', tokenize='trigram case_sensitive 1')",
    "INSERT INTO {table}_index ({table}_index) VALUES ('rebuild')",
    "CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN {add}; END",
    "CREATE TRIGGER {table}_gone AFTER DELETE ON {table} BEGIN {remove}; END",
    "CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN {remove}; {add}; END",
)
ADD = "INSERT INTO {table}_index (rowid, text) VALUES (new.id, new.text)"
REMOVE = "INSERT INTO {table}_index ({table}_index, rowid, text) VALUES ('delete', old.id, old.text)"


def write_words(apps, schema_editor):
    """As species.actions.words does."""
    for app, model, column, words in TEXTS:
        texts = apps.get_model(app, model)._default_manager.order_by().exclude(**{column: ""})
        words = apps.get_model("species", words)
        made = []
        for pk, text in texts.values_list("pk", column).iterator(BATCH):
            if document := names.document(text):
                made.append(words(of_id=pk, text=document))
            if len(made) >= BATCH:
                words.objects.bulk_create(made)
                made = []
        words.objects.bulk_create(made)


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in TABLES:
            add, remove = ADD.format(table=table), REMOVE.format(table=table)
            for statement in INDEX:
                schema_editor.execute(statement.format(table=table, add=add, remove=remove))
        return
    try:
        with transaction.atomic(schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        print(MISSING.format(error=str(error).strip()))
        return
    for table in TABLES:
        # At once, not later: what waits to be sorted in is read from end to end by each search.
        schema_editor.execute(
            f"CREATE INDEX {table}_index ON {table} USING gin (text gin_trgm_ops) WITH (fastupdate = off)"
        )


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in TABLES:
            for trigger in ("added", "gone", "changed"):
                schema_editor.execute(f"DROP TRIGGER {table}_{trigger}")
            schema_editor.execute(f"DROP TABLE {table}_index")


def words(name, of):
    return migrations.CreateModel(
        name=name,
        fields=[
            ('id', models.BigAutoField(primary_key=True, serialize=False)),
            ('text', models.TextField(editable=False)),
            ('of', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=of)),
        ],
        options={
            'abstract': False,
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ('species', '0019_found_by_content_and_publication'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        words('PlaceWords', 'species.place'),
        words('PersonWords', settings.AUTH_USER_MODEL),
        words('NoteWords', 'species.observation'),
        migrations.RunPython(write_words, migrations.RunPython.noop),
        migrations.RunPython(make_index, drop_index),
    ]
