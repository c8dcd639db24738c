"""What a dataset is asked to hold: previewed, frozen, cited; and refused where it means nothing."""

from datetime import date

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from jobs import worker
from labeling.filters import VerifiedFilter
from research.manifest import store
from research.models import Dataset
from research.queries import photos, previews
from species.actions import photos as photo_actions
from species.models import Occurrence, Photo
from tests.research.building import agreed, freeze

VALLEY = "11,47,12,48"
ELSEWHERE = {"latitude": 60.17, "longitude": 24.94}


@pytest.fixture
def browns(library, tree, alice, bob):
    """One more brown trout in the valley a year later, and one that was elsewhere."""
    there = {"latitude": 47.26, "longitude": 11.39}
    return [
        agreed(
            alice,
            tree["brown_trout"],
            [bob],
            seed="later",
            local_date=date(2021, 5, 1),
            size=(160, 80),
            **there,
        ),
        agreed(
            alice,
            tree["brown_trout"],
            [bob],
            seed="far",
            local_date=date(2020, 5, 2),
            size=(160, 80),
            **ELSEWHERE,
        ),
    ]


@pytest.fixture
def api(rosa):
    client = APIClient()
    client.force_authenticate(rosa)
    return client


def asked(api, query, **fields):
    answer = api.post("/api/v1/datasets", {"title": "Browns", "query": query, **fields}, format="json")
    worker.run_due()
    return answer


def test_last_year_s_brown_trout_of_this_valley(browns, library, api):
    query = {"taxon": "brown trout", "bbox": VALLEY, "since": "2020-01-01", "until": "2020-12-31"}
    seen = api.get("/api/v1/datasets/preview", query).json()
    assert (seen["organisms"], seen["photos"], seen["classes"]) == (1, 2, {"brown_trout": 1})
    assert seen["query"]["taxon"] == "brown_trout" and not seen["more"]
    assert asked(api, query).status_code == 202
    dataset = Dataset.objects.get()
    content = store.read(dataset)
    assert [each["label"] for each in content["categories"]] == ["brown_trout"]
    assert [each["id"] for each in content["occurrences"]] == [str(library[0].pk)]
    [sighting] = content["observations"]
    assert 47 <= sighting["place"]["latitude"] <= 48 and sighting["local_date"].startswith("2020")
    # Said in each of the places where somebody looks for it.
    assert content["query"] == "bbox=11%2C47%2C12%2C48&since=2020-01-01&taxon=brown_trout&until=2020-12-31"
    assert content["query"] in content["dataset"]["citation"]
    assert api.get(f"/api/v1/datasets/{dataset.pk}").json()["query"]["bbox"] == VALLEY


def test_a_box_may_be_four_numbers_and_several_may_be_a_list(browns, api, rosa):
    assert asked(api, {"bbox": [24, 60, 25, 61], "month": [5], "drawn": False}).status_code == 202
    dataset = Dataset.objects.get()
    assert dataset.query == "bbox=24%2C60%2C25%2C61&drawn=false&month=5"
    assert [each["id"] for each in store.read(dataset)["occurrences"]] == [str(browns[1].pk)]
    again = api.get(f"/api/v1/datasets/{dataset.pk}").json()["query"]
    assert again == {"bbox": "24,60,25,61", "month": [5], "drawn": False}


def test_all_is_what_it_was(library, rosa):
    everything, asked_for = freeze(rosa), freeze(rosa, query="taxon=salmonidae")
    held = store.read(everything)["occurrences"]
    salmonids = [each["id"] for each in held if each["label"] != "chub"]
    assert store.read(everything)["query"] == ""
    assert [each["id"] for each in store.read(asked_for)["occurrences"]] == salmonids
    assert len(salmonids) < len(held)


def test_licences_and_drawings_are_asked_of_photos(library, rosa):
    first, *others = Photo.objects.order_by("pk")
    Photo.objects.filter(pk=first.pk).update(licence="CC0-1.0", drawn=True)
    for query, wanted in (
        ("licence=CC0-1.0", {first.pk}),
        ("drawn=true", {first.pk}),
        ("drawn=false", {each.pk for each in others}),
        ("licence=CC0-1.0&licence=CC-BY-4.0", {first.pk, *(each.pk for each in others)}),
        ("drawn=false&licence=CC0-1.0", set()),
    ):
        found = previews.preview(photos.wanted(query), "salt", previews.Shares())
        assert found.photos == len(wanted), query
        if wanted:
            held = store.read(freeze(rosa, query=query))["photos"]
            assert {each["id"] for each in held} == {str(each) for each in wanted}, query


