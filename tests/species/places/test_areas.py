import h3
import pytest

from species.places.areas import holds, read

INN = (47.27, 11.39)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("11, 47, 12, 48", "11,47,12,48"),
        (" 841F8D7FFFFFFFF ", "841f8d7ffffffff"),
        ("170,-10,-170,10", "170,-10,-170,10"),
    ],
)
def test_areas_are_kept_in_one_form(said, kept):
    assert read(said) == kept == read(kept)


@pytest.mark.parametrize(
    "said",
    ["", "Tyrol", "1,2,3", "1,2,3,nan", "11,48,12,47", "0,0,0,1", "181,0,182,1", "84zzzzzzzzzzzzz", "é" * 15],
)
def test_what_is_no_area_is_said(said):
    with pytest.raises(ValueError, match="is no area"):
        read(said)


def test_a_place_lies_in_a_box_or_a_cell_or_not():
    cells = [h3.latlng_to_cell(*INN, resolution) for resolution in (0, 3, 6)]
    for area in ["11,47,12,48", *cells]:
        assert holds([area], *INN) and not holds([area], -INN[0], INN[1])
    assert holds(["170,-10,-170,10"], 0, 175) and not holds(["170,-10,-170,10"], 0, 0)
    assert not holds([], *INN) and not holds(["nonsense", "1,2"], *INN)
