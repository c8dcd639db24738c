"""In what somebody's photos are used."""

import pytest
from django.urls import reverse

from research.models import Dataset, DatasetPerson
from tests.labeling.browsing import as_person, get, links, queries

PEOPLE = ["alice", "bob", "charlie", "rita", "ada", None]


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_reads_the_same(client, request, who, live, dataset, alice, bob):
    DatasetPerson.objects.create(dataset=dataset, person=alice, photos=1200, trainable=3)
    DatasetPerson.objects.create(dataset=dataset, person=bob, photos=1, trainable=0)
    page = get(as_person(client, who and request.getfixturevalue(who)), "person_uses", alice.pk)
    assert "1,200" in page.text
    assert {reverse("dataset", args=[dataset.pk]), reverse("model", args=[live.pk])} <= set(links(page))
    page = get(client, "person_uses", bob.pk)
    assert reverse("dataset", args=[dataset.pk]) in links(page)
    assert reverse("model", args=[live.pk]) not in links(page), "it learned from none of these"


def test_what_was_taken_back_and_what_never_went_live_are_left_out(client, make_model, dataset, alice):
    model = make_model("one")
    DatasetPerson.objects.create(dataset=dataset, person=alice, photos=1, trainable=1)
    assert reverse("model", args=[model.pk]) not in links(get(client, "person_uses", alice.pk))
    Dataset.objects.update(state=Dataset.State.RETIRED)
    assert "No published dataset" in get(client, "person_uses", alice.pk).text


def test_it_is_linked_from_their_page(client, alice):
    assert reverse("person_uses", args=[alice.pk]) in links(get(client, "person", alice.pk))


def test_nobody_has_no_such_page(client, db):
    get(client, "person_uses", "00000000-0000-4000-8000-000000000000", expect=404)


def test_it_asks_few_questions(client, live, dataset, alice):
    DatasetPerson.objects.create(dataset=dataset, person=alice, photos=1, trainable=1)
    assert queries(client, reverse("person_uses", args=[alice.pk])) <= 4
