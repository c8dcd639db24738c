"""Where rows, counters and files are kept: on this machine, or where the environment says."""

from pathlib import Path
from typing import Any

STATIC = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_COMPRESSED = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}


def database(asked: dict[str, Any], *, test: Path, age: int) -> dict[str, Any]:
    """The database of DATABASE_URL. `test`: the file of SQLite's test database; `age`: see CONN_MAX_AGE.

    A thread keeps its connection for `age` seconds on SQLite, too, where whoever closes the last one stops to
    copy the write-ahead log into the database.
    """
    if asked["ENGINE"] != "django.db.backends.sqlite3":
        # PostgreSQL compiles what it expects to be costly, which takes 0.3 s, where it stops at the first page; and
        # shares it out among processes that read on until they are told to stop: 98,000 pages for 51 rows, not 19,000.
        options = {"options": "-c jit=off -c max_parallel_workers_per_gather=0"} | asked.get("OPTIONS", {})
        return asked | {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": age, "OPTIONS": options}
    return asked | {
        # DEFERRED transactions fail at once when a read turns into a write while another connection writes,
        # whatever the timeout; IMMEDIATE queues them, and ops.sqlite keeps the queue in order.
        "ENGINE": "ops.sqlite",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
        "TEST": {"NAME": str(test)},
        "CONN_MAX_AGE": age,
    }


def counters(redis: str, *, prefix: str) -> dict[str, Any]:
    """The cache. All it holds is counters of attempts and requests, which must hold across processes; local
    memory is one per process, so without Redis they are rows.
    """
    if redis:
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis,
            # Two sites on one Redis would count each other's visitors.
            "KEY_PREFIX": prefix,
        }
    return {
        "BACKEND": "accounts.counting.CountersInDatabase",
        "LOCATION": "throttle_counters",
        # Beyond it counters that still count are thrown away: who asks from many addresses must not get there.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }


def bucket(name: str, endpoint: str | None) -> dict[str, Any]:
    options = {
        "bucket_name": name,
        "endpoint_url": endpoint,
        "default_acl": "private",
        "file_overwrite": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def folder(path: Path) -> dict[str, Any]:
    return {"BACKEND": "species.storage.DurableFileSystemStorage", "OPTIONS": {"location": str(path)}}
