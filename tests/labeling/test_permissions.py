"""Who may do what: one row per deed, one column per person."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from labeling import access
from labeling.actions import boxes, flags, identifications, rulings
from species.models import Occurrence
from tests import universe
from tests.conftest import person

PEOPLE = ["owner", "colleague", "stranger", "reviewer", "admin", "anonymous"]
MAY = {
    "identify": "owner colleague stranger reviewer admin",
    "withdraw the owner's opinion": "owner",
    "draw": "owner colleague stranger reviewer admin",
    "rule": "reviewer admin",
    "withdraw a ruling": "reviewer admin",
    "flag": "owner colleague stranger reviewer admin",
    "resolve a flag": "reviewer admin",
    "identify a draft": "owner",
    "draw on a draft": "owner",
    "rule on a draft": "",
    "flag a draft": "owner",
}


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, AnonymousUser()], strict=True))


@pytest.fixture
def scene(occurrence, photo, tree, alice, people):
    """What stands before each deed: the owner's identification, another reviewer's ruling, a fifth person's flag."""
    return {
        "opinion": identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice),
        "ruling": rulings.rule(occurrence=occurrence, taxon=None, reason="Blurred.", by=people["admin"]),
        "flag": flags.raise_flag(photo=photo, kind="person", by=person("Dora")),
    }


def deed(name, scene, occurrence, photo, tree, by):
    taxon = tree["rainbow_trout"]
    match name.removesuffix(" on a draft").removesuffix(" a draft"):
        case "identify":
            identifications.add(occurrence=occurrence, taxon=taxon, by=by)
        case "withdraw the owner's opinion":
            identifications.withdraw(identification=scene["opinion"], by=by)
        case "draw":
            boxes.draw(occurrence=occurrence, photo=photo, by=by, x=0, y=0, width=1, height=1)
        case "rule":
            rulings.rule(occurrence=occurrence, taxon=taxon, reason="Pink band.", by=by)
        case "withdraw a ruling":
            rulings.withdraw(ruling=scene["ruling"], by=by)
        case "flag":
            flags.raise_flag(photo=photo, kind="rights", by=by)
        case "resolve a flag":
            flags.resolve(flag=scene["flag"], by=by)
        case _:
            raise AssertionError(name)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("what", MAY)
def test_who_may(what, who, scene, occurrence, photo, tree, people):
    if what.endswith("draft"):
        universe.take_everything_back()
    by = people[who]
    occurrence = Occurrence.objects.get()
    if who in MAY[what].split():
        deed(what, scene, occurrence, photo, tree, by)
    else:
        with pytest.raises(PermissionDenied):
            deed(what, scene, occurrence, photo, tree, by)


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_ask_the_same_rules(who, scene, photo, people):
    occurrence = Occurrence.objects.select_related("observation").get()
    by = people[who]
    assert access.can_identify(by, occurrence) == (who in MAY["identify"].split())
    assert access.can_rule(by, occurrence) == (who in MAY["rule"].split())
    assert access.can_flag(by, photo) == (who in MAY["flag"].split())


def test_who_was_shut_out_has_no_say(occurrence, photo, tree, bob):
    said = identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=bob)
    bob.is_active = False
    bob.save()
    for name, scene in (("identify", {}), ("withdraw the owner's opinion", {"opinion": said}), ("flag", {})):
        with pytest.raises(PermissionDenied):
            deed(name, scene, occurrence, photo, tree, bob)
