import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs import worker
from jobs.models import State
from labeling import consensus
from labeling.actions import identifications, reliability, rulings, verdicts
from labeling.actions.verdicts import recompute
from labeling.models import Identification, Reliability, Ruling, Verdict
from species.models import Occurrence, Status
from species.queries import taxa
from tests.conftest import person
from tests.universe import plant_tree, sighting


def test_a_verdict_names_the_versions_it_was_computed_from(occurrence, tree, bob):
    identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=bob)
    verdict = Verdict.objects.get()
    assert verdict.tree_version == taxa.tree().version
    assert verdict.reliability_version == "plain"


def test_nobody_is_named_in_an_explanation(occurrence, tree, alice, bob):
    for each in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=each)
    text = str(Verdict.objects.get().explanation)
    assert str(alice.pk) not in text and str(bob.pk) not in text


def test_the_uploader_needs_somebody_else(occurrence, tree, alice):
    identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
    assert Verdict.objects.get().explained().identifications[0].uploader is True
    assert occurrence.status == Status.NEEDS_ID


def test_two_who_are_known_to_err_do_not_verify(occurrence, tree, alice, bob):
    for each in (alice, bob):
        Reliability.objects.create(version="1", person=each, clade=tree["salmonidae"], value=0.6)
    reliability.use(version="1")
    for each in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=each)
    assert occurrence.status == Status.NEEDS_ID
    verdict = Verdict.objects.get()
    assert verdict.reliability_version == "1"
    assert verdict.explained().reason == "too_little_weight"
    reliability.use(version="")
    recompute(occurrences=[occurrence.pk])
    occurrence.refresh_from_db()
    assert occurrence.status == Status.VERIFIED


def test_recompute_settles_each_and_tells_how_far_it_is(tree, alice, bob):
    occurrences = [sighting(alice, seed=n).occurrences.get() for n in range(4)]
    for occurrence in occurrences:
        for each in (alice, bob):
            Identification.objects.create(occurrence=occurrence, person=each, taxon=tree["brown_trout"])
    told: list[tuple[int, int]] = []
    ids = [occurrence.pk for occurrence in occurrences]
    gone = Occurrence(pk=alice.pk)
    count = recompute(occurrences=[*ids, gone.pk], progress=lambda done, total: told.append((done, total)))
    assert count == 5 and told[-1] == (5, 5)
    assert Occurrence.objects.verified().count() == 4


def test_recompute_keeps_transactions_short(tree, alice, monkeypatch):
    ids = [sighting(alice, seed=n).occurrences.get().pk for n in range(3)]
    monkeypatch.setattr(verdicts, "TRANSACTION_SECONDS", 0.0)
    told: list[int] = []
    recompute(occurrences=ids, progress=lambda done, total: told.append(done))
    assert told == [1, 2, 3]  # with no time at all: one occurrence to a transaction


def test_resettling_can_be_stopped_and_goes_on(tree, alice, source, rita):
    for n in range(3):
        identifications.add_imported(
            occurrence=sighting(alice, seed=n).occurrences.get(),
            said={source: tree["brown_trout"]},
            by=rita,
        )
    rulings.trust(source=source, reason="Named in the hand.", by=rita)
    rulings.withdraw(ruling=Ruling.objects.get(), by=rita)
    rulings.trust(source=source, reason="After all.", by=rita)
    jobs = worker.Job.objects.all()
    assert jobs.count() == 1  # one unfinished job is enough, whatever was decided meanwhile
    worker.run_due()
    assert jobs.get().state == State.DONE
    assert Occurrence.objects.verified().count() == 3


@pytest.mark.django_db(transaction=True)
def test_whoever_speaks_at_once_the_verdict_is_what_stands():
    """Six people say, unsay and rule at the same time; the last verdict is consensus of what is left."""
    tree = plant_tree()
    owner = person("Owner")
    occurrence = sighting(owner, seed="busy").occurrences.get()
    people = [person(f"Person {n}".replace(" ", "")) for n in range(3)]
    reviewer = person("Reviewer", "reviewer")
    labels = ["brown_trout", "rainbow_trout", "brown_trout"]
    errors: list[BaseException] = []
    start = threading.Barrier(len(people) + 1)

    def speak(who, label):
        said = identifications.add(occurrence=Occurrence.objects.get(), taxon=tree[label], by=who)
        identifications.withdraw(identification=said, by=who)
        identifications.add(occurrence=Occurrence.objects.get(), taxon=tree[label], by=who)

    def rule():
        ruling = rulings.rule(
            occurrence=Occurrence.objects.get(), taxon=tree["brown_trout"], reason="Sure.", by=reviewer
        )
        rulings.withdraw(ruling=ruling, by=reviewer)

    def run(act, *arguments):
        try:
            start.wait(timeout=20)
            act(*arguments)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(speak, who, label))
        for who, label in zip(people, labels, strict=True)
    ]
    threads.append(threading.Thread(target=run, args=(rule,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    occurrence.refresh_from_db()
    standing = Identification.objects.filter(withdrawn_at=None)
    assert standing.count() == len(people)
    expected = consensus.decide(
        [consensus.Vote(str(each.person_id), str(each.taxon_id)) for each in standing], taxa.tree()
    )
    assert occurrence.status == expected.status == occurrence.verdict.status
    assert str(occurrence.agreed_taxon_id or "") == str(expected.taxon or "")
    assert occurrence.verdict.explained() == expected.explanation


@pytest.mark.django_db(transaction=True)
def test_one_person_in_two_windows_has_one_identification():
    tree = plant_tree()
    occurrence = sighting(person("Owner"), seed="busy").occurrences.get()
    who = person("Twice")
    start = threading.Barrier(2)
    errors: list[BaseException] = []

    def speak(label):
        try:
            start.wait(timeout=20)
            for _ in range(3):
                identifications.add(occurrence=occurrence, taxon=tree[label], by=who)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=speak, args=(label,)) for label in ("brown_trout", "rainbow_trout")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    standing = Identification.objects.get(withdrawn_at=None)
    assert Identification.objects.count() == 6
    assert Verdict.objects.get().explained().leading == str(standing.taxon_id)


def test_what_stands_is_looked_at_many_at_a_time_and_not_written(tree, alice, bob):
    ids = []
    for number in range(6):
        occurrence = sighting(alice, seed=number).occurrences.get()
        for each in (alice, bob):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
        ids.append(occurrence.pk)
    before = list(Verdict.objects.order_by("pk").values())
    asked = []
    for some in (ids[:2], ids):
        with CaptureQueriesContext(connection) as found:
            assert recompute(occurrences=some) == len(some)
        asked.append(len(found))
        assert not [query["sql"] for query in found if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert asked[0] == asked[1] <= 10
    assert list(Verdict.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "needs_id", "exported_taxon_id": None},
        {"exported_taxon_id": None},
        {"agreement": {}},
        {"settled_at": None},
        {"place_floor": "private", "place_floor_rule": "agreed"},
    ],
)
def test_what_does_not_stand_is_settled_anew(tree, alice, bob, wrong):
    right, other = (sighting(alice, seed=number).occurrences.get() for number in range(2))
    for occurrence in (right, other):
        for each in (alice, bob):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
    before = Occurrence.objects.values(*wrong).get(pk=other.pk)
    Occurrence.objects.filter(pk=other.pk).update(**wrong)
    recompute(occurrences=[right.pk, other.pk])
    after = Occurrence.objects.get(pk=other.pk)
    assert after.settled_at is not None
    assert {name: getattr(after, name) for name in wrong if name != "settled_at"} == {
        name: value for name, value in before.items() if name != "settled_at"
    }
