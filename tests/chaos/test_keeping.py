"""Whoever keeps a photo under a name has both or neither, wherever the process that does it is killed."""

import pytest

from labeling.models import Identification, ShownSuggestion, Suggestion
from species.models import Observation, Occurrence, Photo
from tests.home.killed import killed_at
from tests.home.test_keep import said

EVERY, SOME = 1, 7  # of the statements


@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_killed_before_any_statement_both_are_there_or_neither(tree, alice, full, record):
    statement = struck = 0
    while True:
        statement += EVERY if full else SOME
        killed = killed_at(statement, owner=alice, taxon=tree["brown_trout"], said=said())
        rows = [
            each.objects.count()
            for each in (Photo, Observation, Occurrence, Identification, Suggestion, ShownSuggestion)
        ]
        assert rows in ([0] * 6, [1] * 6), f"killed before statement {statement}: {rows}"
        if not killed:
            assert rows == [1] * 6
            break
        struck += 1
        if rows == [1] * 6:
            break
    assert struck >= 3
    record("keeping", kills=struck, statements=statement)