def test_what_stays_out_is_of_what_was_asked_for(library, alice):
    photo_actions.say(photo=library[1].photos.first(), purpose="research", granted=False, by=alice)
    for query, count in (("taxon=chub", 1), ("taxon=brown_trout", 0)):
        found = previews.preview(photos.wanted(query), "salt", previews.Shares())
        assert found.left_out["no_research_consent"] == count
    assert found.split["photos"] and found.split["leaks"] == 0


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"taxno": "brown_trout"}, "#/query/taxno"),
        ({"taxon": "unicorn"}, "#/query/taxon"),
        ({"status": "disputed"}, "#/query/status"),
        ({"updated_since": "2020-01-01T00:00:00Z"}, "#/query/updated_since"),
        ({"bbox": "1"}, "#/query/bbox"),
        ({"month": [13]}, "#/query/month"),
        ({"licence": ["mine"]}, "#/query/licence"),
        ({"drawn": "perhaps"}, "#/query/drawn"),
        ({"taxon": {"a": 1}}, "#/query/taxon"),
        ({"taxon": ["brown_trout", "chub"]}, "#/query/taxon"),
        ({"taxon": ""}, "#/query/taxon"),
        ({"since": "2021-01-01", "until": "2020-01-01"}, "#/query/until"),
        ("brown_trout", "#/query"),
        ([], "#/query"),
    ],
)
def test_nonsense_freezes_nothing_and_is_named(query, where, library, api):
    answer = asked(api, query)
    assert answer.status_code == 400
    assert where in {each["pointer"] for each in answer.json()["errors"]}
    assert not Dataset.objects.exists()


def test_a_name_that_is_gone_by_then_is_said(library, rosa):
    dataset = freeze(rosa, query="taxon=unicorn")
    assert dataset.state == "failed" and "unicorn" in dataset.summary["why"]


def test_a_preview_reads_no_more_than_so_many(library, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(previews, "MOST", 3)
    with django_assert_max_num_queries(3):
        found = previews.preview(photos.EVERYTHING, "salt", previews.Shares())
    assert found.more and found.organisms == 3 and found.left_out is None and found.split is None
    monkeypatch.undo()
    with django_assert_max_num_queries(8):
        found = previews.preview(photos.EVERYTHING, "salt", previews.Shares())
    assert not found.more and found.organisms == Occurrence.objects.count()


class TestThePage:
    url = "/datasets/new/"

    def test_who_may(self, library, client, alice, bob, charlie, rita, rosa, ada):
        assert client.get(self.url).status_code == 302
        for person, expected in (
            (alice, 403),
            (bob, 403),
            (charlie, 403),
            (rita, 403),
            (rosa, 200),
            (ada, 200),
        ):
            client.force_login(person)
            assert client.get(self.url).status_code == expected, person

    def test_from_looking_to_freezing(self, browns, client, rosa):
        client.force_login(rosa)
        page = client.get(self.url, {"taxon": "Salmo trutta", "since": "2020-01-01", "until": "", "q": ""})
        said = " ".join(page.content.decode().split())
        assert "Asked for: Brown trout, from 1 Jan 2020." in said
        assert 'value="since=2020-01-01' in said
        answer = client.post(
            reverse("freeze_dataset"), {"title": "Browns", "query": "since=2020-01-01&taxon=brown_trout"}
        )
        worker.run_due()
        dataset = Dataset.objects.get()
        assert answer["Location"] == reverse("dataset", args=[dataset.pk]) and dataset.state == "frozen"
        shown = " ".join(client.get(answer["Location"]).content.decode().split())
        assert "Asked for: Brown trout, from 1 Jan 2020." in shown and "Query since=2020-01-01" in shown

    @pytest.mark.parametrize("query", ["zzz=1", "taxon=unicorn", "status=verified", "taxon=chub&taxon=chub"])
    def test_what_is_wrong_is_said_and_nothing_can_be_frozen(self, query, library, client, rosa):
        client.force_login(rosa)
        page = client.get(f"{self.url}?{query}")
        assert page.status_code == 400 and reverse("freeze_dataset") not in page.content.decode()

    def test_a_query_that_was_meddled_with_freezes_nothing(self, library, client, rosa):
        client.force_login(rosa)
        page = client.post(reverse("freeze_dataset"), {"title": "Mine", "query": "taxon=unicorn"})
        assert page.status_code == 400 and not Dataset.objects.exists()


def test_every_filter_has_its_way_into_a_dataset():
    """Nobody who adds one to the lists need think of datasets: it is either asked for here, or left out by name."""
    left_out = {"status", "difficulty", "campaign", "observation", "updated_since", "trip", "has", "lacks"}
    left_out |= {"identified_by", "agreement_min", "agreement_max", "model_disagrees"}
    lists = set(VerifiedFilter.__mro__[1].base_filters)
    assert set(VerifiedFilter.base_filters) == lists - left_out
