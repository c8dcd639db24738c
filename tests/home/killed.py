"""A process that keeps a photo and is killed, by nobody's leave, before a given statement reaches the database."""

import json
import os
import subprocess
import sys

from django.conf import settings
from django.db import connection

PROGRAM = """
import json, os, signal, sys
from functools import partial
given = json.load(sys.stdin)
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.FILES = given["files"]
settings.STORAGES = settings.STORAGES | {
    "default": {
        "BACKEND": "species.storage.DurableFileSystemStorage", "OPTIONS": {"location": given["files"]}
    }
}
from django.core.files.storage import default_storage
from accounts.models import User
from home.actions import keep
from species import ingest
from species.models import Taxon
from tests.ml.folder import colour_photo

count = 0

def strike(execute, sql, params, many, context):
    global count
    count += 1
    if count == given["statement"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)

owner, taxon = User.objects.get(pk=given["owner"]), Taxon.objects.get(pk=given["taxon"])
with connection.execute_wrapper(strike):
    record = partial(keep.record, taxon=taxon, said=given["said"])
    ingest.receive(data=colour_photo("brown_trout"), owner=owner, file_name="x.png", record=record)
print(count)
"""


def killed_at(statement: int, *, owner, taxon, said: dict) -> bool:
    """Whether it was killed; False: it was through before it came to that statement."""
    given = {
        "files": str(settings.FILES),
        "statement": statement,
        "owner": str(owner.pk),
        "taxon": str(taxon.pk),
        "said": said,
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(given),
        env=os.environ | {"DATABASE_URL": _database(), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9


def _database() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    login = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}"
    return f"postgres://{login}/{given['NAME']}"
