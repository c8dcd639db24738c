import math

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labeling.actions import boxes, suggestions
from labeling.consensus.boxes import Rectangle
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
    draw(occurrence, photo, bob, width=0.1)
    last = draw(occurrence, photo, alice, width=0.4)
    assert frames() == [(0.1, 0.4)], "they do not agree"
    boxes.withdraw(box=last, by=alice)
    assert frames() == [(0.1, 0.1)]
    draw(occurrence, photo, bob, x=0.2, width=0.5)
    draw(occurrence, photo, alice, x=0.2, width=0.7)
    with django_assert_num_queries(1):
        [frame] = frames_on([occurrence.pk], [photo.pk])
    assert (frame.photo, frame.occurrence) == (photo.pk, occurrence.pk)
    assert frame.box == pytest.approx({"x": 0.2, "y": 0.2, "width": 0.6, "height": 0.4})


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


def test_the_same_again_is_the_same_one(occurrence, photo, bob):
    first = draw(occurrence, photo, bob)
    assert draw(occurrence, photo, bob) == first
    # In per cent with three decimals, as a form brings it back.
    assert draw(occurrence, photo, bob, x=0.100004) == first
    assert Box.objects.count() == 1


class TestWhatPeopleAgreeOn:
    def test_it_follows_every_box_at_once(self, occurrence, photo, alice, bob, charlie):
        draw(occurrence, photo, alice, x=0.10)
        assert not Region.objects.exists(), "one person's is theirs"
        second = draw(occurrence, photo, bob, x=0.12)
        region = Region.objects.get()
        assert (region.x, region.y, region.width) == pytest.approx((0.11, 0.2, 0.5))
        draw(occurrence, photo, charlie, x=0.11)
        assert Region.objects.get() == region, "the same middle is the same region"
        boxes.withdraw(box=second, by=bob)
        assert Region.objects.get().x == pytest.approx(0.105)
        draw(occurrence, photo, charlie, x=0.5, width=0.1)
        assert not Region.objects.exists(), "the two that are left are of different things"

    def test_a_reviewers_box_is_a_ruling(self, occurrence, photo, alice, bob, charlie, rita, ada):
        for each in (alice, bob, charlie):
            draw(occurrence, photo, each, x=0.1)
        region = Region.objects.get()
        assert (region.people, region.ruled) == (3, False)
        ruled = draw(occurrence, photo, rita, x=0.15)
        region = Region.objects.get()
        assert (region.x, region.people, region.ruled) == (pytest.approx(0.15), 4, True)
        assert region.spread > 0
        draw(occurrence, photo, ada, x=0.2)
        assert Region.objects.get().x == pytest.approx(0.2), "the last one of two"
        boxes.withdraw(box=Box.objects.get(person=ada, withdrawn_at=None), by=ada)
        draw(occurrence, photo, bob, x=0.11)
        assert Region.objects.get().x == pytest.approx(0.15)
        boxes.withdraw(box=ruled, by=rita)
        assert Region.objects.get().x == pytest.approx(0.1) and not Region.objects.get().ruled

    def test_on_a_photo_of_their_own_a_reviewer_is_one_of_many(self, rita, bob):
        own = sighting(rita, seed="of a reviewer")
        draw(own.occurrences.get(), own.photos.get(), rita)
        assert not Region.objects.exists() and not Box.objects.get().ruling

    def test_each_photo_and_each_organism_has_its_own(self, occurrence, photo, alice, bob):
        other = occurrence.photos.order_by("position").last()
        draw(occurrence, photo, alice)
        draw(occurrence, other, bob)
        assert not Region.objects.exists()

    def test_what_a_model_said_of_another_rectangle_goes_with_it(
        self, occurrence, photo, tree, alice, bob, charlie
    ):
        draw(occurrence, photo, alice)
        draw(occurrence, photo, bob)
        said = [{"label": "chub", "probability": 1.0}]
        suggestions.suggest(
            photo=photo,
            region=Region.objects.get(),
            source="crops-v1",
            answers=said,
            taxon=tree["chub"],
            uncertainty=0,
        )
        draw(occurrence, photo, charlie)
        assert Region.objects.get().suggestions.exists(), "it is the same one"
        draw(occurrence, photo, charlie, x=0.2)
        draw(occurrence, photo, bob, x=0.2)
        assert not Region.objects.get().suggestions.exists()


class TestAnActOfBoxes:
    """What one answer draws on several photos, and takes back with it."""

    def test_all_or_none(self, occurrence, photo, bob):
        stranger = sighting(bob, seed="other").photos.get()
        whole = Rectangle(0.0, 0.0, 1.0, 1.0)
        with pytest.raises(ValidationError):
            boxes.say(occurrence=occurrence, boxes={photo: whole, stranger: whole}, by=bob)
        assert not Box.objects.exists()

    def test_it_is_undone_as_a_whole(self, occurrence, photo, bob, charlie):
        other = occurrence.photos.order_by("position").last()
        before = draw(occurrence, photo, bob)
        removed = draw(occurrence, other, bob, x=0.3)
        said = boxes.say(
            occurrence=occurrence, boxes={photo: Rectangle(0.2, 0.2, 0.2, 0.2), other: None}, by=bob
        )
        assert [each.photo for each in said.drawn] == [photo] and said.before == [before, removed]
        assert [each.x for each in Box.objects.filter(withdrawn_at=None)] == [0.2]
        for _ in range(2):
            boxes.unsay(said=said, by=bob)
            standing = Box.objects.filter(withdrawn_at=None).order_by("x")
            assert [(each.photo, each.x) for each in standing] == [(photo, 0.1), (other, 0.3)]
        with pytest.raises(PermissionDenied):
            boxes.unsay(said=said, by=charlie)

    def test_what_is_as_it_was_is_left_alone(self, occurrence, photo, bob):
        draw(occurrence, photo, bob)
        assert boxes.say(occurrence=occurrence, boxes={photo: Rectangle(0.1, 0.2, 0.5, 0.4)}, by=bob) == (
            [],
            [],
        )
