"""`shown` and `listed` follow every act that changes what anybody may see, and go no further."""

from contextlib import suppress
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from species.actions import observations, occurrences, photos, surroundings, visibility
from species.models import Observation, Occurrence, Photo, Tally
from species.queries import visibility as said
from tests import universe


def columns(sighting: Observation) -> tuple[bool, list[bool], list[tuple[bool, bool]]]:
    """`shown` of a sighting and of its photos, `listed` and `shown` of its organisms, each in their order."""
    assert not said.differing().exists()
    return (
        Observation.objects.get(pk=sighting.pk).shown,
        list(sighting.photos.order_by("position").values_list("shown", flat=True)),
        list(sighting.occurrences.order_by("created", "id").values_list("listed", "shown")),
    )


@pytest.fixture
def draft(alice) -> Observation:
    return universe.sighting(alice, photos=2, published=False, size=(64, 48))


@pytest.fixture
def sent(alice, draft) -> Observation:
    observations.publish(observation=draft, by=alice)
    return draft


def show(photo: Photo, granted: bool, purpose: str = "show") -> None:
    photos.say(photo=photo, purpose=purpose, granted=granted, by=photo.owner)


def test_published_and_taken_back(alice, draft):
    assert columns(draft) == (False, [False, False], [])
    sent = observations.publish(observation=draft, by=alice)
    assert sent.shown, "the caller's row says it, too"
    assert columns(draft) == (True, [True, True], [(True, True)])
    taken = observations.take_back(observation=sent, by=alice)
    assert not taken.shown and columns(draft) == (False, [False, False], [(False, False)])


def test_published_with_nothing_to_show_it_is_listed_for_reviewers(alice, rita, charlie):
    hidden = universe.sighting(alice, consents=["research", "train"], size=(64, 48))
    assert columns(hidden) == (False, [False], [(True, False)])
    who = [(alice, 1), (rita, 1), (charlie, 0), (None, 0)]
    assert [(each, Occurrence.objects.listed_for(each).count()) for each, _ in who] == who


def test_each_consent(sent):
    first, second = sent.photos.order_by("position")
    for purpose in ("research", "train"):
        show(first, False, purpose)
        assert columns(sent) == (True, [True, True], [(True, True)])
    show(first, False)
    assert columns(sent) == (True, [False, True], [(True, True)])
    show(second, False)
    assert columns(sent) == (False, [False, False], [(True, False)])
    show(first, True)
    assert columns(sent) == (True, [True, False], [(True, True)])


def test_a_word_on_a_draft_shows_nothing_before_it_is_sent(alice, draft):
    first, second = draft.photos.order_by("position")
    show(second, False)
    assert columns(draft) == (False, [False, False], [])
    show(first, False)
    show(first, True)
    assert columns(draft) == (False, [False, False], [])
    observations.publish(observation=draft, by=alice)
    assert columns(draft) == (True, [True, False], [(True, True)])


def test_an_organism_is_shown_by_its_own_photos(alice, sent):
    first, second = sent.photos.order_by("position")
    show(second, False)
    added = occurrences.add(observation=sent, photos=[second], by=alice)
    assert (added.listed, added.shown) == (True, False)
    assert columns(sent) == (True, [True, False], [(True, True), (True, False)])
    show(second, True)
    show(first, False)
    assert columns(sent) == (True, [False, True], [(True, True), (True, True)])


def test_erased_photos(alice, sent):
    first, second = sent.photos.order_by("position")
    occurrences.add(observation=sent, photos=[first], by=alice)
    photos.erase(photo=first, by=alice)
    assert columns(sent) == (True, [True], [(True, True), (False, False)])
    photos.erase(photo=second, by=alice)
    assert columns(sent) == (False, [], [(False, False), (False, False)])


def test_an_import_shows_what_was_promised_for_it(ada):
    _, open_ = universe.imported(ada)
    _, closed = universe.imported(ada, seed="closed", consents=("research",))
    assert columns(open_) == (True, [True], [(True, True)])
    assert columns(closed) == (False, [False], [(True, False)])


def test_an_admins_no_hides(ada, sent):
    photos.say(photo=sent.photos.order_by("position")[0], purpose="show", granted=False, by=ada)
    assert columns(sent) == (True, [False, True], [(True, True)])


