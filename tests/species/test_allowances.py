"""Bytes are counted exactly: however many ask at once, none gets past the bound and none is turned away before."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from species import ingest
from species.actions import allowances
from species.actions.allowances import UsedUp
from species.images.refusals import ImageRefused
from species.models import Allowance, Photo
from tests import universe
from tests.problems import problem

HOUR = 3600


def take(size: int, limit: int = 100, who: str = "somebody", span: int = 10**9) -> bool:
    try:
        allowances.take(who=who, size=size, limit=limit, span=span, sentence="That is more.")
    except UsedUp:
        return False
    return True


def test_so_much_and_no_more(db):
    assert [take(40), take(40), take(40), take(20), take(1)] == [True, True, False, True, False]
    assert take(100, who="somebody else")
    allowances.give_back(who="somebody", size=40, span=10**9)
    assert [take(41), take(40)] == [False, True]


def test_one_that_is_larger_than_everything_is_refused_at_once(db):
    assert not take(101)
    with pytest.raises(UsedUp):
        allowances.check(who="x", size=101, limit=100, span=HOUR, sentence="That is more.")


def test_a_refusal_says_when_to_come_back(db):
    with pytest.raises(UsedUp, match=r"That is more. Try again in \d+ minutes?\.") as refused:
        allowances.take(who="x", size=2, limit=1, span=HOUR, sentence="That is more.")
    assert 0 < refused.value.retry_after <= HOUR


def test_what_is_long_over_is_forgotten(db):
    take(1, span=HOUR)
    allowances.forget_old()
    assert Allowance.objects.count() == 1
    allowances.forget_old(now=timezone.now() + timedelta(days=4))
    assert not Allowance.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_exactly_what_there_is():
    got, barrier = [], threading.Barrier(20)

    def ask():
        barrier.wait()
        try:
            for _ in range(5):
                got.append(take(1, limit=37))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (got.count(True), got.count(False)) == (37, 63)
    assert Allowance.objects.get().used == 37


@pytest.mark.parametrize("row", [{"used": -1}, {"who": "twice"}])
def test_the_table_holds_what_it_promises(db, row):
    since = timezone.now()
    Allowance.objects.create(who="twice", since=since)
    with pytest.raises(IntegrityError), transaction.atomic():
        Allowance.objects.create(**{"who": "once", "since": since} | row)


@given(st.integers(1, 2**50))
def test_bytes_are_said_in_words(size):
    number, unit = allowances.in_words(size).split()
    factor = {word: factor for factor, word in allowances.UNITS}[unit]
    assert abs(float(number) * factor - size) <= size / 100


def day(settings, photos: float, data: bytes) -> None:
    settings.UPLOAD_BYTES_PER_DAY = int(photos * len(data))


def test_of_one_person_a_day_takes_so_much_through_every_door(client, alice, bob, settings):
    client.force_login(alice)
    one = [universe.photo_bytes(f"day {number}", size=(400, 300)) for number in range(8)]
    day(settings, 3.5, max(one, key=len))

    def form(data):
        return client.post(reverse("upload"), {"photos": SimpleUploadedFile("a.jpg", data)})

    def page(data):
        return client.post(f"/upload/photos/{uuid4()}", {"file": SimpleUploadedFile("a.jpg", data)})

    def api(data):
        body = universe_multipart(data)
        return client.put(f"/api/v1/photos/{uuid4()}", *body)

    assert [form(one[0]).status_code, page(one[1]).status_code, api(one[2]).status_code] == [302, 200, 201]
    for answer in (form(one[3]), page(one[4]), api(one[5])):
        assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
        assert "One person may add" in answer.content.decode() and "Try again in" in answer.content.decode()
    assert problem(api(one[5]), 429)["code"] == "throttled"
    assert Photo.objects.count() == 3
    # What is here already takes no more room.
    assert api(one[0]).status_code == 200
    ingest.receive(data=one[6], owner=bob)


def universe_multipart(data: bytes) -> tuple[bytes, str]:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    return head + data + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


def test_what_is_not_kept_is_not_counted(alice, settings):
    data = universe.photo_bytes("kept")
    day(settings, 1, data)
    for _ in range(3):
        with pytest.raises(ImageRefused):
            ingest.receive(data=data[: len(data) // 2], owner=alice)
    assert ingest.receive(data=data, owner=alice).created
    with pytest.raises(UsedUp):
        ingest.receive(data=universe.photo_bytes("one more"), owner=alice)


def test_a_collection_that_is_imported_is_not_counted(rita, tree, settings):
    settings.UPLOAD_BYTES_PER_DAY = 1
    universe.imported(operator=rita)
    assert not Allowance.objects.exists()
