import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.actions import source_account
from jobs import worker
from jobs.models import Job
from labeling.actions import identifications, rulings
from labeling.consensus.explanation import Ruled
from labeling.models import Ruling, Verdict
from notices.models import Notification
from species.models import Occurrence, Status
from tests import universe
from tests.universe import sighting


def rule(occurrence, taxon, by, reason="Counted the gill rakers."):
    return rulings.rule(occurrence=occurrence, taxon=taxon, reason=reason, by=by, confirmed=True)


def test_a_ruling_outranks_everybody_and_withdrawn_leaves_no_trace_in_the_verdict(
    occurrence, tree, alice, bob, rita
):
    for person in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
    before = Verdict.objects.get().explanation
    ruling = rule(occurrence, tree["rainbow_trout"], rita)
    assert (occurrence.status, occurrence.agreed_taxon) == (Status.VERIFIED, tree["rainbow_trout"])
    explanation = Verdict.objects.get().explained()
    assert explanation.reason == "ruling"
    assert explanation.ruling == Ruled(
        taxon=str(tree["rainbow_trout"].pk), reason="Counted the gill rakers.", trust=False
    )
    rulings.withdraw(ruling=ruling, by=rita)
    assert Verdict.objects.get().explanation == before
    occurrence.refresh_from_db()
    assert occurrence.agreed_taxon == tree["brown_trout"]


def test_ruling_that_it_cant_be_settled(occurrence, rita):
    rule(occurrence, None, rita)
    assert (occurrence.status, occurrence.agreed_taxon) == (Status.UNRESOLVABLE, None)


def test_a_ruling_is_never_silent(occurrence, tree, alice, rita, ada):
    first = rule(occurrence, tree["brown_trout"], rita)
    note = Notification.objects.get(user=alice)
    assert "Rita" in note.text and "brown trout" in note.text and "gill rakers" in note.text
    assert str(occurrence.observation_id) in note.url
    rule(occurrence, tree["rainbow_trout"], ada, reason="Pink band.")
    assert (
        Notification.objects.get(user=alice).text == "Ada ruled on your sighting: rainbow trout. Pink band."
    )
    assert "Ada" in Notification.objects.get(user=rita).text
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    rulings.withdraw(ruling=Ruling.objects.get(withdrawn_at=None), by=rita)
    assert "Rita took back the ruling on your sighting." in Notification.objects.get(user=alice).text
    assert Notification.objects.filter(user=ada).count() == 1


def test_no_reason_no_ruling(occurrence, tree, rita):
    with pytest.raises(ValidationError):
        rule(occurrence, tree["brown_trout"], rita, reason="  ")
    assert not Ruling.objects.exists()


def test_nobody_rules_on_their_own_upload(tree, rita, ada):
    own = sighting(rita, seed="own").occurrences.get()
    with pytest.raises(PermissionDenied):
        rule(own, tree["brown_trout"], rita)
    ruling = rule(own, tree["brown_trout"], ada)
    with pytest.raises(PermissionDenied):
        rulings.withdraw(ruling=ruling, by=rita)
    ruling.refresh_from_db()
    assert ruling.withdrawn_at is None


def test_a_draft_is_not_ruled_on(tree, alice, rita):
    draft = sighting(alice, seed="draft", published=False)
    occurrence = Occurrence.objects.create(observation=draft)
    with pytest.raises(PermissionDenied):
        rule(occurrence, tree["brown_trout"], rita)


def test_withdrawing_again_is_no_error(occurrence, tree, rita):
    ruling = rule(occurrence, tree["brown_trout"], rita)
    first = rulings.withdraw(ruling=ruling, by=rita).withdrawn_at
    assert rulings.withdraw(ruling=ruling, by=rita).withdrawn_at == first


def imported(occurrence, taxon, source, by):
    return identifications.add_imported(occurrence=occurrence, said={source: taxon}, by=by)[0]


