from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labeling.actions import drafts, identifications
from labeling.actions.suggestions import suggest
from labeling.models import Identification, Verdict
from labeling.queries import newcomers
from look.site import site
from species.access import NotYours
from species.actions import observations
from species.models import Status
from species.queries import taxa
from tests.universe import sighting


def say(occurrence, person, taxon, **more):
    return identifications.add(occurrence=occurrence, taxon=taxon, by=person, **more)


def test_two_people_who_agree_verify(occurrence, tree, alice, bob):
    say(occurrence, alice, tree["brown_trout"])
    assert occurrence.status == Status.NEEDS_ID and occurrence.agreed_taxon is None
    say(occurrence, bob, tree["brown_trout"], confidence="sure", note="  spots on the gill cover ")
    assert occurrence.status == Status.VERIFIED
    occurrence.refresh_from_db()
    assert occurrence.status == Status.VERIFIED and occurrence.agreed_taxon == tree["brown_trout"]
    verdict = Verdict.objects.get(occurrence=occurrence)
    assert verdict.status == Status.VERIFIED and verdict.taxon == tree["brown_trout"]
    assert verdict.explained().reason == "agreement" and verdict.explained().people == 2
    assert Identification.objects.get(person=bob).note == "spots on the gill cover"


def test_saying_something_else_takes_the_former_back_and_keeps_it_on_record(occurrence, tree, alice, bob):
    say(occurrence, alice, tree["brown_trout"])
    say(occurrence, bob, tree["rainbow_trout"])
    assert occurrence.status == Status.DISPUTED
    say(occurrence, bob, tree["brown_trout"])
    assert occurrence.status == Status.VERIFIED
    said = Identification.objects.filter(person=bob).order_by("created")
    assert [(each.taxon, each.withdrawn_at is None) for each in said] == [
        (tree["rainbow_trout"], False),
        (tree["brown_trout"], True),
    ]


def test_withdrawing_restores_what_was(occurrence, tree, alice, bob):
    say(occurrence, alice, tree["brown_trout"])
    before = Verdict.objects.get(occurrence=occurrence).explanation
    identification = say(occurrence, bob, tree["brown_trout"])
    identifications.withdraw(identification=identification, by=bob)
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.agreed_taxon) == (Status.NEEDS_ID, None)
    assert Verdict.objects.get(occurrence=occurrence).explanation == before
    identification.refresh_from_db()
    first = identification.withdrawn_at
    assert identifications.withdraw(identification=identification, by=bob).withdrawn_at == first


def test_what_went_meanwhile_is_withdrawn_by_nobody(tree, alice):
    draft = sighting(alice, published=False)
    fill = {"observation": draft, "by": alice, "described": {}, "licence": "CC0-1.0", "consents": ["show"]}
    drafts.save(**fill, taxon=tree["chub"])
    said = Identification.objects.get()
    drafts.save(**fill, taxon=tree["bream"])
    with pytest.raises(NotYours):
        identifications.withdraw(identification=said, by=alice)
    assert Identification.objects.get().withdrawn_at is None


def test_only_the_person_withdraws(occurrence, tree, alice, bob, rita, ada):
    identification = say(occurrence, alice, tree["brown_trout"])
    for person in (bob, rita, ada):
        with pytest.raises(PermissionDenied):
            identifications.withdraw(identification=identification, by=person)
    assert Identification.objects.get().withdrawn_at is None


def test_a_synonym_counts_as_what_it_stands_for(occurrence, tree, alice, bob):
    synonym = next(taxon for taxon in tree.values() if taxon.scientific_name == "Salmo fario")
    say(occurrence, alice, synonym)
    say(occurrence, bob, tree["brown_trout"])
    assert occurrence.agreed_taxon == tree["brown_trout"]


def test_the_guess_on_screen_is_remembered(occurrence, photo, tree, alice):
    guess = suggest(
        photo=photo,
        source="resnet34-v7",
        answers=[{"label": "brown_trout", "probability": 0.9}],
        taxon=tree["brown_trout"],
        uncertainty=0.1,
    )
    identification = say(occurrence, alice, tree["brown_trout"], suggestion_on_screen=guess)
    guess.delete()
    identification.refresh_from_db()
    assert identification.suggestion_on_screen is None
    assert identification.model_on_screen == "resnet34-v7"


def test_a_guess_at_another_photo_is_refused(occurrence, tree, alice, bob):
    other = sighting(bob, seed="other").photos.get()
    guess = suggest(
        photo=other,
        source="m",
        answers=[{"label": "brown_trout", "probability": 1.0}],
        taxon=None,
        uncertainty=0.0,
    )
    with pytest.raises(ValidationError, match="another photo"):
        say(occurrence, alice, tree["brown_trout"], suggestion_on_screen=guess)
    assert not Identification.objects.exists()