def test_settling_again_changes_nothing(alice, sent):
    universe.sighting(alice, seed="other", size=(64, 48))
    before = [
        list(model.objects.order_by("pk").values()) for model in (Photo, Observation, Occurrence, Tally)
    ]
    with transaction.atomic():
        visibility.settle(observations.lock(sent))
    again = [list(model.objects.order_by("pk").values()) for model in (Photo, Observation, Occurrence, Tally)]
    assert again == before


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (Photo, {"shown": False}),
        (Observation, {"shown": False}),
        (Occurrence, {"shown": False}),
        (Occurrence, {"shown": False, "listed": False}),
    ],
)
def test_a_column_that_hides_is_found_and_mended(sent, model, wrong):
    right = columns(sent)
    model.objects.update(**wrong)
    assert list(said.differing()) == [sent]
    observations.mend(sent)
    assert columns(sent) == right


@pytest.mark.parametrize("model", [Photo, Observation, Occurrence])
def test_a_column_that_shows_what_is_hidden_is_found_and_mended(alice, model):
    hidden = universe.sighting(alice, consents=[], size=(64, 48))
    right = columns(hidden)
    model.objects.update(shown=True)
    assert list(said.differing()) == [hidden]
    observations.mend(hidden)
    assert columns(hidden) == right


@pytest.mark.parametrize(
    "wrong",
    [
        {
            "time_shown": "exact",
            "public_first_day": date(2015, 10, 13),
            "public_last_day": date(2015, 10, 13),
        },
        {"time_precision": "day"},
        {"public_first_day": None, "public_last_day": None},
        {"public_first_day": date(2015, 10, 13)},
        {"public_last_day": date(2015, 10, 30)},
        {"public_last_day": date(2016, 10, 31)},
    ],
)
def test_a_time_that_is_told_otherwise_than_chosen_is_found_and_mended(alice, wrong):
    sighting = universe.sighting(
        alice,
        size=(64, 48),
        local_date=date(2015, 10, 13),
        latitude=47.2,
        longitude=11.3,
        time_precision="month",
    )
    told = ("time_shown", "public_first_day", "public_last_day")
    right = Observation.objects.values_list(*told).get()
    assert right == ("month", date(2015, 10, 1), date(2015, 10, 31)) and not said.differing().exists()
    with suppress(IntegrityError), transaction.atomic():
        Observation.objects.update(**wrong)
        assert list(said.differing()) == [sighting]
        observations.mend(sighting)
    assert not said.differing().exists()
    assert "time_precision" in wrong or Observation.objects.values_list(*told).get() == right


@pytest.mark.parametrize("privacy", ["open", "generalized"])
def test_without_a_place_the_choice_of_who_sees_it_rules_the_time(alice, privacy):
    universe.sighting(
        alice, size=(64, 48), local_date=date(2015, 10, 13), privacy=privacy, time_precision="day"
    )
    assert Observation.objects.get().time_shown == ("exact" if privacy == "open" else "day")
    assert not said.differing().exists()


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        (Observation, {"surroundings_shown": "whole"}),
        (Observation, {"surroundings_shown": "softened", "surroundings": "softened"}),
        (Observation, {"surroundings": "whole"}),
        (Photo, {"shown_as": ""}),
        (Photo, {"shown_as": "softened"}),
        (Photo, {"shown_as": "softened-0123456789ab"}),
        (Photo, {"frame": None, "shown_as": "softened-0123456789ab"}),
    ],
)
def test_a_photo_that_is_shown_otherwise_than_chosen_is_found_and_mended(alice, of, wrong):
    sighting = universe.sighting(alice, size=(64, 48), latitude=47.2, longitude=11.3, surroundings="cropped")
    photo = sighting.photos.get()
    surroundings.frame(sighting, photo, [(0.25, 0.25, 0.5, 0.5)])
    assert Photo.objects.get().public_rendition == "cropped" and not said.differing().exists()
    with suppress(IntegrityError), transaction.atomic():
        of.objects.update(**wrong)
        assert list(said.differing()) == [sighting]
        observations.mend(sighting)
    assert not said.differing().exists()


def test_of_an_open_place_a_photo_that_is_cropped_is_found(alice):
    sighting = universe.sighting(
        alice, size=(64, 48), latitude=47.2, longitude=11.3, surroundings="softened", privacy="open"
    )
    assert Photo.objects.get().shown_as == "" and not said.differing().exists()
    Photo.objects.update(shown_as="softened")
    assert list(said.differing()) == [sighting]
    observations.mend(sighting)
    assert Photo.objects.get().shown_as == ""
