"""What people do to sightings, by chance; in a test's own process, or in one that is killed."""

import os
import random
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from accounts.models import User
from labeling.actions import boxes, identifications, rulings
from species.actions import observations, occurrences, partings, photos, published, tallies
from species.models import Observation, Taxon

NAMES = ["brown_trout", "rainbow_trout", "bull_trout", "salmo"]
REFUSALS = (ValidationError, PermissionDenied, Http404)


def act(dice: random.Random, people, tree) -> None:
    """Something that one of them does, whether or not they may."""
    by = dice.choice(people)
    sighting = dice.choice(list(Observation.objects.order_by("created")))
    photo = dice.choice(list(sighting.photos.order_by("position")) or [None])
    organism = dice.choice(list(sighting.occurrences.order_by("created")) or [None])
    what = dice.randrange(19)
    if what == 0:
        observations.publish(observation=sighting, by=sighting.observer)
    elif what == 1:
        observations.take_back(observation=sighting, by=sighting.observer)
    elif what < 6 and photo:
        photos.say(photo=photo, purpose="show", granted=dice.random() < 0.5, by=photo.owner)
    elif what == 6 and photo:
        occurrences.add(observation=sighting, photos=[photo], by=sighting.observer)
    elif what == 7 and organism:
        identifications.add(occurrence=organism, taxon=tree[dice.choice(NAMES)], by=by)
    elif what == 8 and organism:
        rulings.rule(
            occurrence=organism, taxon=tree[dice.choice(NAMES)], reason="It is.", by=people[3], confirmed=True
        )
    elif what == 9 and organism and photo:
        boxes.draw(occurrence=organism, photo=photo, by=by, x=0.1, y=0.1, width=0.5, height=0.5)
    elif what == 11:
        observations.describe(
            observation=sighting, by=sighting.observer, local_date=date(2020, dice.randint(1, 12), 3)
        )
    elif what == 12:
        place = dice.choice([(47.3, 11.4), (47.9, 11.9), (-33.0, 151.0), (0.0, 180.0), (None, None)])
        observations.describe(
            observation=sighting,
            by=sighting.observer,
            latitude=place[0],
            longitude=place[1],
            place_source="map_pin" if place[0] is not None else "",
            privacy=dice.choice(["open", "generalized", "private"]),
        )
    elif what == 13 and photo:
        partings.remove(photo=photo, by=sighting.observer)
    elif what == 14 and photo:
        partings.split(photo=photo, by=sighting.observer)
    elif what == 15 and dice.random() < 0.3:
        published.withdraw(observation=sighting, by=sighting.observer)
    elif what in (16, 17):
        gone = Observation.objects.exclude(discarded_at=None).order_by("created")
        published.restore(observation=dice.choice(list(gone) or [sighting]), by=sighting.observer)
    elif what == 18:
        edit = dice.choice(list(sighting.edits.order_by("created")) or [None])
        if edit is not None:
            published.undo(edit=edit, by=sighting.observer)
    elif what == 10 and photo and dice.random() < 0.05:
        photos.erase(photo=photo, by=photo.owner)


def go_on(seed: int, count: int, log: str) -> None:
    """So many acts of anybody here, a byte in `log` for each; the last of the people reviews."""
    dice = random.Random(seed)
    people = list(User.objects.filter(email__endswith="@example.org").order_by("role", "email"))
    tree = {taxon.label: taxon for taxon in Taxon.objects.filter(label__in=NAMES)}
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for _ in range(count):
        try:
            act(dice, people, tree)
        except REFUSALS:
            pass
        os.write(file, b".")
        if dice.random() < 0.02:
            tallies.gather()
