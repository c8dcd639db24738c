"""Pages of lists: cursors go on where a page ended, and a made-up one breaks nothing."""

from base64 import b64encode
from urllib.parse import urlencode

import pytest
from django.urls import reverse


@pytest.mark.parametrize(
    "position",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2015-10-10T12:00:00",
        "2015-99-10T12:00:00+00:00",
        "abc",
        "\0",
        "nan",
    ],
)
def test_a_cursor_made_up_is_refused(client, tree, position):
    cursor = b64encode(urlencode({"p": position}).encode()).decode()
    answer = client.get(reverse("api-taxon-list"), {"cursor": cursor})
    assert answer.status_code == 400
    assert "cursor" in answer.json()


@pytest.mark.parametrize("size", ["0", "-1", "501", "banana", "5.0", "٥", "1e2", "+5", "9" * 5000])
def test_a_page_of_no_size_is_refused(client, tree, size):
    answer = client.get(reverse("api-taxon-list"), {"page_size": size})
    assert (answer.status_code, list(answer.json())) == (400, ["page_size"])


def test_cursors_of_ours_lead_through_everything_once(client, tree):
    seen, address = [], f"{reverse('api-taxon-list')}?page_size=5"
    while address:
        page = client.get(address).json()
        seen += [each["label"] for each in page["results"]]
        address = page["next"]
    assert sorted(seen) == sorted(tree) and len(seen) > 10
