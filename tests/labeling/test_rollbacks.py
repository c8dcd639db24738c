"""All that somebody did from a moment on is set aside in one act, and given back as it stood."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Role
from jobs import worker
from labeling.actions import (
    all_boxed,
    boxes,
    comments,
    field_marks,
    flags,
    identifications,
    passes,
    rollbacks,
    rulings,
)
from labeling.models import (
    AllBoxed,
    Box,
    Comment,
    CommentReport,
    FieldMark,
    Flag,
    Identification,
    Pass,
    Region,
    Rollback,
    Ruling,
    Verdict,
)
from labeling.queries.rollbacks import KINDS, PHOTOS, VOTES, preview
from species.models import Occurrence, Photo, Status
from tests import universe
from tests.conftest import person

ALL = (*KINDS, PHOTOS)
#: When a row was last touched and where it stands in lists: whoever follows lists must hear that it is back.
MOMENTS = {"listed_at", "updated", "computed_at", "settled_at"}
STATE = (Identification, Box, AllBoxed, FieldMark, Pass, Ruling, Comment, CommentReport, Flag, Verdict)


def state() -> bytes:
    """Every column of every row that people and verdicts write, byte for byte, but for MOMENTS."""
    said = {}
    for model in (*STATE, Occurrence, Photo, Region):
        # Rectangles are computed anew, with other ids.
        left_out = MOMENTS | ({"id", "created"} if model is Region else set())
        names = [each.attname for each in model._meta.concrete_fields if each.name not in left_out]
        said[model.__name__] = sorted(
            json.dumps(row, default=str) for row in model.objects.values_list(*names)
        )
    return json.dumps(said, sort_keys=True).encode()


@pytest.fixture
def spammer(db):
    return person("Sven")


@pytest.fixture
def spam(spammer, alice, bob, tree, sighting_of_alice):
    """What Sven did, among what others did; returns the organisms: one he made verified, and one he disputes."""
    first = sighting_of_alice.occurrences.get()
    second = universe.sighting(alice, seed="second").occurrences.get()
    identifications.add(occurrence=first, taxon=tree["brown_trout"], by=alice)
    identifications.add(occurrence=first, taxon=tree["brown_trout"], by=spammer, note="cheap watches")
    for each in (alice, bob):
        identifications.add(occurrence=second, taxon=tree["chub"], by=each)
    identifications.add(occurrence=second, taxon=tree["bream"], by=spammer)
    photo = first.photos.order_by("position").first()
    sides = {"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5}
    for each in (alice, bob, spammer):
        boxes.draw(occurrence=first, photo=photo, by=each, **sides)
    all_boxed.add(photo=photo, by=spammer)
    field_marks.point(occurrence=first, photo=photo, mark="watches", x=0.5, y=0.5, by=spammer)
    comments.add(observation=sighting_of_alice, text="Buy watches", by=spammer)
    theirs = comments.add(observation=sighting_of_alice, text="No, thank you.", by=bob)
    comments.report(comment=theirs, by=spammer, reason="rude")
    flags.raise_flag(photo=photo, kind="rights", by=spammer)
    third = universe.sighting(bob, seed="third").occurrences.get()
    passes.add(occurrence=third, kind=Pass.Kind.SKIP, by=spammer)
    universe.sighting(spammer, seed="watches")
    return first, second


def rolled_back(person_, by, *, since=None, kinds=ALL) -> Rollback:
    rollback = rollbacks.begin(person=person_, since=since, kinds=kinds, reason="Spam", by=by)
    worker.run_due()
    rollback.refresh_from_db()
    assert rollback.state == Rollback.State.APPLIED
    return rollback


def given_back(rollback, by) -> Rollback:
    rollbacks.undo(rollback=rollback, by=by)
    worker.run_due()
    rollback.refresh_from_db()
    assert rollback.state == Rollback.State.UNDONE
    return rollback


def test_undone_it_is_byte_for_byte_as_it_was(spam, spammer, rita):
    first, second = spam
    before = state()
    rollback = rolled_back(spammer, rita)
    assert state() != before
    for kind, each in KINDS.items():
        standing = each.model.objects.filter(**{each.person: spammer, each.gone: None})
        assert not standing.exists(), kind
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.NEEDS_ID, Status.VERIFIED)
    assert not Photo.objects.filter(owner=spammer, shown=True).exists()
    assert rollback.counts == {
        **dict.fromkeys(KINDS, 1),
        "names": 2,
        "rulings": 0,
        PHOTOS: 1,
    }
    given_back(rollback, rita)
    assert state() == before


def test_what_others_did_is_not_touched(spam, spammer, rita, alice, bob):
    def others():
        return [
            list(each.model.objects.exclude(**{each.person: spammer}).values()) for each in KINDS.values()
        ]

    before = others()
    rolled_back(spammer, rita)
    assert others() == before


def test_only_what_they_did_since_then(spam, spammer, rita, tree):
    Identification.objects.filter(person=spammer, taxon=tree["bream"]).update(
        created=timezone.now() - timedelta(days=2)
    )
    rollback = rolled_back(spammer, rita, since=timezone.now() - timedelta(days=1), kinds=["names"])
    assert rollback.counts == {"names": 1}
    assert Identification.objects.get(person=spammer, withdrawn_at=None).taxon == tree["bream"]


def test_what_they_say_meanwhile_has_the_last_word(spam, spammer, rita, tree):
    first, _ = spam
    rollback = rolled_back(spammer, rita, kinds=["names"])
    again = identifications.add(occurrence=first, taxon=tree["rainbow_trout"], by=spammer)
    given_back(rollback, rita)
    assert Identification.objects.get(person=spammer, occurrence=first, withdrawn_at=None) == again


def test_what_a_reviewer_showed_again_stays_shown(spam, spammer, rita):
    rollback = rolled_back(spammer, rita, kinds=["comments"])
    hidden = Comment.objects.get(person=spammer)
    assert hidden.hidden_because == "Rolled back: Spam"
    comments.unhide(comment=hidden, reason="It was funny", by=rita)
    comments.hide(comment=hidden, reason="It was not", by=rita)
    given_back(rollback, rita)
    hidden.refresh_from_db()
    assert hidden.hidden_because == "It was not"


def test_a_job_that_died_half_way_goes_on(spam, spammer, rita):
    before = state()
    rollback = rollbacks.begin(person=spammer, since=None, kinds=ALL, reason="Spam", by=rita)
    seen = []

    def die(done, total):
        seen.append(done)
        if len(seen) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rollbacks.carry_out(rollback=rollback, progress=die)
    worker.run_due()
    rollback.refresh_from_db()
    assert rollback.state == Rollback.State.APPLIED and rollback.counts["names"] == 2
    given_back(rollback, rita)
    assert state() == before


def test_undone_before_it_began_it_does_nothing(spam, spammer, rita):
    before = state()
    rollback = rollbacks.begin(person=spammer, since=None, kinds=ALL, reason="Spam", by=rita)
    given_back(rollback, rita)
    assert state() == before


def test_the_preview_counts_what_would_go(spam, spammer, rita):
    found = preview(spammer, None)
    assert found.counts == {**dict.fromkeys(KINDS, 1), "names": 2, "rulings": 0, PHOTOS: 1}
    assert (found.verdicts, found.verified) == (2, 1)
    assert preview(spammer, timezone.now()).verdicts == 0


def test_rulings_of_a_reviewer_are_rolled_back_by_an_admin_alone(spam, rita, ada, tree):
    _, second = spam
    rulings.rule(occurrence=second, taxon=tree["bream"], reason="I say so", by=rita, confirmed=True)
    other = person("Roy", Role.REVIEWER)
    with pytest.raises(PermissionDenied):
        rollbacks.begin(person=rita, since=None, kinds=VOTES, reason="x", by=other)
    before = state()
    rollback = rolled_back(rita, ada, kinds=VOTES)
    second.refresh_from_db()
    assert second.agreed_taxon != tree["bream"]
    given_back(rollback, ada)
    second.refresh_from_db()
    assert second.agreed_taxon == tree["bream"] and state() == before


def test_who_may(spammer, alice, bob, charlie, rita, ada, source):
    assert [rollbacks.may(each, spammer) for each in (alice, bob, charlie, rita, ada)] == [False] * 3 + [
        True
    ] * 2
    assert not rollbacks.may(rita, rita) and not rollbacks.may(ada, ada) and not rollbacks.may(rita, source)
    assert not rollbacks.may(rita, ada) and rollbacks.may(ada, rita)
    rollback = Rollback.objects.create(person=spammer, by=rita, reason="x", kinds=["names"])
    for each in (alice, spammer):
        with pytest.raises(PermissionDenied):
            rollbacks.undo(rollback=rollback, by=each)


@pytest.mark.parametrize(
    ("said", "field"),
    [({"kinds": []}, "kinds"), ({"kinds": ["accounts"]}, "kinds"), ({"reason": " "}, "reason")],
)
def test_what_is_left_unsaid_is_asked_for(spammer, rita, said, field):
    with pytest.raises(ValidationError) as refusal:
        rollbacks.begin(
            **{"person": spammer, "since": None, "kinds": ["names"], "reason": "x", "by": rita} | said
        )
    assert field in refusal.value.message_dict
    assert not Rollback.objects.exists()
