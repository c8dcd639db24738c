"""A tree that moves takes verdicts, filters and pages along, through whatever door it was moved."""

import json
import random

import pytest
from django.core.management import call_command
from django.urls import reverse

from jobs import worker
from jobs.models import Job
from labeling import tasks
from labeling.actions import identifications, rulings, verdicts
from labeling.models import Verdict
from labeling.queries import outcomes
from labeling.queries.verdicts import not_following, of_another_tree
from species.actions import taxa
from species.models import Occurrence, Taxon
from species.queries import taxa as taxon_queries
from tests import universe

DOORS = ("form", "command", "action")


def follow() -> None:
    """What the worker's sweep does: look, then do what was found."""
    tasks.find_verdicts_of_another_tree()
    worker.run_due()


def change(door: str, taxon: Taxon, client, ada, tmp_path, **fields) -> None:
    """`fields`: links as taxa or None."""
    taxon = Taxon.objects.get(pk=taxon.pk)
    for name, value in fields.items():
        setattr(taxon, name, value)
    if door == "action":
        taxa.save(taxon=taxon, by=ada)
    elif door == "form":
        client.force_login(ada)
        posted = {
            name: getattr(taxon, name) for name in ("scientific_name", "rank", "label", "sensitive")
        } | {"common_names": json.dumps(taxon.common_names)}
        posted |= {link: getattr(taxon, f"{link}_id") or "" for link in taxa.LINKS}
        answer = client.post(reverse("admin:species_taxon_change", args=[taxon.pk]), posted)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        client.logout()
    else:
        names = {each.pk: each.scientific_name for each in Taxon.objects.all()}
        rows = [
            {
                **{name: getattr(each, name) for name in ("scientific_name", "rank", "label", "sensitive")},
                "common_names": each.common_names,
                **{link: names.get(getattr(each, f"{link}_id"), "") for link in taxa.LINKS},
            }
            for each in (taxon if each.pk == taxon.pk else each for each in Taxon.objects.all())
        ]
        path = tmp_path / "moved.yaml"
        path.write_text(json.dumps({"source": "universe", "citation": "Moved", "taxa": rows}))
        call_command("load_taxa", str(path), verbosity=0)


def said(owner, seed, **people) -> Occurrence:
    occurrence = universe.sighting(owner, seed=seed).occurrences.get()
    for person, taxon in people.values():
        identifications.add(occurrence=occurrence, taxon=taxon, by=person)
    return occurrence


def stands(occurrence: Occurrence) -> tuple[str, str | None]:
    occurrence.refresh_from_db()
    assert occurrence.verdict.status == occurrence.status
    return occurrence.status, occurrence.agreed_taxon and occurrence.agreed_taxon.label


def everything() -> list[tuple]:
    """Verdicts with their explanations, but for when they were computed."""
    rows = Verdict.objects.order_by("pk").values_list("pk", "status", "taxon", "explanation", "tree_version")
    return list(rows)


@pytest.mark.parametrize("door", DOORS)
def test_a_merger_takes_along_what_was_said_and_gives_it_back(
    door, client, ada, alice, bob, charlie, tree, tmp_path
):
    salmon, brown = tree["atlantic_salmon"], tree["brown_trout"]
    agreed = said(alice, 1, b=(bob, salmon), c=(charlie, salmon))
    quarrel = said(alice, 2, b=(bob, salmon), c=(charlie, brown))
    before = everything()
    assert stands(agreed) == ("verified", "atlantic_salmon") and stands(quarrel) == ("disputed", "salmo")
    change(door, salmon, client, ada, tmp_path, synonym_of=brown)
    follow()
    assert stands(agreed) == stands(quarrel) == ("verified", "brown_trout")
    assert not list(verdicts.differing()) and not not_following()
    for label in ("brown_trout", "atlantic_salmon", "salmo"):
        page = client.get(reverse("gallery"), {"taxon": label})
        assert page.content.decode().count(f"/sightings/{agreed.observation_id}") >= 1
        found = client.get("/api/v1/occurrences", {"taxon": label}).json()["results"]
        assert {row["taxon"] for row in found} == {"brown_trout"} and len(found) == 2
    change(door, salmon, client, ada, tmp_path, synonym_of=None)
    follow()
    assert everything() == before


@pytest.mark.parametrize("door", DOORS)
def test_a_new_parent_decides_what_people_agree_on(door, client, ada, alice, bob, tree, tmp_path):
    """One says Abramis, one says bream: agreement on a genus, until the bream is no Abramis any more."""
    occurrence = said(alice, 1, a=(alice, tree["abramis"]), b=(bob, tree["bream"]))
    assert stands(occurrence) == ("needs_id", "abramis")
    assert occurrence.verdict.explanation["reason"] == "too_coarse"
    change(door, tree["bream"], client, ada, tmp_path, parent=tree["squalius"])
    follow()
    assert stands(occurrence) == ("disputed", "leuciscidae")
    change(door, tree["bream"], client, ada, tmp_path, parent=tree["abramis"])
    follow()
    assert stands(occurrence) == ("needs_id", "abramis")


