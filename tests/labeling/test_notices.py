"""Whose sighting it is hears of it, in one notice per sighting, and never of their own acts."""

import pytest

from accounts.actions import set_news
from accounts.models import News
from labeling.actions import comments, identifications, rulings
from labeling.actions.notices import tell_observer
from notices.actions import mark_read
from notices.models import Notification
from tests import universe
from tests.conftest import person


def name(occurrence, taxon, by, **fields):
    return identifications.add(occurrence=occurrence, taxon=taxon, by=by, **fields)


def told(person) -> list[str]:
    return [each.text for each in Notification.objects.of(person)]


def test_one_notice_grows_with_what_people_say(occurrence, tree, alice, bob, charlie, rita):
    brown, rainbow = tree["brown_trout"], tree["rainbow_trout"]
    name(occurrence, brown, bob)
    assert told(alice) == ["Bob named your sighting brown trout."]
    here = f"{occurrence.observation.get_absolute_url()}#o-{occurrence.pk}"
    assert Notification.objects.get().url == here, "where it stands on the page"
    mark_read(by=alice)
    name(occurrence, brown, charlie)
    assert told(alice) == ["2 people named your sighting, now verified as brown trout."]
    assert Notification.objects.of(alice).unread().exists()
    name(occurrence, rainbow, charlie, disagrees_with=brown)
    assert told(alice) == ["2 people named your sighting; people disagree."]
    rulings.rule(occurrence=occurrence, taxon=brown, reason="Red spots.", by=rita)
    assert told(alice) == [
        "2 people named your sighting, now verified as brown trout. "
        "Rita ruled on your sighting: brown trout. Red spots."
    ]
    assert told(charlie) == ["Rita ruled otherwise than you said: brown trout. Red spots."]
    assert not told(bob) and not told(rita)


def test_of_ones_own_acts_nothing_is_told(occurrence, tree, alice):
    said = name(occurrence, tree["brown_trout"], alice)
    identifications.withdraw(identification=said, by=alice)
    assert not Notification.objects.exists()


def test_ones_own_name_is_not_counted_among_others(occurrence, tree, alice, bob):
    name(occurrence, tree["brown_trout"], alice)
    name(occurrence, tree["brown_trout"], bob)
    assert told(alice) == ["Bob named your sighting brown trout, now verified as brown trout."]


def test_what_is_taken_back_is_told(occurrence, tree, alice, bob, rita):
    said = name(occurrence, tree["brown_trout"], bob)
    identifications.withdraw(identification=said, by=bob)
    assert told(alice) == ["Bob took back what they said of your sighting."]
    ruling = rulings.rule(occurrence=occurrence, taxon=None, reason="Too blurred.", by=rita)
    assert told(alice) == ["Rita ruled on your sighting: it can’t be settled. Too blurred."]
    rulings.withdraw(ruling=ruling, by=rita)
    assert told(alice) == ["Rita took back the ruling on your sighting. What people say decides again."]


def test_each_sighting_has_its_own(occurrence, tree, alice, bob):
    other = universe.sighting(alice, seed="another").occurrences.get()
    for each in (occurrence, other):
        name(each, tree["brown_trout"], bob)
    assert Notification.objects.of(alice).count() == 2


def test_a_source_hears_nothing(tree, alice, rita):
    _, observation = universe.imported(rita)
    name(observation.occurrences.get(), tree["brown_trout"], alice)
    assert not Notification.objects.exists()


@pytest.mark.parametrize(("people", "most"), [(1, 10), (12, 11)])
def test_a_crowd_costs_what_one_costs(occurrence, tree, bob, people, most, django_assert_max_num_queries):
    for number in range(people):
        name(occurrence, tree["brown_trout"], person(f"P{number}"))
    occurrence.refresh_from_db()
    with django_assert_max_num_queries(most):
        tell_observer(occurrence=occurrence, by=bob, before=occurrence.status)
    assert Notification.objects.count() == 1


def kinds(person) -> list[str]:
    return [each.kind for each in Notification.objects.of(person)]


def test_the_kind_is_what_has_just_changed(occurrence, tree, alice, bob, charlie, rita):
    brown, rainbow = tree["brown_trout"], tree["rainbow_trout"]
    name(occurrence, brown, bob)
    assert kinds(alice) == ["named"]
    name(occurrence, rainbow, charlie, disagrees_with=brown)
    assert kinds(alice) == ["disputed"]
    name(occurrence, brown, charlie)
    assert kinds(alice) == ["settled"]
    name(occurrence, brown, rita)
    assert kinds(alice) == ["named"], "it was verified before"


@pytest.mark.parametrize("muted", ["named", "settled", "comment"])
def test_who_does_not_want_that_kind_of_news_has_none(occurrence, tree, alice, bob, charlie, muted):
    set_news(user=alice, by=alice, kinds=set(News.values) - {muted})
    name(occurrence, tree["brown_trout"], bob)
    assert kinds(alice) == ([] if muted == "named" else ["named"])
    name(occurrence, tree["brown_trout"], charlie)
    assert kinds(alice) == (["named"] if muted == "settled" else ["settled"])
    comments.add(observation=occurrence.observation, text="Nice.", by=bob)
    assert kinds(alice) == {"named": ["comment"], "settled": ["comment"], "comment": ["settled"]}[muted]


def test_a_comment_and_a_name_are_one_line_the_newest(occurrence, tree, alice, bob):
    comments.add(observation=occurrence.observation, text="Which river?", by=bob)
    assert told(alice) == ["Bob commented on your sighting."]
    mark_read(by=alice)
    name(occurrence, tree["brown_trout"], bob)
    assert told(alice) == ["Bob named your sighting brown trout."]
    assert Notification.objects.of(alice).unread().get().url.endswith(f"#o-{occurrence.pk}")
    comments.add(observation=occurrence.observation, text="In the Sill?", by=bob)
    assert told(alice) == ["Bob commented on your sighting."]
    assert Notification.objects.get().url.endswith("#comments")
