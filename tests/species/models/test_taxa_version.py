"""The names are read again when they have changed, and only then."""

import pytest
from django.db import transaction

from species.models import TaxaVersion, Taxon
from species.queries import taxa as taxon_queries
from species.queries.names import Names


def version() -> str:
    return TaxaVersion.objects.get().version


CHANGES = {
    "a row saved": lambda tree: tree["chub"].save(),
    "rows updated": lambda tree: Taxon.objects.filter(label="chub").update(rank="form"),
    "a row more": lambda tree: Taxon.objects.create(scientific_name="Esox", rank="genus", label="esox"),
    "many more": lambda tree: Taxon.objects.bulk_create(
        [Taxon(scientific_name=f"Esox {each}", rank="species", label=f"esox_{each}") for each in "ab"]
    ),
    "a row less": lambda tree: Taxon.objects.filter(label="river_trout").delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_gives_another_version(tree, change):
    """A migration that makes the table of taxa anew on SQLite loses its triggers: see 0010_taxa_version."""
    before = version()
    CHANGES[change](tree)
    assert version() != before


def test_a_change_is_seen_at_once(tree):
    assert not taxon_queries.search("pike")
    assert len(taxon_queries.tree()) == len(tree) - 1
    esox = Taxon.objects.create(
        scientific_name="Esox lucius",
        rank="species",
        label="pike",
        parent=tree["actinopterygii"],
        common_names={"en": "pike"},
    )
    assert taxon_queries.search("pike") == [esox] and str(esox.pk) in taxon_queries.tree()
    esox.delete()
    assert not taxon_queries.search("pike") and str(esox.pk) not in taxon_queries.tree()


def test_what_was_rolled_back_was_never_there(tree):
    """Another change of the same number must not find what the first one left in memory."""

    def renamed(name: str) -> list[Taxon]:
        Taxon.objects.filter(label="chub").update(common_names={"en": name})
        return taxon_queries.search(name)

    with transaction.atomic():
        assert renamed("dobule") == [tree["chub"]]
        transaction.set_rollback(True)
    assert not taxon_queries.search("dobule")
    with transaction.atomic():
        assert renamed("chevin") == [tree["chub"]]
        assert not taxon_queries.search("dobule")


def test_a_database_without_a_version_is_read_each_time(tree):
    TaxaVersion.objects.all().delete()
    Names()
    Taxon.objects.filter(label="chub").update(common_names={"en": "chevin"})
    TaxaVersion.objects.all().delete()
    assert taxon_queries.search("chevin") == [tree["chub"]]
    assert str(tree["chub"].pk) in taxon_queries.tree()
