import pytest

from species.models import Taxon
from species.queries.names import Names, Unknown


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Salmo trutta", "brown_trout"),
        ("salmo_trutta", "brown_trout"),
        ("brown_trout", "brown_trout"),
        ("Brown Trout", "brown_trout"),
        ("browntrout", "brown_trout"),
        ("Forelle", "brown_trout"),
        ("褐鳟", "brown_trout"),
        ("Salmo fario", "brown_trout"),
        ("Salmo", "salmo"),
        ("cutbow", "cutbow"),
    ],
)
def test_names_however_they_are_spelt(tree, name, label):
    assert Names().find(name).label == label


def test_names_that_mean_nothing_or_two_things(tree):
    Taxon.objects.filter(label="rainbow_trout").update(common_names={"en": "Trout"})
    Taxon.objects.filter(label="brook_trout").update(common_names={"en": "trout"})
    names = Names()
    for name, what in (
        ("trout", "Oncorhynchus mykiss or Salvelinus"),
        ("unicorn", "No taxon here"),
        ("_", "No"),
    ):
        with pytest.raises(Unknown, match=what):
            names.find(name)
