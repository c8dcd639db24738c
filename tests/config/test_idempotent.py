"""A POST with an Idempotency-Key is done once, however often it is sent and whatever breaks on the way."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import answers
from accounts.models import KeptAnswer
from labeling.actions import identifications
from labeling.models import Comment, Flag, Identification
from tests.accounts.threads import together
from tests.problems import problem, refusals

COMMENTS = "/api/v1/comments"


def client(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_authenticate(person)
    return client


def send(person, body, key="abc", path=COMMENTS, **headers):
    return client(person).post(path, body, HTTP_IDEMPOTENCY_KEY=key, **headers)


@pytest.fixture
def body(sighting_of_alice) -> dict:
    return {"observation": str(sighting_of_alice.pk), "text": "What a fish."}


@pytest.mark.django_db
class TestOnce:
    def test_the_same_again_is_answered_as_the_first_time(self, body, bob):
        first, again = send(bob, body), send(bob, body)
        assert first.status_code == again.status_code == 201 and first.json() == again.json()
        assert "Idempotency-Replayed" not in first and again["Idempotency-Replayed"] == "true"
        assert Comment.objects.count() == 1
        assert send(bob, body, key="abd").json()["id"] != first.json()["id"]

    def test_a_key_may_stand_in_quotes(self, body, bob):
        assert send(bob, body, key='"abc"').json() == send(bob, body).json()

    def test_what_was_refused_is_tried_again(self, body, sighting_of_alice, bob):
        problem(send(bob, body | {"text": ""}), 400)
        assert not KeptAnswer.objects.exists()
        assert send(bob, body).status_code == 201

    def test_another_request_with_the_key_is_refused_and_does_nothing(self, body, bob):
        send(bob, body)
        for changed in (body | {"text": "No, a boot."}, body | {"observation": str(uuid4())}):
            assert problem(send(bob, changed), 422)["code"] == "idempotency_key_reused"
        refused = send(
            bob, {"photo": str(uuid4()), "kind": "other", "reason": "It is a boot."}, path="/api/v1/flags"
        )
        problem(refused, 422)
        assert Comment.objects.count() == 1 and not Flag.objects.exists()

    def test_a_key_is_of_one_person(self, body, bob, charlie):
        assert send(bob, body).json()["id"] != send(charlie, body).json()["id"]
        assert Comment.objects.count() == 2

    def test_also_of_what_it_was_changed_since(self, body, bob, alice, sighting_of_alice, tree):
        """A repeated request is no new one: it is not compared with what it did itself."""
        occurrence = sighting_of_alice.occurrences.get()
        said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        path = f"/api/v1/identifications/{said.pk}"
        tag = {"HTTP_IF_MATCH": client(bob).get(path)["ETag"]}
        first, again = (send(bob, {}, path=f"{path}/withdraw", **tag) for _ in range(2))
        assert first.status_code == again.status_code == 200 and first.json() == again.json()
        problem(client(bob).post(f"{path}/withdraw", {}, **tag), 412)

    def test_after_a_day_a_key_is_new(self, body, bob):
        send(bob, body)
        KeptAnswer.objects.update(created=timezone.now() - answers.KEPT_FOR - timedelta(seconds=1))
        assert "Idempotency-Replayed" not in send(bob, body)
        KeptAnswer.objects.update(created=timezone.now() - answers.KEPT_FOR - timedelta(seconds=1))
        answers.forget_old()
        assert not KeptAnswer.objects.exists()

    @pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, '""'])
    def test_what_names_no_request_is_refused(self, body, bob, key):
        assert "Idempotency-Key" in refusals(send(bob, body, key=key))
        assert not Comment.objects.exists()
        # Also where a key changes nothing, since each item is the same one in any case.
        many = send(bob, {"items": []}, key=key, path="/api/v1/identifications:batch", format="json")
        assert "Idempotency-Key" in refusals(many)

    def test_nobody_has_none_and_what_has_an_id_needs_none(self, body, bob, alice, sighting_of_alice):
        problem(send(None, body), 401)
        path = f"/api/v1/observations/{sighting_of_alice.pk}"
        answer = client(alice).put(path, {"note": "x"}, HTTP_IDEMPOTENCY_KEY="abc")
        assert "Idempotency-Key" in refusals(answer)

    def test_too_much_is_refused_as_without_it(self, bob, sighting_of_alice):
        body = {"observation": str(sighting_of_alice.pk), "text": "x" * 300_000}
        with_key, without = send(bob, body), client(bob).post(COMMENTS, body)
        assert (with_key.status_code, with_key.json()) == (without.status_code, without.json())
        assert with_key.status_code in (400, 413)

    def test_a_form_is_read_as_without_it(self, body, bob):
        answer = client(bob).post(COMMENTS, body, format="multipart", HTTP_IDEMPOTENCY_KEY="abc")
        assert answer.status_code == client(bob).post(COMMENTS, body, format="multipart").status_code


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_does_it(sighting_of_alice, bob):
    body = {"observation": str(sighting_of_alice.pk), "text": "What a fish."}

    def once(_):
        answer = send(bob, body)
        return answer.status_code, answer.json().get("id")

    told = set(together(once, times=1))
    assert Comment.objects.count() == 1
    assert told == {(201, str(Comment.objects.get().pk))}


@pytest.mark.django_db
def test_what_breaks_half_way_leaves_no_key(sighting_of_alice, bob, tree, monkeypatch):
    occurrence = sighting_of_alice.occurrences.get()
    body = {"occurrence": str(occurrence.pk), "taxon": "chub"}
    path = "/api/v1/identifications"
    caller = APIClient(raise_request_exception=False)
    caller.force_authenticate(bob)
    with monkeypatch.context() as broken:
        broken.setattr(answers, "keep", lambda **_: 1 / 0)
        assert caller.post(path, body, HTTP_IDEMPOTENCY_KEY="abc").status_code == 500
    assert not Identification.objects.exists() and not KeptAnswer.objects.exists()
    assert caller.post(path, body, HTTP_IDEMPOTENCY_KEY="abc").status_code == 201
