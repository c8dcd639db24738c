"""What is taken back may be gone by then, with the draft that it was about."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from labeling.actions import boxes, drafts, flags, identifications, passes, rulings
from species.access import NotYours
from species.actions import observations, occurrences
from tests import universe


@pytest.mark.parametrize("what", ["identification", "box", "pass", "flag"])
def test_what_goes_while_it_is_taken_back_is_gone_and_no_fault(what, tree, alice):
    """Its draft is discarded in another tab between the moment when a row is read and when it is asked for."""
    draft = universe.sighting(alice, seed="goes", published=False)
    photo = draft.photos.get()
    occurrence = occurrences.add(observation=draft, photos=[photo], by=alice)
    if what == "identification":
        row = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
        take_back = lambda: identifications.withdraw(identification=row, by=alice)  # noqa: E731
    elif what == "box":
        row = boxes.draw(occurrence=occurrence, photo=photo, by=alice, x=0.1, y=0.1, width=0.5, height=0.5)
        take_back = lambda: boxes.withdraw(box=row, by=alice)  # noqa: E731
    elif what == "pass":
        row = passes.add(occurrence=occurrence, kind="skip", by=alice)
        take_back = lambda: passes.withdraw(passed=row, by=alice)  # noqa: E731
    else:
        row = flags.raise_flag(photo=photo, kind="person", by=alice)
        take_back = lambda: flags.resolve(flag=row, by=alice)  # noqa: E731
    row = type(row).objects.get(pk=row.pk)
    observations.set_aside(observation=draft, by=alice)
    drafts.clear(before=timezone.now() + timedelta(minutes=1))
    assert not type(draft).objects.filter(pk=draft.pk).exists()
    with pytest.raises(NotYours):
        take_back()


def test_a_ruling_that_went_with_its_draft_is_gone_and_no_fault(tree, alice, rita):
    """An answer keeps its sighting from becoming a draft again; the staff who mend by hand know no such rule."""
    sighting = universe.sighting(alice, seed="ruled")
    occurrence = sighting.occurrences.get()
    ruling = rulings.rule(occurrence=occurrence, taxon=tree["chub"], reason="Its fins.", by=rita)
    with pytest.raises(ValidationError, match="Somebody has answered"):
        drafts.take_back(observation=sighting, by=alice)
    ruling = type(ruling).objects.get(pk=ruling.pk)
    type(ruling).objects.all().delete()
    drafts.take_back(observation=sighting, by=alice)
    observations.set_aside(observation=sighting, by=alice)
    drafts.clear(before=timezone.now() + timedelta(minutes=1))
    assert not type(sighting).objects.filter(pk=sighting.pk).exists()
    with pytest.raises(NotYours):
        rulings.withdraw(ruling=ruling, by=rita)
