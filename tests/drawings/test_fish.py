"""The field marks by which an angler tells them apart are on the fish."""

import numpy as np
import pytest

from drawings import SUBJECTS, fish
from drawings.pose import Pose

ADULTS = 4


def adults(label: str):
    found = (fish.individual(f"test-{n}", label) for n in range(60))
    return [each for each in found if not each.juvenile][:ADULTS]


def colours(one: fish.Individual, t: tuple[float, float], s: tuple[float, float]) -> np.ndarray:
    """n × 3 levels of a part of the flank, in body coordinates."""
    body = fish.Body(one)
    (left, top), (right, bottom) = body.point(t[0], s[0]), body.point(t[1], s[1])
    return (
        np.asarray(fish.portrait(one))[int(top) : int(bottom), int(left) : int(right), :3]
        .reshape(-1, 3)
        .astype(int)
    )


def share(label: str, mark, t, s) -> float:
    return float(np.mean([mark(*colours(one, t, s).T).mean() for one in adults(label)]))


def pink(r, g, b):
    return (r > g + 40) & (b > g + 5)


def red(r, g, b):
    return (r > 150) & (g < 95) & (b < 90)


def orange(r, g, b):
    return (r > g + 60) & (g > b + 10)


def black(r, g, b):
    return (r < 70) & (g < 70) & (b < 70)


def blue(r, g, b):
    return (b > r + 25) & (b > g + 10)


def test_a_stripe_for_a_rainbow_a_faint_one_for_a_cutbow_none_for_a_cutthroat():
    flank = (0.35, 0.8), (-0.12, 0.18)
    rainbow, cutbow, cutthroat = (
        np.mean([(colours(one, *flank) @ (1, -1, 0)).mean() for one in adults(label)])
        for label in ("rainbow_trout", "cutbow", "cutthroat_trout")
    )
    assert share("rainbow_trout", pink, *flank) > 0.4
    assert share("cutthroat_trout", pink, *flank) < 0.02
    assert rainbow > cutbow + 15


def test_a_slash_below_the_jaw_of_a_cutthroat_and_a_paler_one_of_a_cutbow():
    jaw = (0.07, 0.17), (0.6, 0.95)
    assert share("cutthroat_trout", red, *jaw) > 0.2
    assert share("cutbow", orange, *jaw) > 0.2
    assert share("cutbow", red, *jaw) < 0.05
    assert share("rainbow_trout", orange, *jaw) < 0.05


def test_spots_of_a_cutthroat_crowd_towards_the_tail():
    assert share("cutthroat_trout", black, (0.7, 0.93), (-0.7, 0.3)) > 2 * share(
        "cutthroat_trout", black, (0.25, 0.5), (-0.7, 0.3)
    )


def test_black_and_red_spots_of_a_brown_trout_and_no_black_ones_of_a_bull_trout():
    flank = (0.25, 0.85), (-0.6, 0.4)
    assert share("brown_trout", black, *flank) > 0.03
    assert share("brown_trout", red, *flank) > 0.01
    assert share("bull_trout", black, *flank) < 0.01
    assert share("bull_trout", red, *flank) < 0.01


def test_blue_halos_of_a_brook_trout():
    flank = (0.25, 0.9), (-0.3, 0.5)
    assert share("brook_trout", blue, *flank) > 0.005
    assert share("tiger_trout", blue, *flank) == 0


def test_worms_all_over_a_tiger_trout_and_on_the_back_only_of_a_brook_trout():
    def contrast(label, s):
        return np.mean([colours(one, (0.3, 0.8), s).mean(1).std() for one in adults(label)])

    assert contrast("tiger_trout", (0.1, 0.4)) > 25
    assert contrast("brook_trout", (-0.8, -0.3)) > 20


def test_no_spots_on_the_back_fin_of_a_bull_trout():
    def dark(label):
        sheets = [np.asarray(fish.portrait(one)).astype(int) for one in adults(label)]
        # Where the dorsal fin stands, above the back.
        fins = [sheet[75:125, 480:560].reshape(-1, 4) for sheet in sheets]
        return np.mean([(fin[fin[:, 3] > 200][:, :3].max(1) < 45).mean() for fin in fins])

    assert dark("bull_trout") < 0.01
    assert dark("rainbow_trout") > 0.05


@pytest.mark.parametrize("label", SUBJECTS["trout"])
def test_some_are_young_and_have_parr_marks(label):
    young = [one for one in (fish.individual(f"y{n}", label) for n in range(200)) if one.juvenile]
    assert 8 < len(young) < 50
    assert all(60 < one.length_mm <= 150 for one in young)


def test_a_pose_takes_points_to_where_it_takes_the_fish():
    one = adults("bull_trout")[0]
    for pose in (
        Pose(500, 300, 700, 20, bend=30, wave=-12, flat=0.9),
        Pose(400, 420, 500, -75, mirrored=True),
    ):
        seen, at = pose.placed(fish.portrait(one), (1000, 800))
        for u, v in ((300, 240), (540, 240), (800, 240)):
            x, y = pose.point(u, v)
            alpha = seen.getchannel("A").getpixel((round(x) - at[0], round(y) - at[1]))
            assert alpha == 255
        x, y = pose.point(540, 460)
        assert seen.getchannel("A").getpixel((round(x) - at[0], round(y) - at[1])) == 0
