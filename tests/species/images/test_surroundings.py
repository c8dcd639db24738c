"""species.images.surroundings: which part of a photo stays, in fractions and in pixels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.images import surroundings
from species.images.surroundings import key, part, pixels, union, within

SIZES = st.integers(1, 9000)


@st.composite
def boxes(draw):
    x, y = draw(st.floats(0, 0.999)), draw(st.floats(0, 0.999))
    return x, y, draw(st.floats(1e-6, 1 - x)), draw(st.floats(1e-6, 1 - y))


@given(st.lists(boxes(), min_size=1, max_size=5))
def test_a_frame_holds_every_box(found):
    x, y, width, height = union(found)
    for box in found:
        assert x <= box[0] + 1e-6 and x + width >= box[0] + box[2] - 2e-6
        assert y <= box[1] + 1e-6 and y + height >= box[1] + box[3] - 2e-6
    assert 0 <= x <= 1 and x + width <= 1 + 2e-6


def test_without_a_box_there_is_no_frame():
    assert union([]) is None


@given(boxes(), SIZES, SIZES, st.sampled_from(surroundings.FORMS))
def test_what_stays_lies_within_the_frame_and_its_air(box, width, height, form):
    left, top, right, bottom = pixels(form, box, width, height)
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    air = 0.1 if form == "cropped" else 0
    # Where it is narrower than a pixel, that one stays.
    if right - left > 1:
        assert left / width >= box[0] - air * box[2] - 1e-6
        assert right / width <= box[0] + (1 + air) * box[2] + 1e-6
    if bottom - top > 1:
        assert top / height >= box[1] - air * box[3] - 1e-6


def test_a_tenth_of_the_box_is_air_and_the_photo_ends_it():
    assert pixels("cropped", (0.25, 0.5, 0.5, 0.25), 400, 400) == (80, 190, 320, 310)
    assert pixels("cropped", (0, 0, 0.5, 0.5), 400, 400) == (0, 0, 220, 220)
    assert pixels("softened", (0.25, 0.5, 0.5, 0.25), 400, 400) == (100, 200, 300, 300)


def test_only_what_is_cropped_is_a_part():
    frame = [0.25, 0.5, 0.5, 0.25]
    assert part("cropped", frame, 400, 400) == (0.2, 0.475, 0.6, 0.3)
    assert part("softened", frame, 400, 400) is None
    assert part("softened", None, 400, 400) is None


def test_the_name_changes_with_the_form_and_with_the_frame_alone():
    one, other = [0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.5]
    assert key("whole", one) == key("whole", None) == ""
    assert key("cropped", None) == key("softened", None) == "softened"
    names = {key(form, frame) for form in surroundings.FORMS for frame in (one, other)}
    assert len(names) == 4 and all(len(name) <= 24 for name in names)
    assert key("cropped", one) == key("cropped", [value + 1e-9 for value in one])


@given(boxes(), boxes())
def test_a_box_lies_on_the_part_where_it_lies_on_the_photo(box, shown):
    found = within(box, shown)
    assert within(box, None) == box
    if found is None:
        return
    x, y, width, height = found
    assert x >= -1e-6 and x + width <= 1 + 1e-6 and width > 0 and height > 0
    assert shown[0] + x * shown[2] == pytest.approx(max(box[0], shown[0]), abs=1e-6)
    assert shown[1] + (y + height) * shown[3] == pytest.approx(
        min(box[1] + box[3], shown[1] + shown[3]), abs=1e-6
    )


def test_of_a_box_elsewhere_nothing_is_there():
    assert within((0, 0, 0.2, 0.2), (0.5, 0.5, 0.5, 0.5)) is None
