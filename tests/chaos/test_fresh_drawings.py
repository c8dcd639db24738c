"""What `make run` with nothing beside it comes to: how long it takes, and how often its model is right.

`tests/end_to_end/test_drawn_site.py` starts such a site with fewer drawings and a quicker recipe.
"""

import time

import pytest
import requests

import drawings
from tests.end_to_end.site import Site

pytestmark = pytest.mark.long

# The library is drawn from seed 1.
UNSEEN = 4242
PHOTOS = 100
RIGHT_AT_LEAST = 0.9


@pytest.mark.once
def test_nine_of_ten_unseen_drawings_are_named_rightly(tmp_path, full, record):
    if not full:
        pytest.skip("A first model on a whole library is for `make chaos`.")
    site = Site(tmp_path, DRAWINGS="700")
    began = time.monotonic()
    try:
        site.start()
        answering = time.monotonic() - began
        site.wait_for_model(1800)
        live = time.monotonic() - began
        right = turned = turned_right = 0
        for each in drawings.fresh("trout", PHOTOS, seed=UNSEEN, rotated=0.5):
            answer = requests.post(site.url + "/api/classify", files={"file": each.data}, timeout=60)
            assert answer.status_code == 200, answer.text
            hit = answer.json()["class"] == each.label
            right += hit
            turned += each.orientation > 1
            turned_right += hit and each.orientation > 1
        record(
            "a site that draws its library",
            seconds_until_ping=round(answering),
            minutes_until_a_model_is_live=round(live / 60, 1),
            unseen_drawings_named_rightly=f"{right} of {PHOTOS}",
            of_those_stored_turned=f"{turned_right} of {turned}",
        )
        assert right >= RIGHT_AT_LEAST * PHOTOS
        assert site.stop() < 10
        assert site.processes() == []
    finally:
        site.close()
