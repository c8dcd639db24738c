from collections import Counter
from datetime import timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from drawings import SUBJECTS
from drawings.sightings import sightings

MONTANA = ZoneInfo("America/Denver")


def test_a_sighting_does_not_depend_on_how_many_follow():
    few, many = list(islice(sightings("trout", 1), 20)), list(islice(sightings("trout", 1), 60))
    assert few == many[:20]
    assert [each.number for each in many] == list(range(60))
    assert [each.first for each in many[1:]] == [each.first + each.photos for each in many[:-1]]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_label_is_dealt_as_often_as_any_other(subject):
    dealt = Counter(each.label for each in islice(sightings(subject, 4), 10 * len(SUBJECTS[subject])))
    assert dealt == dict.fromkeys(SUBJECTS[subject], 10)


def test_trout_are_caught_in_montana_by_day_in_local_time():
    for each in islice(sightings("trout", 1), 300):
        latitude, longitude = each.place
        assert 44.3 < latitude < 49.01 and -116.1 < longitude < -104
        assert each.when.utcoffset() == each.when.astimezone(MONTANA).utcoffset()
        assert each.when.utcoffset() in (timedelta(hours=-7), timedelta(hours=-6))
        assert 5 < each.when.hour < 24
        assert 60 < each.length_mm < 700


def test_bull_trout_stay_west_of_the_divide():
    rivers = {each.folder for each in islice(sightings("trout", 1), 700) if each.label == "bull_trout"}
    assert len(rivers) > 3
    assert not rivers & {"madison_river", "gallatin_river", "yellowstone_river", "missouri_river"}


def test_there_are_many_days_and_places_to_split_by():
    chosen = list(islice(sightings("trout", 1), 320))
    assert len({(each.folder, each.when.date()) for each in chosen}) > 180
    assert len({each.observer for each in chosen}) == 10


def test_dishes_have_no_place():
    assert {each.place for each in islice(sightings("dishes", 1), 50)} == {None}


def test_a_subject_nobody_draws():
    with pytest.raises(ValueError, match="no drawings of 'birds'"):
        next(sightings("birds", 1))