@pytest.mark.parametrize("rejected", ["brown_trout", "salmo", "salmonidae"])
def test_nobody_rejects_the_name_they_give(occurrence, tree, alice, rejected):
    with pytest.raises(ValidationError) as refusal:
        say(occurrence, alice, tree["brown_trout"], disagrees_with=tree[rejected])
    assert "disagrees_with" in refusal.value.message_dict
    assert not Identification.objects.exists()


def test_an_unknown_confidence_is_refused_and_nothing_is_lost(occurrence, tree, alice):
    standing = say(occurrence, alice, tree["brown_trout"])
    with pytest.raises(ValidationError):
        say(occurrence, alice, tree["rainbow_trout"], confidence="absolutely")
    standing.refresh_from_db()
    assert standing.withdrawn_at is None


def test_a_draft_is_named_by_its_owner_only(tree, alice, bob, rita, ada):
    draft = sighting(alice, seed="draft", published=False)
    observations.publish(observation=draft, by=alice)
    observations.take_back(observation=draft, by=alice)
    occurrence = draft.occurrences.get()
    for person in (bob, rita, ada):
        with pytest.raises(PermissionDenied):
            say(occurrence, person, tree["brown_trout"])
    assert say(occurrence, alice, tree["brown_trout"]).person == alice


def test_a_source_account_speaks_through_imports_only(occurrence, tree, source):
    with pytest.raises(PermissionDenied):
        say(occurrence, source, tree["brown_trout"])


def test_bring_in_is_for_reviewers_and_sources_and_safe_to_repeat(occurrence, tree, source, alice, bob, rita):
    with pytest.raises(PermissionDenied):
        identifications.add_imported(occurrence=occurrence, said={source: tree["brown_trout"]}, by=alice)
    with pytest.raises(ValidationError):
        identifications.add_imported(occurrence=occurrence, said={bob: tree["brown_trout"]}, by=rita)
    (first,) = identifications.add_imported(
        occurrence=occurrence, said={source: tree["brown_trout"]}, by=rita
    )
    (again,) = identifications.add_imported(
        occurrence=occurrence, said={source: tree["brown_trout"]}, by=rita
    )
    assert first == again and first.person == source
    (changed,) = identifications.add_imported(
        occurrence=occurrence, said={source: tree["rainbow_trout"]}, by=rita
    )
    assert changed != first
    assert Identification.objects.get(withdrawn_at=None) == changed
    assert Verdict.objects.get().explained().people == 1


def test_a_sensitive_name_hides_the_place_at_once(tree, alice, bob):
    observation = sighting(alice, seed="huchen", latitude=47.1, longitude=12.3, privacy="open")
    occurrence = observation.occurrences.get()
    assert observation.has_public_place
    for person in (alice, bob):
        say(occurrence, person, tree["huchen"])
    observation.refresh_from_db()
    assert not observation.has_public_place


@pytest.mark.parametrize("changes", [False, True])
def test_a_rejection_goes_no_further_once_nobody_says_what_it_rejects(
    occurrence, tree, alice, bob, charlie, rita, ada, changes
):
    """Bob's brown trout, Charlie's "a salmonid, but not that", and then two who say another Salmo."""
    said = say(occurrence, bob, tree["brown_trout"])
    say(occurrence, charlie, tree["salmonidae"], disagrees_with=tree["brown_trout"])
    occurrence.refresh_from_db()
    assert occurrence.status == Status.DISPUTED
    if changes:
        say(occurrence, bob, tree["salmo"])
    else:
        identifications.withdraw(identification=said, by=bob)
    say(occurrence, rita, tree["atlantic_salmon"])
    say(occurrence, ada, tree["atlantic_salmon"])
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.agreed_taxon) == (Status.VERIFIED, tree["atlantic_salmon"])


def test_an_identification_asks_for_its_rows_once(occurrence, tree, bob):
    """Of the sighting: held, which says that anybody may see it. Of the organism: as it is once the sighting is held.
    Of identifications: what stands, and every name that protects its place. Of taxa: whether any changed.
    With what stands come how its people signed up, and which table of reliability is current.
    Once settled, what stands is read again for whose sighting it is, with the name where it is the only one.
    Of who is new, how much they said today is counted, too.
    """
    assert newcomers.is_new(bob)
    bob.created = timezone.now() - timedelta(days=site()["newcomers"]["days"])
    taxa.protected_in(taxa.tree())
    with CaptureQueriesContext(connection) as asked:
        say(occurrence, bob, tree["brown_trout"])
    selects = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
    tables = [sql.split(' FROM "')[1].split('"')[0] for sql in selects]
    assert sorted(tables) == [
        "labeling_identification",
        "labeling_identification",
        "labeling_ruling",
        "labeling_shownsuggestion",
        "labeling_shownthread",
        "labeling_signup",  # within the third of identifications
        "notices_notification",
        "species_observation",
        "species_occurrence",
        "species_taxaversion",
        "species_taxon",
    ]
