from itertools import product

import pytest

from species.models import Taxon
from species.queries.names import Names, Unknown
from species.taxonomy.names import ALIKE, key, likeness, rank, spellings


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


class TestManyNames:
    """A search looks at few of them, and finds what a look at every one would."""

    @pytest.fixture
    def many(self, tree):
        syllables = ["ba", "sal", "tru", "ta", "mo", "for"]
        made = ["".join(three) for three in product(syllables, repeat=3)]
        Taxon.objects.bulk_create(
            Taxon(
                scientific_name=f"Salmo {name}us",
                rank="species",
                parent=tree["salmo"],
                label=f"many_{name}",
                common_names={"en": f"{name} trout", "de": f"{name}forelle"},
            )
            for name in made
        )
        return tree

    @pytest.mark.parametrize(
        "text",
        ["s", "sa", "salmo", "salmo t", "salmo tru", "s trutta", "trout", "forelle", "utta", "trout sal"],
    )
    @pytest.mark.parametrize("limit", [1, 10, 500])
    def test_the_short_way_finds_the_same(self, many, text, limit):
        names = Names()
        typed = spellings(text)
        every = names._holding(typed)
        ranks = {
            taxon: min(
                rank(typed, name.spellings)
                for name in names._index.names
                if name.taxon == taxon and rank(typed, name.spellings) is not None
            )
            for taxon in {
                name.taxon for name in names._index.names if rank(typed, name.spellings) is not None
            }
        }
        assert every == ranks, "no name is overlooked"
        order = names._index.order
        best = sorted(ranks, key=lambda taxon: (ranks[taxon], *order[taxon]))[:limit]
        assert [taxon.pk for taxon in names.search(text, limit)] == best

    @pytest.mark.parametrize("text", ["salmo trutto", "brwon trout", "zzz", "q", ""])
    def test_the_nearest_are_those_of_the_definition(self, many, text):
        names = Names()
        scored: dict = {}
        for name in names._index.names:
            like = likeness(key(text), name.spellings[0].letters)
            if like >= ALIKE:
                scored[name.taxon] = max(like, scored.get(name.taxon, 0))
        best = sorted(scored, key=lambda taxon: (-scored[taxon], *names._index.order[taxon]))[:3]
        assert [taxon.pk for taxon in names.nearest(text)] == best
