"""What one person asks of the site, and what workers ask every few seconds, reads no big table from end to end.

A library of 30,000 sightings is made, and every page, list, filter, staff list and job query asked once. What is held
is how the database goes about it, not the time that it takes.
"""

import json
import subprocess
import sys

import psycopg
import pytest

from tests.end_to_end.site import ROOT, Site

# At 10,000 PostgreSQL rightly reads in whole what it finds by an index at 30,000; the questions are as quick to ask.
SIZE = 30_000
# Statistics of every row and not of a sample, which would be another one each time; pages that are in memory cost
# as much in any order, and a table from end to end more than at this size. Else the plans of what asks for 500 rows
# and more are a matter of chance.
PLANNED = ("default_statistics_target = 1000", "random_page_cost = 1.1", "seq_page_cost = 4")

WHOLE_LIBRARY = "passes over the library, for a dataset or a training"
A_SHARE = "means a tenth of the sightings or more, and stops at 10,000 or at 200 of them"
COUNTED = "counts what is left to do in all photos; no page and no worker asks it"
A_BATCH = "500 photos for a worker, which walks along an index where the library is large (RESULTS.md)"
AT_ONCE = "asked only of a model that is new here: the first photo answers"
MAY_READ_IN_WHOLE = {
    "job: freeze: left out | worker": WHOLE_LIBRARY,
    "job: freeze: a batch | worker": WHOLE_LIBRARY,
    "job: train: withdrawn since the freeze | worker": WHOLE_LIBRARY,
    "explore: q=one letter a | stranger": A_SHARE,
    "explore: q=noted of 15 % | stranger": A_SHARE,
    "map: Alps, since | stranger": A_SHARE,
    "job: photos without suggestions: a batch | worker": A_BATCH,
    "job: photos without suggestions: count | worker": COUNTED,
    "job: photos without suggestions: any | worker": AT_ONCE,
}
PLANTED = {
    "planted: a column without an index | worker",
    "planted: a part of a text | worker",
    "planted: a list in an order without an index | worker",
    "planted: a count | worker",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory, migrated):
    """What `benchmarks/scale.py plans` says, on a database of its own of the kind that the suite runs on."""
    folder = tmp_path_factory.mktemp("scale")
    site = Site(folder, like=migrated)
    program = [sys.executable, "benchmarks/scale.py", "--folder", folder, "plans", str(SIZE)]
    try:
        if site.database.url:
            with psycopg.connect(site.database.url, autocommit=True) as connection:
                for each in PLANNED:
                    connection.execute(f"alter database {site.database.name} set {each}")
        done = subprocess.run(program, cwd=ROOT, env=site.env, capture_output=True, text=True)
    finally:
        site.close()
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.mark.django_db  # asks no row of the suite's database, but what it finds depends on which one it is
class TestALargeLibrary:
    def test_everything_is_asked(self, found):
        assert len(found["asked"]) > 350
        assert {*MAY_READ_IN_WHOLE, *PLANTED} <= {*found["asked"]}

    def test_nothing_is_stopped_and_nothing_fails(self, found):
        assert found["failed"] == []

    def test_no_page_asks_more_than_15_queries(self, found):
        assert found["over"] == []

    def test_no_big_table_is_read_in_whole(self, found):
        read = [each for each in found["read"] if each[0] not in {*MAY_READ_IN_WHOLE, *PLANTED}]
        assert read == [], "\n\n".join(f"{question} reads {table}:\n{sql}" for question, table, sql in read)

    def test_what_was_planted_is_found(self, found):
        assert {question for question, table, _ in found["read"] if table == "species_photo"} >= PLANTED
