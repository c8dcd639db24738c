import math

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labeling.actions import boxes
from labeling.models import Box, Region
from labeling.queries.boxes import frames_on
from species.access import NotYours
from tests import universe
from tests.universe import sighting


def draw(occurrence, photo, by, x=0.1, y=0.2, width=0.5, height=0.4):
    return boxes.draw(occurrence=occurrence, photo=photo, by=by, x=x, y=y, width=width, height=height)


def test_drawn_again_takes_the_former_back(occurrence, photo, alice, bob):
    first = draw(occurrence, photo, bob)
    draw(occurrence, photo, alice)
    second = draw(occurrence, photo, bob, width=0.6)
    first.refresh_from_db()
    assert first.withdrawn_at is not None and second.withdrawn_at is None
    assert Box.objects.filter(withdrawn_at=None).count() == 2


def test_around_it_is_what_is_agreed_else_the_last_that_stands(
    occurrence, photo, alice, bob, django_assert_num_queries
):
    def frames() -> list[tuple[float, float]]:
        return [(each.x, each.width) for each in frames_on([occurrence.pk], [photo.pk])]

    assert frames() == []
    draw(occurrence, photo, bob, width=0.3)
    last = draw(occurrence, photo, alice, width=0.4)
    assert frames() == [(0.1, 0.4)]
    boxes.withdraw(box=last, by=alice)
    assert frames() == [(0.1, 0.3)]
    Region.objects.create(occurrence=occurrence, photo=photo, x=0.2, y=0.2, width=0.6, height=0.4)
    with django_assert_num_queries(1):
        [frame] = frames_on([occurrence.pk], [photo.pk])
    assert (frame.photo, frame.occurrence) == (photo.pk, occurrence.pk)
    assert frame.box == {"x": 0.2, "y": 0.2, "width": 0.6, "height": 0.4}


def test_only_who_drew_it_takes_it_back(occurrence, photo, alice, bob, rita):
    box = draw(occurrence, photo, bob)
    for person in (alice, rita):
        with pytest.raises(PermissionDenied):
            boxes.withdraw(box=box, by=person)
    first = boxes.withdraw(box=box, by=bob).withdrawn_at
    assert first is not None
    assert boxes.withdraw(box=box, by=bob).withdrawn_at == first
    # As when the draft's other photo goes while this one's page is open.
    Box.objects.all().delete()
    with pytest.raises(NotYours):
        boxes.withdraw(box=box, by=bob)


@pytest.mark.parametrize(
    "sides",
    [
        {"x": -0.01},
        {"y": -0.01},
        {"width": 0},
        {"height": -0.1},
        {"x": 0.6},
        {"height": 0.81},
        {"x": math.nan},
        {"width": math.inf},
    ],
)
def test_a_box_lies_within_the_photo(occurrence, photo, bob, sides):
    standing = draw(occurrence, photo, bob)
    with pytest.raises(ValidationError):
        draw(occurrence, photo, bob, **sides)
    standing.refresh_from_db()
    assert standing.withdrawn_at is None


def test_the_whole_photo_and_a_browsers_rounding(occurrence, photo, bob):
    draw(occurrence, photo, bob, x=0, y=0, width=1, height=1)
    box = draw(occurrence, photo, bob, x=0.7, y=0.9, width=0.3 + 5e-7, height=0.1 + 5e-7)
    assert box.x + box.width <= 1 and box.y + box.height <= 1


def test_a_photo_that_does_not_show_it(occurrence, bob):
    other = sighting(bob, seed="other").photos.get()
    with pytest.raises(ValidationError):
        draw(occurrence, other, bob)


def test_nobody_draws_on_what_they_cannot_see(alice, bob):
    draft = sighting(alice, seed="draft", published=True)
    occurrence, photo = draft.occurrences.get(), draft.photos.get()
    universe.take_everything_back()
    with pytest.raises(PermissionDenied):
        draw(occurrence, photo, bob)
    assert draw(occurrence, photo, alice).person == alice
