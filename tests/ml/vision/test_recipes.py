"""The recipe follows from how many organisms there are, and its reason can be read."""

import pytest

from ml.vision import recipes


def chosen(asked=recipes.AUTO, *, groups=84, photos=869, least=5, cut=True):
    return recipes.choose(asked, groups=groups, photos=photos, least=least, cut=cut)


@pytest.mark.parametrize(
    ("given", "recipe", "says"),
    [
        ({"groups": 1}, "frozen", "1 group, fewer than 20"),
        ({"groups": 19}, "frozen", "19 groups, fewer than 20"),
        ({"groups": 20}, "tuned", "20 groups lie between 20 and 1,000"),
        ({"groups": 1000}, "tuned", "1,000 groups"),
        ({"groups": 1001}, "one_cycle", "1,001 groups"),
        ({"groups": 500, "photos": 10_001}, "one_cycle", "10,001 photos"),
        ({"groups": 500, "photos": 10_000}, "tuned", "500 groups"),
        ({"least": 1}, "frozen", "one group alone"),
        ({"cut": False}, "one_cycle", "cannot be cut"),
        ({"groups": 5, "cut": False}, "frozen", "5 groups"),
    ],
)
def test_by_groups_and_never_by_frames(given, recipe, says):
    found = chosen(**given)
    assert found.recipe == recipe and says in found.reason


def test_frames_of_few_fish_do_not_make_it_tune():
    assert chosen(groups=19, photos=9_000).recipe == "frozen"


@pytest.mark.parametrize("asked", ["frozen", "tuned", "one_cycle"])
def test_what_is_asked_for_by_name_is_done(asked):
    assert chosen(asked, groups=1).recipe == asked


def test_what_cannot_be_done_is_not_and_says_so():
    found = chosen("tuned", cut=False)
    assert found.recipe == "one_cycle" and "cannot be cut" in found.reason
    with pytest.raises(ValueError, match="not known"):
        chosen("best")


def test_the_table_that_is_shown_is_the_one_that_decides():
    assert [row.recipe for row in recipes.TABLE] == ["frozen", "tuned", "one_cycle"]
    assert {row.recipe for row in recipes.TABLE} == set(recipes.RECIPES) - {recipes.AUTO}
