"""What people said follows a merge, a split or a swap, and comes back when it is undone; none of it is lost."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from jobs import worker
from jobs.models import Job
from labeling.actions import identifications, reapplied, rulings, verdicts
from labeling.models import Identification, Reapplied, Ruling, Verdict
from labeling.queries.verdicts import not_following
from notices.models import Notification
from species.actions import taxa, taxon_changes
from species.models import ChangedTaxon, Taxon, TaxonChange, TaxonEdit
from species.queries import taxon_changes as queries
from tests import universe

INN = {"latitude": 47.27, "longitude": 11.39, "privacy": "open"}
NEAR_INN = "11,47,12,48"


def propose(kind: str, old: list[Taxon], new: list[Taxon], by, areas=None) -> TaxonChange:
    named = {taxon.pk: given for taxon, given in (areas or {}).items()}
    return taxon_changes.propose(kind=kind, old=old, new=new, reason="A paper says so.", by=by, areas=named)


def apply(change: TaxonChange, ada) -> TaxonChange:
    taxon_changes.apply(change=change, by=ada)
    return done(change)


def undo(change: TaxonChange, ada) -> TaxonChange:
    taxon_changes.undo(change=change, by=ada)
    return done(change)


def done(change: TaxonChange) -> TaxonChange:
    worker.run_due()
    change.refresh_from_db()
    assert not list(verdicts.differing()) and not not_following()
    return change


def said(owner, seed, *people, **fields):
    occurrence = universe.sighting(owner, seed=seed, size=(160, 80), **fields).occurrences.get()
    for person, taxon in people:
        identifications.add(occurrence=occurrence, taxon=taxon, by=person, note=f"Seen by {person}.")
    return occurrence


def stands(occurrence) -> tuple[str, str | None]:
    occurrence.refresh_from_db()
    return occurrence.status, occurrence.agreed_taxon and occurrence.agreed_taxon.label


def standing() -> list[tuple]:
    """Every word that stands, as it was said."""
    words = Identification.objects.filter(withdrawn_at=None).order_by("pk")
    ruled = Ruling.objects.filter(withdrawn_at=None).order_by("pk")
    return [
        *words.values_list("pk", "taxon", "disagrees_with", "cannot_improve", "note"),
        *ruled.values_list("pk", "taxon", "reason"),
    ]


def everything() -> list[tuple]:
    rows = Verdict.objects.order_by("pk").values_list("pk", "status", "taxon", "explanation", "tree_version")
    return [*rows, *standing()]


def test_a_merge_rewrites_no_vote_and_a_vote_meanwhile_stays(ada, alice, bob, charlie, tree):
    salmon, brown = tree["atlantic_salmon"], tree["brown_trout"]
    agreed = said(alice, 1, (bob, salmon), (charlie, salmon))
    quarrel = said(alice, 2, (bob, salmon), (charlie, brown))
    later = said(alice, 3)
    before, votes = everything(), standing()
    change = apply(propose("merge", [salmon], [brown], ada), ada)
    assert change.state == "applied" and standing() == votes and not Reapplied.objects.exists()
    assert stands(agreed) == stands(quarrel) == ("verified", "brown_trout")
    for person in (bob, charlie):
        identifications.add(occurrence=later, taxon=brown, by=person)
    assert undo(change, ada).state == "undone"
    assert stands(agreed) == ("verified", "atlantic_salmon") and stands(quarrel) == ("disputed", "salmo")
    assert stands(later) == ("verified", "brown_trout"), "they said so"
    assert [row for row in everything() if row in before] == before


def test_several_become_one_and_a_synonym_becomes_the_name(ada, alice, bob, charlie, tree):
    occurrence = said(alice, 1, (bob, tree["chub"]), (charlie, tree["bream"]))
    apply(propose("merge", [tree["chub"], tree["bream"]], [tree["brown_trout"]], ada), ada)
    assert stands(occurrence) == ("verified", "brown_trout")
    before = everything()
    swap = apply(propose("swap", [tree["brown_trout"]], [tree["salmo_fario"]], ada), ada)
    assert stands(occurrence) == ("verified", "salmo_fario")
    assert Taxon.objects.get(label="brown_trout").synonym_of.label == "salmo_fario"
    undo(swap, ada)
    assert everything() == before


def test_a_split_tells_votes_apart_by_place_and_asks_about_the_others(ada, rita, alice, bob, charlie, tree):
    chub, bream = tree["chub"], tree["bream"]
    inn = said(alice, 1, (bob, chub), (charlie, chub), **INN)
    elsewhere = said(alice, 2, (bob, chub), (charlie, chub), latitude=40, longitude=-3, privacy="open")
    nowhere = said(alice, 3, (bob, chub), (charlie, chub))
    ruled = said(alice, 4, (bob, chub), **INN)
    rulings.rule(occurrence=ruled, taxon=chub, reason="I counted its scales.", by=rita)
    ruled_nowhere = said(alice, 5, (bob, bream))
    rulings.rule(occurrence=ruled_nowhere, taxon=chub, reason="I counted its scales.", by=rita)
    not_it = said(alice, 6, **INN)
    identifications.add(occurrence=not_it, taxon=bream, by=bob, disagrees_with=chub)
    before, many = everything(), len(standing())
    change = propose("split", [chub], [bream, tree["rainbow_trout"]], ada, {bream: [NEAR_INN]})
    change = apply(change, ada)
    assert change.meeting.label == "actinopterygii" and len(standing()) == many - 1, (
        "one ruling is asked again"
    )
    assert stands(inn) == ("verified", "bream") and stands(ruled) == ("verified", "bream")
    assert stands(elsewhere)[1] == stands(nowhere)[1] == "actinopterygii"
    assert stands(elsewhere)[0] == stands(nowhere)[0] == "needs_id"
    assert Ruling.objects.get(occurrence=ruled, withdrawn_at=None).reason == "I counted its scales."
    assert not Ruling.objects.filter(occurrence=ruled_nowhere, withdrawn_at=None).exists()
    assert Identification.objects.get(occurrence=not_it, withdrawn_at=None).disagrees_with is None
    told = Notification.objects.get(user=charlie, kind="taxon_change")
    assert "2 of your names count" in told.text and told.url == f"/taxon-changes/{change.pk}"
    undo(change, ada)
    assert everything() == before


def test_in_a_narrower_sense_the_old_name_goes_on(ada, alice, bob, charlie, tree):
    chub, bream = tree["chub"], tree["bream"]
    here = said(alice, 1, (bob, chub), (charlie, chub), **INN)
    there = said(alice, 2, (bob, chub), (charlie, chub), latitude=40, longitude=-3, privacy="open")
    before = everything()
    change = propose("split", [chub], [chub, bream], ada, {chub: [NEAR_INN], bream: ["-10,35,5,45"]})
    apply(change, ada)
    assert (
        change.links == {} and stands(here) == ("verified", "chub") and stands(there) == ("verified", "bream")
    )
    assert Reapplied.objects.count() == 2, "votes that say what they said are left alone"
    undo(change, ada)
    assert everything() == before


def test_a_place_that_is_not_public_tells_no_votes_apart(ada, alice, bob, charlie, tree):
    hidden = said(alice, 1, (bob, tree["chub"]), (charlie, tree["chub"]), **INN | {"privacy": "private"})
    apply(
        propose("split", [tree["chub"]], [tree["chub"], tree["bream"]], ada, {tree["bream"]: [NEAR_INN]}), ada
    )
    assert stands(hidden)[1] == "leuciscidae"


def test_who_speaks_meanwhile_has_the_last_word(ada, rita, alice, bob, charlie, tree):
    chub, bream = tree["chub"], tree["bream"]
    occurrence = said(alice, 1, (bob, chub), (charlie, chub))
    ruled = said(alice, 2, (bob, bream))
    rulings.rule(occurrence=ruled, taxon=chub, reason="Scales.", by=rita)
    change = propose("split", [chub], [chub, bream], ada)
    taxon_changes.apply(change=change, by=ada)
    # Before the job has looked: it means the new name.
    identifications.add(occurrence=occurrence, taxon=chub, by=bob)
    done(change)
    by_bob = Identification.objects.get(occurrence=occurrence, person=bob, withdrawn_at=None)
    assert by_bob.taxon == chub and not Reapplied.objects.filter(identification=by_bob).exists()
    identifications.add(occurrence=occurrence, taxon=bream, by=charlie)
    rulings.rule(occurrence=ruled, taxon=bream, reason="Counted again.", by=rita)
    undo(change, ada)
    said_now = dict(
        Identification.objects.filter(occurrence=occurrence, withdrawn_at=None).values_list(
            "person__display_name", "taxon__label"
        )
    )
    assert said_now == {"Bob": "chub", "Charlie": "bream"}
    assert Ruling.objects.get(occurrence=ruled, withdrawn_at=None).reason == "Counted again."


def test_a_vote_between_the_look_and_the_write_is_not_lost(ada, alice, bob, charlie, tree, monkeypatch):
    occurrence = said(alice, 1, (bob, tree["chub"]))
    real, spoken = reapplied.say_anew, []

    def say_anew(**named):
        if not spoken:
            spoken.append(identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob))
        return real(**named)

    monkeypatch.setattr(reapplied, "say_anew", say_anew)
    apply(propose("split", [tree["chub"]], [tree["chub"], tree["bream"]], ada), ada)
    assert Identification.objects.get(occurrence=occurrence, withdrawn_at=None).taxon == tree["bream"]


def test_a_job_that_was_killed_is_done_to_its_end(ada, alice, bob, charlie, tree, monkeypatch):
    """As after a kill -9: some votes are said anew, others not; the row of the job is taken up again."""
    many = [said(alice, seed, (bob, tree["chub"]), (charlie, tree["chub"])) for seed in range(4)]
    before = everything()
    change = propose("split", [tree["chub"]], [tree["chub"], tree["bream"]], ada)
    taxon_changes.apply(change=change, by=ada)
    real, calls = reapplied.say_anew, []

    class Killed(BaseException):
        pass

    def say_anew(**named):
        calls.append(named)
        if len(calls) == 3:
            raise Killed
        return real(**named)

    monkeypatch.setattr(reapplied, "say_anew", say_anew)
    with pytest.raises(Killed):
        worker.run_due()
    monkeypatch.undo()
    assert Reapplied.objects.count() == 4, "two of four organisms"
    lost = Job.objects.get(kind="taxon_change")
    Job.objects.filter(pk=lost.pk).update(state="waiting", lease_until=None)
    done(change)
    assert change.state == "applied" and Reapplied.objects.count() == 8
    assert {stands(each)[1] for each in many} == {"leuciscidae"}
    undo(change, ada)
    assert everything() == before


def test_two_that_overlap_are_refused_and_undone_in_their_order(ada, alice, bob, tree):
    said(alice, 1, (bob, tree["chub"]))
    first = propose("merge", [tree["bream"]], [tree["chub"]], ada)
    second = propose("merge", [tree["chub"]], [tree["brown_trout"]], ada)
    taxon_changes.apply(change=first, by=ada)
    with pytest.raises(ValidationError, match="touches the same names and is being applied"):
        taxon_changes.apply(change=second, by=ada)
    done(first)
    apply(second, ada)
    with pytest.raises(ValidationError, match="Undo that first"):
        taxon_changes.undo(change=first, by=ada)
    undo(second, ada)
    undo(first, ada)
    assert not Taxon.objects.filter(label__in=["chub", "bream"]).exclude(synonym_of=None).exists()
    with pytest.raises(ValidationError, match="undone already"):
        taxon_changes.apply(change=first, by=ada)


def test_a_name_that_was_edited_since_is_not_overwritten_by_an_undo(ada, tree):
    change = apply(propose("merge", [tree["bream"]], [tree["chub"]], ada), ada)
    bream = Taxon.objects.get(label="bream")
    bream.synonym_of = tree["brown_trout"]
    taxa.save(taxon=bream, by=ada)
    with pytest.raises(ValidationError, match="Abramis brama was changed since"):
        taxon_changes.undo(change=change, by=ada)


@pytest.mark.parametrize(
    ("kind", "old", "new", "why"),
    [
        ("merge", ["chub"], ["chub"], "not merged into itself"),
        ("merge", ["salmo_fario"], ["chub"], "synonym already"),
        ("merge", ["chub"], ["salmo_fario"], "That is a synonym"),
        ("merge", ["chub"], ["chub", "bream"], "merged into one"),
        ("merge", ["salmo"], ["brown_trout"], "ranks|circle|under|own"),
        ("swap", ["chub", "bream"], ["brown_trout"], "of one name"),
        ("swap", ["chub"], ["salmo_fario"], "synonym of something else"),
        ("split", ["chub"], ["bream"], "two names"),
        ("split", ["brown_trout"], ["salmo", "chub"], "holds the old name"),
        ("split", ["actinopterygii"], ["salmonidae", "leuciscidae"], "Nothing here stands above"),
        ("merge", ["huchen"], ["brown_trout"], "hidden"),
        ("split", ["bull_trout"], ["brook_trout", "chub"], "Keep it among|Protect"),
    ],
)
def test_what_cannot_be_is_said_before_it_is_proposed(kind, old, new, why, ada, tree):
    with pytest.raises(ValidationError, match=why):
        propose(kind, [tree[each] for each in old], [tree[each] for each in new], ada)
    assert not TaxonChange.objects.exists()


def test_who_may(ada, rita, alice, bob, charlie, tree):
    for person in (alice, bob, charlie):
        with pytest.raises(PermissionDenied):
            propose("merge", [tree["bream"]], [tree["chub"]], person)
    change = propose("merge", [tree["bream"]], [tree["chub"]], rita)
    for person in (alice, bob, charlie, rita):
        with pytest.raises(PermissionDenied):
            taxon_changes.apply(change=change, by=person)
    apply(change, ada)
    for person in (alice, bob, charlie, rita):
        with pytest.raises(PermissionDenied):
            taxon_changes.undo(change=change, by=person)
    with pytest.raises(ValidationError, match="It can be undone"):
        taxon_changes.discard(change=change, by=ada)
    other = propose("merge", [tree["brook_trout"]], [tree["chub"]], ada)
    for person in (alice, bob, charlie, rita):
        with pytest.raises(PermissionDenied):
            taxon_changes.discard(change=other, by=person)
    taxon_changes.discard(change=other, by=ada)
    assert TaxonChange.objects.get() == change


def test_the_change_is_in_the_history_of_the_name(ada, tree):
    change = apply(propose("merge", [tree["bream"]], [tree["chub"]], ada), ada)
    edit = TaxonEdit.objects.get()
    assert (edit.taxon, edit.by, edit.change) == (tree["bream"], ada, change)
    assert (edit.before, edit.after) == ({"synonym_of": None}, {"synonym_of": "Squalius cephalus"})
    assert [*queries.of(tree["chub"])] == [change]


def test_rows_that_contradict_themselves_are_none(ada, alice, bob, tree):
    change = propose("merge", [tree["bream"]], [tree["chub"]], ada)
    word = Identification.objects.create(occurrence=said(alice, 1), person=bob, taxon=tree["chub"])
    bad = [
        lambda: TaxonChange.objects.create(kind="merge", reason="", by=ada),
        lambda: TaxonChange.objects.filter(pk=change.pk).update(state="applied"),
        lambda: TaxonChange.objects.filter(pk=change.pk).update(
            state="undone", begun_at=change.created, applied_by=ada
        ),
        lambda: ChangedTaxon.objects.create(change=change, taxon=tree["chub"], side="new"),
        lambda: Reapplied.objects.create(change=change),
        lambda: Reapplied.objects.create(change=change, identification=word),
    ]
    for each in bad:
        with pytest.raises(IntegrityError), transaction.atomic():
            each()


def test_a_split_costs_the_same_for_each_organism(
    ada, alice, bob, charlie, tree, django_assert_max_num_queries
):
    for seed in range(3):
        said(alice, seed, (bob, tree["chub"]), (charlie, tree["chub"]))
    change = propose("split", [tree["chub"]], [tree["chub"], tree["bream"]], ada)
    taxon_changes.apply(change=change, by=ada)
    change = queries.changes().get(pk=change.pk)
    with django_assert_max_num_queries(30 * 3 + 20):
        reapplied.follow(change=change, progress=lambda done, total: None)
    assert (
        Identification.objects.filter(created__gt=change.begun_at - timedelta(0), withdrawn_at=None).count()
        == 0
    )


def test_the_thread_says_why_a_word_changed(client, ada, alice, bob, tree):
    occurrence = said(alice, 1, (bob, tree["chub"]))
    change = apply(propose("split", [tree["chub"]], [tree["chub"], tree["bream"]], ada), ada)
    page = client.get(occurrence.observation.get_absolute_url()).content.decode()
    assert "Said of chub, before that name was split." in page and "no longer: the name was split" in page
    assert "took it back" not in page
    undo(change, ada)
    page = client.get(occurrence.observation.get_absolute_url()).content.decode()
    assert "no longer: the split was undone" in page and "took it back" not in page
