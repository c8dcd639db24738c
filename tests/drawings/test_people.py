"""What people say of the drawings, judged by the consensus that will judge it."""

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from django.conf import settings

from drawings import SUBJECTS
from drawings.people import COARSE, PEOPLE, TAKEN_FOR
from drawings.sightings import sightings
from labeling.consensus import Vote, decide
from species.taxonomy import taxa_file
from species.taxonomy.tree import Tree

SIGHTINGS = 1500


def taxa(subject: str) -> tuple[dict[str, str], Tree]:
    """Scientific names by label, and the tree, of the subject's starting taxa."""
    entries = taxa_file.read(Path(settings.ROOT) / "data" / "taxa" / f"{subject}.yaml").entries
    rows = ((e.scientific_name, e.parent or None, e.second_parent or None, e.rank, None) for e in entries)
    return {e.label: e.scientific_name for e in entries}, Tree(rows)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_label_is_one_of_the_starting_taxa(subject):
    names, tree = taxa(subject)
    said = {each for label in SUBJECTS[subject] for each in (label, *TAKEN_FOR[label])}
    assert said <= names.keys()
    assert {each for each in said if not tree.at_or_below_species(names[each])} == said & COARSE


@pytest.mark.parametrize("subject", SUBJECTS)
def test_most_sightings_are_verified_rightly_and_the_rest_gives_people_something_to_do(subject):
    names, tree = taxa(subject)
    found = Counter()
    for sighting in islice(sightings(subject, 1), SIGHTINGS):
        said = [(sighting.observer, sighting.said.own), *sighting.said.others]
        outcome = decide([Vote(who, names[what], who == sighting.observer) for who, what in said], tree)
        found[outcome.status, outcome.taxon == names[sighting.label]] += 1
    share = {what: count / SIGHTINGS for what, count in found.items()}
    assert 0.8 < share["verified", True] < 0.9
    assert 0 < share["verified", False] < 0.02
    assert share["disputed", False] > 0.02
    assert share["needs_id", False] > 0.05


@pytest.mark.parametrize("subject", SUBJECTS)
def test_nobody_speaks_twice_of_one_sighting(subject):
    for sighting in islice(sightings(subject, 3), 300):
        people = [sighting.observer, *(who for who, _ in sighting.said.others)]
        assert len(set(people)) == len(people)
        assert set(people) <= set(PEOPLE[subject])
