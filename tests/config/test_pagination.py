"""Pages of lists: cursors go on where a page ended, and a made-up one breaks nothing."""

import random
import re
from base64 import urlsafe_b64encode
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from config import pagination
from config.pagination import in_full
from species.models import Taxon
from tests.problems import refusals

SOME_ID = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "text",
    [
        f"oldest~after~0001-01-01T00:00:00+14:00~{SOME_ID}",
        f"oldest~after~9999-12-31T23:59:59-14:00~{SOME_ID}",
        f"oldest~after~2015-10-10T12:00:00~{SOME_ID}",
        f"oldest~after~2015-99-10T12:00:00+00:00~{SOME_ID}",
        f"up~after~2015-10-10T12:00:00+00:00~{SOME_ID}",
        f"oldest~beside~2015-10-10T12:00:00+00:00~{SOME_ID}",
        "oldest~after~2015-10-10T12:00:00+00:00~1",
        *["oldest", "~~~", "abc", "\0", "\xff", "p=2015-10-10", "nan"],
    ],
)
def test_a_cursor_made_up_is_refused(client, tree, text):
    for cursor in (urlsafe_b64encode(text.encode("latin-1")).decode(), text.replace("\0", ".")):
        answer = client.get(reverse("api-taxon-list"), {"cursor": cursor})
        assert list(refusals(answer, 400)) == ["cursor"]


@pytest.mark.parametrize("size", ["0", "-1", "201", "banana", "5.0", "٥", "1e2", "+5", "9" * 5000])
def test_a_page_of_no_size_is_refused(client, tree, size):
    answer = client.get(reverse("api-taxon-list"), {"page_size": size})
    assert list(refusals(answer, 400)) == ["page_size"]


def test_cursors_of_ours_lead_through_everything_once(client, tree):
    seen, address = [], f"{reverse('api-taxon-list')}?page_size=5"
    while address:
        page = client.get(address).json()
        seen += [each["label"] for each in page["results"]]
        address = page["next"]
    assert sorted(seen) == sorted(tree) and len(seen) > 10


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_rows_of_one_moment_are_passed_once_and_back_again(client, tree, order):
    """Whichever page ends among them, and though others are added in front."""
    Taxon.objects.update(created=timezone.now())
    address, pages = f"{reverse('api-taxon-list')}?page_size=5&order={order}", []
    while address:
        page = client.get(address).json()
        pages.append([each["label"] for each in page["results"]])
        previous, address = page["previous"], page["next"]
    labels = [label for page in pages for label in page]
    assert sorted(labels) == sorted(tree)
    back = []
    while previous:
        page = client.get(previous).json()
        back.insert(0, [each["label"] for each in page["results"]])
        assert page["next"]
        previous = page["previous"]
    assert back == pages[:-1]


def test_a_cursor_goes_on_in_its_own_order(client, tree):
    newest = client.get(reverse("api-taxon-list"), {"page_size": 5, "order": "newest"}).json()
    on = newest["next"].replace("&order=newest", "").replace("order=newest&", "")
    assert "order=" not in on
    assert client.get(on).json()["results"] == client.get(newest["next"]).json()["results"]
    answer = client.get(f"{on}&order=oldest")
    assert list(refusals(answer, 400)) == ["order"]


@pytest.mark.parametrize("order", [1, -1])
def test_rows_in_full_stand_as_their_ids_do(tree, order, django_assert_num_queries):
    """Whatever order the rows had before; what has gone is left out, and comes once if named once."""
    ids = [each.pk for each in tree.values()]
    random.Random(3).shuffle(ids)
    asked = ids[:10][::order]
    rows = Taxon.objects.filter(created__lte=timezone.now()).select_related("parent")
    rows = rows.order_by("-created", "label")
    with django_assert_num_queries(1) as asking:
        found = in_full(rows, [*asked, UUID(SOME_ID)])
        # How they were found is not asked again.
        assert "<=" not in asking.captured_queries[0]["sql"]
        assert [each.pk for each in found] == asked
        assert [each.parent and each.parent.label for each in found] != [None] * 10
    with django_assert_num_queries(0):
        assert in_full(rows, []) == []


class TestLinks:
    def test_the_header_says_what_the_body_says(self, client, tree):
        address, seen = f"{reverse('api-taxon-list')}?page_size=10", 0
        while address:
            answer = client.get(address)
            page = answer.json()
            links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("Link", "")))
            said = {link: name for name, link in (("next", page["next"]), ("prev", page["previous"])) if link}
            assert links == said
            seen, address = seen + len(page["results"]), page["next"]
        assert seen == len(tree)

    def test_where_everything_is_on_one_page_there_is_none(self, client, tree):
        assert "Link" not in client.get(f"{reverse('api-taxon-list')}?page_size=200")


class TestCount:
    def test_only_on_request(self, client, tree, django_assert_num_queries):
        path = reverse("api-taxon-list")
        with django_assert_num_queries(2):
            assert "count" not in client.get(path).json()
        with django_assert_num_queries(3):
            said = client.get(path, {"count": "exact", "page_size": 1}).json()
        assert (said["count"], said["count_is"]) == (len(tree), "exact")
        said = client.get(path, {"count": "estimated", "rank": "genus"}).json()
        assert (said["count"], said["count_is"]) == (len(said["results"]), "exact")
        assert "count" in refusals(client.get(path, {"count": "all"}))

    def test_of_many_nobody_counts_all(self, tree, monkeypatch):
        monkeypatch.setattr(pagination, "MOST_COUNTED", 5)
        monkeypatch.setattr(pagination, "FEW", 3)
        assert pagination.counted(Taxon.objects.all(), "exact") == {"count": 5, "count_is": "at_least"}
        about = pagination.counted(Taxon.objects.all(), "estimated")
        if connection.vendor == "postgresql":
            assert about["count_is"] == "estimate" and about["count"] > 3
        else:
            assert about == {"count": 3, "count_is": "at_least"}

    def test_of_what_is_searched_for(self, client, tree):
        said = client.get(
            reverse("api-taxon-list"), {"search": "trout", "page_size": 1, "count": "exact"}
        ).json()
        assert said["count"] > 1 == len(said["results"])