def test_a_merger_of_two_steps_is_followed_to_its_end(ada, alice, bob, charlie, tree, client, tmp_path):
    occurrence = said(alice, 1, b=(bob, tree["salmo_fario"]), c=(charlie, tree["brown_trout"]))
    change("action", tree["brown_trout"], client, ada, tmp_path, synonym_of=tree["atlantic_salmon"])
    follow()
    assert stands(occurrence) == ("verified", "atlantic_salmon")
    assert taxon_queries.by_label("salmo_fario") == tree["atlantic_salmon"]
    assert taxon_queries.search("Salmo fario")[0] == tree["atlantic_salmon"]
    assert (
        client.get(reverse("taxon", args=["salmo_fario"])).headers["Location"].endswith("/atlantic_salmon/")
    )
    page = client.get(reverse("taxon", args=["atlantic_salmon"])).content.decode()
    assert "River trout" in page and "Tiger trout" in page, "what stood under it follows"


def test_rulings_and_rejections_follow_as_well(ada, rita, alice, bob, charlie, tree, client, tmp_path):
    ruled = said(alice, 1, b=(bob, tree["chub"]))
    rulings.rule(occurrence=ruled, taxon=tree["atlantic_salmon"], reason="Seen it.", by=rita)
    rejected = said(alice, 2, b=(bob, tree["atlantic_salmon"]))
    identifications.add(
        occurrence=rejected, taxon=tree["salmonidae"], by=charlie, disagrees_with=tree["brown_trout"]
    )
    change("action", tree["atlantic_salmon"], client, ada, tmp_path, synonym_of=tree["brown_trout"])
    follow()
    assert stands(ruled) == ("verified", "brown_trout")
    assert not list(verdicts.differing())


def test_what_a_change_does_not_touch_only_gets_its_version(ada, alice, bob, charlie, tree):
    occurrence = said(alice, 1, b=(bob, tree["chub"]), c=(charlie, tree["chub"]))
    before = Verdict.objects.get()
    taxa.save(
        taxon=Taxon(scientific_name="Salmo labrax", rank="species", label="labrax", parent=tree["salmo"]),
        by=ada,
    )
    assert not_following() == ["1 verdicts are of another tree than this; the worker computes them anew."]
    follow()
    after = Verdict.objects.get()
    assert after.tree_version == taxon_queries.tree().version != before.tree_version
    assert (after.computed_at, after.explanation["tree_version"]) == (before.computed_at, after.tree_version)
    settled = occurrence.settled_at
    occurrence.refresh_from_db()
    assert occurrence.settled_at == settled


def test_a_name_and_a_label_move_nothing(ada, alice, bob, tree):
    said(alice, 1, b=(bob, tree["chub"]))
    chub = tree["chub"]
    chub.common_names, chub.label, chub.scientific_name = (
        {"en": "European chub"},
        "european_chub",
        "Squalius c.",
    )
    taxa.save(taxon=chub, by=ada)
    tasks.find_verdicts_of_another_tree()
    assert not Job.objects.filter(kind="follow_tree").exists()


def test_who_speaks_while_verdicts_follow_is_not_overruled(ada, alice, bob, charlie, tree, monkeypatch):
    occurrence = said(alice, 1, b=(bob, tree["chub"]))
    taxa.save(
        taxon=Taxon(scientific_name="Salmo labrax", rank="species", label="labrax", parent=tree["salmo"]),
        by=ada,
    )
    real = outcomes.outcome
    spoken = []

    def outcome(*read):
        said = real(*read)
        if not spoken:
            spoken.append(True)
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=charlie)
        return said

    monkeypatch.setattr(outcomes, "outcome", outcome)
    verdicts.follow()
    monkeypatch.undo()
    assert stands(occurrence) == ("verified", "chub") and not list(verdicts.differing())
    assert Verdict.objects.get().explanation["people"] == 2


def test_a_broken_tree_is_not_followed(alice, bob, charlie, tree):
    occurrence = said(alice, 1, b=(bob, tree["chub"]), c=(charlie, tree["chub"]))
    before = everything()
    Taxon.objects.filter(label="cypriniformes").update(parent=tree["chub"])
    follow()
    assert everything() == before and stands(occurrence) == ("verified", "chub")
    assert not_following()[0].startswith("The names here are no tree: ")
    Taxon.objects.filter(label="cypriniformes").update(parent=tree["actinopterygii"])
    assert not_following() == []


def test_after_any_changes_verdicts_are_what_a_fresh_computation_says(ada, alice, bob, charlie, rita, tree):
    chance = random.Random(8)
    people = [alice, bob, charlie, rita]
    leaves = [
        tree[label]
        for label in ("brown_trout", "atlantic_salmon", "chub", "bream", "rainbow_trout", "cutbow")
    ]
    for seed in range(6):
        occurrence = universe.sighting(alice, seed=seed).occurrences.get()
        for person in chance.sample(people, 3):
            identifications.add(occurrence=occurrence, taxon=chance.choice(leaves), by=person)
    done = 0
    for _ in range(30):
        taxon = Taxon.objects.get(pk=chance.choice(leaves).pk)
        other = chance.choice(list(tree.values()))
        match chance.choice(("synonym", "parent", "undo")):
            case "synonym":
                taxon.synonym_of = other
            case "parent":
                taxon.parent = other
            case "undo":
                taxon.synonym_of = None
        try:
            taxa.save(taxon=taxon, by=ada)
        except taxa.ValidationError:
            continue
        done += 1
        follow()
        assert not of_another_tree(Verdict.objects.all(), taxon_queries.tree()).exists()
        after = everything()
        for occurrence in Occurrence.objects.all():
            verdicts.recompute(occurrences=[occurrence.pk])
        assert everything() == after
    assert done >= 5
