"""One word on the uses of many photos: in numbers, by a job where they are many, undone as one."""

import pytest

from jobs import worker
from labeling.actions import consents
from notices.models import Notification
from species.models import Consent, Photo
from tests import universe

PAGE = "/you/uploads"


def standing(photo) -> dict[str, bool]:
    return dict(Consent.objects.filter(photo=photo, superseded_at=None).values_list("purpose", "granted"))


@pytest.fixture
def photos(alice, bob):
    for number in range(3):
        universe.sighting(alice, seed=number)
    universe.sighting(bob, seed="bob")
    return list(Photo.objects.filter(owner=alice).order_by("created", "pk"))


def sent(client, **said):
    return client.post(f"{PAGE}/consents", said, follow=True)


def undo_address(page) -> str:
    [address] = {
        part.split('"')[0] for part in page.content.decode().split('action="') if "/undo" in part[:400]
    }
    return address


def test_it_is_said_of_all_in_numbers_and_undone(client, alice, bob, photos):
    client.force_login(alice)
    consents.say(ids=[photos[0].pk], said={"train": False}, by=alice)
    page = sent(client, which="all", train="no")
    assert "2 photos changed, 1 said so already." in page.content.decode()
    assert [standing(each)["train"] for each in photos] == [False] * 3
    assert standing(Photo.objects.get(owner=bob))["train"]
    client.post(undo_address(page))
    assert [standing(each)["train"] for each in photos] == [False, True, True]
    # Append-only: said, taken back, and nothing lost.
    assert Consent.objects.filter(photo=photos[1], purpose="train").count() == 3


def test_only_those_that_are_chosen_and_only_ones_own(client, alice, bob, photos):
    client.force_login(alice)
    theirs = Photo.objects.get(owner=bob)
    sent(client, which="chosen", photo=[photos[0].pk], show="no", research="no")
    assert standing(photos[0]) == {"show": False, "research": False, "train": True}
    assert standing(photos[1])["show"]
    assert (
        client.post(f"{PAGE}/consents", {"which": "chosen", "photo": theirs.pk, "show": "no"}).status_code
        == 400
    )
    consents.say(ids=[theirs.pk], said={"show": False}, by=alice)
    assert standing(theirs)["show"]


@pytest.mark.parametrize(
    "said", [{"which": "all"}, {"which": "chosen", "show": "no"}, {"which": "all", "show": "?"}]
)
def test_what_says_nothing_is_refused(client, alice, photos, said):
    client.force_login(alice)
    assert client.post(f"{PAGE}/consents", said).status_code == 400
    assert all(standing(each)["show"] for each in photos)


def test_a_photo_without_a_licence_stays_unused(alice, photos):
    Photo.objects.filter(pk=photos[0].pk).update(licence="NONE")
    consents.say(ids=[each.pk for each in photos], said={"research": False}, by=alice)
    result = consents.say(ids=[each.pk for each in photos], said={"research": True}, by=alice)
    assert (result.changed, result.same, result.refused) == (2, 0, 1)


def test_many_are_a_job_with_a_notice_and_an_undo(client, alice, photos, monkeypatch):
    monkeypatch.setattr(consents, "AT_ONCE", 2)
    client.force_login(alice)
    sent(client, which="all", show="no")
    assert standing(photos[0])["show"]  # not yet
    worker.run_due()
    assert not any(standing(each)["show"] for each in photos)
    assert "3 photos changed" in Notification.objects.get(user=alice, kind="consents").text
    client.post(undo_address(client.get(PAGE)))
    worker.run_due()
    assert all(standing(each)["show"] for each in photos)


def test_what_was_said_since_stays(client, alice, photos):
    client.force_login(alice)
    page = sent(client, which="all", show="no")
    consents.say(ids=[photos[0].pk], said={"show": True}, by=alice)
    consents.say(ids=[photos[0].pk], said={"show": False}, by=alice)
    client.post(undo_address(page))
    assert [standing(each)["show"] for each in photos] == [False, True, True]


def test_nobody_undoes_anothers(client, alice, bob, photos):
    client.force_login(alice)
    address = undo_address(sent(client, which="all", show="no"))
    client.force_login(bob)
    client.post(address)
    assert client.post(f"{PAGE}/consents/made-up/undo").status_code == 404
    assert not any(standing(each)["show"] for each in photos)
