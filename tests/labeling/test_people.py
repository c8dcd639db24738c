"""A person's page: what they found and named of what anybody may see, the same for every reader."""

import pytest
from django.urls import reverse

from labeling.actions import comments, identifications, rulings
from labeling.queries import people as people_queries
from species.actions import photos
from tests import universe
from tests.labeling.browsing import PEOPLE, as_person, get, links, queries


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, None], strict=True))


def name(sighting, taxon, by):
    return identifications.add(occurrence=sighting.occurrences.get(), taxon=taxon, by=by)


def listed(client, reader, person, part="person", **query) -> list[str]:
    """Addresses of the cards."""
    page = get(as_person(client, reader), part, person.pk, **query)
    return [link for link in links(page) if link.startswith("/sightings/")]


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_reads_the_same_and_nothing_that_is_hidden(
    client, who, people, sighting_of_alice, tree, bob
):
    alice = people["owner"]
    hidden = universe.sighting(alice, seed="hidden", size=(64, 48))
    draft = universe.sighting(alice, seed="draft", size=(64, 48), published=False)
    for each in (sighting_of_alice, hidden):
        name(each, tree["brown_trout"], bob)
    photos.say(photo=hidden.photos.get(), purpose="show", granted=False, by=alice)
    for part, person in (("person", alice), ("person_names", bob)):
        page = get(as_person(client, people[who]), part, person.pk)
        shown = [link for link in links(page) if link.startswith("/sightings/")]
        assert shown == [sighting_of_alice.get_absolute_url()], (part, draft.pk)
        assert "47.26" not in page.text
    page = get(client, "person", alice.pk)
    assert ("Others see this page as you do" in page.text) == (who == "owner")


def test_what_became_of_it_is_counted(client, sighting_of_alice, tree, alice, bob, charlie):
    other = universe.sighting(alice, seed="other", size=(64, 48))
    name(sighting_of_alice, tree["brown_trout"], bob)
    name(sighting_of_alice, tree["brown_trout"], charlie)
    said = name(other, tree["chub"], bob)
    assert people_queries.found(alice) == people_queries.Count(2, 1)
    assert people_queries.named(bob) == people_queries.Count(2, 1)
    page = get(client, "person_names", bob.pk)
    assert "Named chub" in page.text and "Named brown trout" in page.text
    identifications.withdraw(identification=said, by=bob)
    assert people_queries.named(bob) == people_queries.Count(1, 1)
    assert people_queries.named(alice) == people_queries.Count(0, 0)


def test_no_more_are_counted_than_a_page_can_pay_for(client, monkeypatch, tree, alice, bob):
    monkeypatch.setattr(people_queries, "COUNTED", 2)
    for number in range(3):
        name(universe.sighting(alice, seed=number, size=(64, 48)), tree["chub"], bob)
    assert people_queries.named(bob) == people_queries.Count(2, 0, more=True)
    assert "2+" in get(client, "person", bob.pk).text


def test_page_after_page_newest_first_and_none_twice(client, monkeypatch, tree, alice, bob):
    monkeypatch.setattr("labeling.views.people.PER_PAGE", 2)
    made = [universe.sighting(alice, seed=number, size=(64, 48)) for number in range(5)]
    for each in made:
        name(each, tree["chub"], bob)
    for part, person in (("person", alice), ("person_names", bob)):
        seen, address = [], reverse(part, args=[person.pk])
        while address:
            answer = client.get(address)
            page = get(client, part, person.pk, **answer.wsgi_request.GET.dict())
            seen += [link for link in links(page) if link.startswith("/sightings/")]
            address = next((each["href"] for each in page.all("a") if each.get("rel") == "next"), None)
        assert seen == [each.get_absolute_url() for each in reversed(made)]


def test_an_address_that_nobody_gave_out_is_told_so(client, sighting_of_alice, alice):
    page = get(client, "person", alice.pk, cursor="nonsense", expect=400)
    assert "This address is broken" in page.text
    assert sighting_of_alice.get_absolute_url() in links(page)


def test_a_collection_says_what_it_is(client, tree, rita):
    batch, sighting = universe.imported(rita)
    page = get(client, "person", batch.source_id)
    assert "This came with an imported collection" in page.text
    assert "© somebody, licence: MIT" in page.text
    assert sighting.get_absolute_url() in links(page)


def test_who_left_is_said_to_have_left_and_what_they_shared_stays(client, sighting_of_alice, alice):
    alice.is_active = False
    alice.save()
    page = get(client, "person", alice.pk)
    assert "Somebody who left" in page.text and sighting_of_alice.get_absolute_url() in links(page)


def test_nobody_has_no_page(client, db):
    for part in ("person", "person_names"):
        get(client, part, "00000000-0000-4000-8000-000000000000", expect=404)


def test_it_is_linked_wherever_somebody_is_named(client, sighting_of_alice, tree, alice, bob, charlie, rita):
    name(sighting_of_alice, tree["brown_trout"], bob)
    comments.add(observation=sighting_of_alice, text="@Bob, which month?", by=charlie)
    rulings.rule(
        occurrence=sighting_of_alice.occurrences.get(), taxon=tree["chub"], reason="It has no spots.", by=rita
    )
    linked = links(get(client, "observation", sighting_of_alice.pk))
    for person in (alice, bob, charlie, rita):
        assert reverse("person", args=[person.pk]) in linked, person


@pytest.mark.parametrize(("part", "most"), [("person", 8), ("person_names", 7)])
def test_many_cost_what_one_costs(client, part, most, tree, alice, bob, sighting_of_alice):
    name(sighting_of_alice, tree["brown_trout"], bob)
    person = alice if part == "person" else bob
    first = queries(client, reverse(part, args=[person.pk]))
    for number in range(5):
        name(universe.sighting(alice, seed=number, photos=2, size=(64, 48)), tree["chub"], bob)
    assert first == queries(client, reverse(part, args=[person.pk])) == most
