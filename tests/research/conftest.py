from datetime import date

import pytest

from accounts.models import Role
from species.actions import occurrences
from tests.conftest import person
from tests.research import building

EXACT = (47.268123, 11.393257)


@pytest.fixture
def rosa(db):
    """The researcher."""
    return person("Rosa", Role.RESEARCHER)


@pytest.fixture
def library(tree, alice, bob):
    """Six verified organisms of three kinds on different days; the first has two photos and a rough place."""
    found = []
    for number in range(6):
        place = dict(zip(("latitude", "longitude"), EXACT, strict=True)) if number == 0 else {}
        kind = ("brown_trout", "chub", "cutbow")[number % 3]
        day = date(2020, 5, 1 + number)
        found.append(
            building.agreed(
                alice,
                tree[kind],
                [bob],
                seed=f"library {number}",
                photos=1 if number else 2,
                local_date=day,
                size=(160, 80),
                **place,
            )
        )
    occurrences.measure(occurrence=found[0], kind="total_length", value=312, by=alice)
    return found


@pytest.fixture
def dataset(library, rosa):
    """Frozen from the library."""
    frozen = building.freeze(rosa)
    assert frozen.state == "frozen", frozen.summary
    return frozen