def test_whoever_ran_the_import_rules_on_none_of_it_and_may_trust_its_source(tree, rita, ada):
    batch, found = universe.imported(operator=rita)
    occurrence = found.occurrences.get()
    with pytest.raises(PermissionDenied):
        rule(occurrence, tree["brown_trout"], rita)
    ruling = rule(occurrence, tree["brown_trout"], ada)
    with pytest.raises(PermissionDenied):
        rulings.withdraw(ruling=ruling, by=rita)
    rulings.withdraw(ruling=ruling, by=ada)
    imported(occurrence, tree["rainbow_trout"], batch.source, rita)
    rulings.trust(source=batch.source, reason="Named in the hand.", by=rita)
    worker.run_due()
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.agreed_taxon) == (Status.VERIFIED, tree["rainbow_trout"])


def test_trust_is_one_ruling_for_all_and_withdrawn_as_one(tree, alice, source, rita):
    occurrences = [sighting(alice, seed=n).occurrences.get() for n in range(3)]
    for occurrence in occurrences:
        imported(occurrence, tree["brown_trout"], source, rita)
    ruling = rulings.trust(source=source, reason="Named in the hand.", by=rita)
    assert Ruling.objects.count() == 1
    assert worker.run_due() == 1
    verified = Occurrence.objects.verified().of([tree["brown_trout"].pk])
    assert verified.count() == 3
    assert Verdict.objects.first().explained().ruling.trust is True
    rulings.withdraw(ruling=ruling, by=rita)
    assert worker.run_due() == 1
    assert verified.count() == 0
    assert set(Occurrence.objects.values_list("status", flat=True)) == {Status.NEEDS_ID}


def test_what_a_trusted_source_says_later_is_ruled_at_once(occurrence, tree, source, rita):
    rulings.trust(source=source, reason="Named in the hand.", by=rita)
    assert not Job.objects.exists()
    imported(occurrence, tree["brown_trout"], source, rita)
    assert occurrence.status == Status.VERIFIED


def test_a_ruling_on_the_occurrence_outranks_trust(occurrence, tree, source, rita):
    rulings.trust(source=source, reason="Named in the hand.", by=rita)
    imported(occurrence, tree["brown_trout"], source, rita)
    ruling = rule(occurrence, tree["rainbow_trout"], rita)
    assert occurrence.agreed_taxon == tree["rainbow_trout"]
    rulings.withdraw(ruling=ruling, by=rita)
    occurrence.refresh_from_db()
    assert occurrence.agreed_taxon == tree["brown_trout"]


def test_trusted_sources_that_differ_settle_nothing(occurrence, tree, source, rita):
    other = source_account(name="another collection")
    for each, label in ((source, "brown_trout"), (other, "rainbow_trout")):
        rulings.trust(source=each, reason="Good people.", by=rita)
        imported(occurrence, tree[label], each, rita)
    assert occurrence.status == Status.DISPUTED


def test_trust_is_for_sources_by_reviewers_once_with_a_reason(source, alice, bob, rita, ada):
    with pytest.raises(PermissionDenied):
        rulings.trust(source=source, reason="x", by=alice)
    with pytest.raises(ValidationError):
        rulings.trust(source=bob, reason="x", by=rita)
    with pytest.raises(ValidationError):
        rulings.trust(source=source, reason=" ", by=rita)
    ruling = rulings.trust(source=source, reason="Named in the hand.", by=rita)
    with pytest.raises(ValidationError, match="Named in the hand"):
        rulings.trust(source=source, reason="again", by=ada)
    with pytest.raises(PermissionDenied):
        rulings.withdraw(ruling=ruling, by=alice)
    rulings.withdraw(ruling=ruling, by=ada)
    assert Notification.objects.get(user=rita).text.startswith("Ada withdrew your trust")
    assert rulings.trust(source=source, reason="once more", by=rita).withdrawn_at is None
