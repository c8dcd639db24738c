"""What migrations write into a library that is there already is what the product would have written."""

from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from labeling.actions import boxes, identifications, rulings
from labeling.actions.suggestions import suggest
from labeling.models import Box, Identification, Ruling
from species.actions import photos, tallies, words
from species.models import NoteWords, Observation, Occurrence, PersonWords, Photo, PlaceWords, Words
from species.queries import visibility
from species.queries.words import first_holding
from tests import universe

BEFORE = [("species", "0011_drafts_set_aside"), ("labeling", "0007_draft_words")]
WRITTEN = {
    Photo: ["shown", "frame"],
    Observation: ["shown", "surroundings_shown", "time_shown", "public_first_day", "public_last_day"],
    Occurrence: ["shown", "listed", "waits", "doubt", "last_said", "counted"],
    Identification: ["shown", "listed_at"],
    Box: ["shown", "listed_at"],
    Ruling: ["shown", "listed_at"],
    PlaceWords: ["text"],
    PersonWords: ["text"],
    NoteWords: ["text"],
}


def written() -> dict:
    def key(model) -> str:
        return "of" if issubclass(model, Words) else "pk"

    return {
        model: sorted(map(str, model.objects.values_list(key(model), *names)))
        for model, names in WRITTEN.items()
    }


@pytest.mark.django_db(transaction=True)
def test_what_is_shown_counted_and_waiting_is_written(tree, alice, bob, rita):
    made = {"latitude": 47.2, "longitude": 11.4, "place": universe.place("Großer Weiher")}
    first = universe.sighting(
        alice, seed="one", photos=2, note="Unter der Brücke", local_date=date(2015, 5, 3), **made
    )
    organism, photo = first.occurrences.get(), first.photos.first()
    hidden = universe.sighting(alice, seed="hidden").photos.get()
    photos.say(photo=hidden, purpose="show", granted=False, by=alice)
    universe.sighting(bob, seed="draft", published=False)
    for person in (alice, bob):
        identifications.add(occurrence=organism, taxon=tree["brown_trout"], by=person)
    identifications.add(occurrence=hidden.occurrences.get(), taxon=tree["chub"], by=alice)
    boxes.draw(occurrence=organism, photo=photo, by=bob, x=0.1, y=0.1, width=0.5, height=0.5)
    for person in (alice, bob):
        boxes.draw(
            occurrence=organism, photo=first.photos.last(), by=person, x=0.2, y=0.1, width=0.5, height=0.3
        )
    rulings.rule(occurrence=hidden.occurrences.get(), taxon=tree["chub"], reason="Seen.", by=rita)
    answers = [{"label": "brown_trout", "probability": 0.7}]
    suggest(photo=photo, source="m-v1", answers=answers, taxon=tree["brown_trout"], uncertainty=0.3)
    before = written()
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(BEFORE)
    MigrationExecutor(connection).migrate(latest)
    assert written() == before
    assert not visibility.differing().exists() and tallies.differing() == [] and words.differing() == []
    for model, text in ((PlaceWords, "weiher"), (PersonWords, "alice"), (NoteWords, "brücke")):
        assert len(first_holding(model, text, 10)) == 1, "the index holds what was there before"
