"""What stands in a running site's database, read from outside and past the site: it may be dead just now."""

import sqlite3
import time
from contextlib import closing

import psycopg

from tests.end_to_end.site import Site

PATIENCE = 20.0  # seconds
UNSPOKEN = """
select count(*) from species_photo as photo where batch_id is not null and not exists (
    select 1 from labeling_suggestion as said where said.photo_id = photo.id and said.source = (
        select architecture || '-v' || version from ml_model join ml_promotion on ml_model.id = model_id
        where ended_at is null))
"""


def rows(site: Site, query: str) -> list[tuple]:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return _rows(site, query)
        except (sqlite3.OperationalError, psycopg.OperationalError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _rows(site: Site, query: str) -> list[tuple]:
    if site.database.url:
        with psycopg.connect(site.database.url, connect_timeout=5) as connection:
            return connection.execute(query).fetchall()
    with closing(sqlite3.connect(f"file:{site.var}/db.sqlite3?mode=rw", uri=True, timeout=5)) as connection:
        return connection.execute(query).fetchall()


def unfinished(site: Site) -> list[tuple[str, str]]:
    """(kind, state) of every job that is not over."""
    return rows(
        site, "select kind, state from jobs_job where state in ('waiting', 'running') order by created"
    )


def running(site: Site) -> set[str]:
    """Kinds of the jobs that a worker holds."""
    return {kind for kind, state in unfinished(site) if state == "running"}


def is_idle(site: Site) -> bool:
    """No job, and none to come: the live model has spoken of every imported photo."""
    return not unfinished(site) and rows(site, UNSPOKEN) == [(0,)]


def is_sound(site: Site) -> bool:
    """SQLite's own word that no page is torn; PostgreSQL looks after itself."""
    return bool(site.database.url) or rows(site, "pragma integrity_check") == [("ok",)]


def is_free(site: Site) -> bool:
    """Does nobody hold a lock that others would wait for?"""
    if site.database.url:
        inside = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
        return rows(site, inside) == [(0,)]
    with closing(sqlite3.connect(site.var / "db.sqlite3", timeout=0.5, isolation_level=None)) as connection:
        try:
            connection.execute("begin immediate")
        except sqlite3.OperationalError:
            return False
        connection.execute("rollback")
        return True


def held(site: Site) -> list[tuple]:
    """(kind, fence) of the jobs that a worker holds."""
    return rows(site, "select kind, fence from jobs_job where state = 'running'")


def results(site: Site) -> list[list[str]]:
    """All that the jobs of a round leave in the tables, for comparing. What the site asks of itself every few minutes
    comes whenever it is due.
    """
    return [
        sorted(repr(row) for row in rows(site, f"select * from {table}"))
        for table in (
            *(
                "jobs_job where kind in ('import', 'freeze', 'train', 'suggest')",
                "species_photo",
                "species_observation",
                "labeling_identification",
                "labeling_verdict",
            ),
            *("research_dataset", "research_datasetphoto", "ml_trainingrun", "ml_model", "ml_promotion"),
            "labeling_suggestion",
        )
    ]
