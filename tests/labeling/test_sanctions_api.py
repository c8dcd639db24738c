"""Reports, suspensions and how well people agree, by the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import make_token
from accounts.models import Role
from jobs import worker
from labeling.actions import identifications, quality, sanctions
from labeling.models import Identification, Report, Suspension
from notices.models import Notification
from tests import universe
from tests.conftest import person as somebody
from tests.labeling.test_review_api import client_of
from tests.problems import problem, refusals

ROOT = "/api/v1/"


def post(by, path, **said):
    return client_of(by).post(f"{ROOT}{path}", said, format="json")


@pytest.fixture
def mallory(db):
    return somebody("Mallory")


@pytest.fixture
def suspension(mallory, rita) -> Suspension:
    return sanctions.suspend(person=mallory, reason="Spam.", by=rita)


class TestReports:
    def test_anybody_reports_and_reviewers_deal_with_it(self, mallory, alice, rita):
        said = post(alice, "reports", person=str(mallory.pk), reason="Rude.")
        assert said.status_code == 201
        again = post(alice, "reports", person=str(mallory.pk), reason="Rude.")
        assert again.json()["id"] == said.json()["id"], "the same one"
        [row] = client_of(rita).get(f"{ROOT}reports?open=true").json()["results"]
        assert (row["person"]["name"], row["by"]["name"], row["reason"]) == ("Mallory", "Alice", "Rude.")
        done = post(rita, f"reports/{row['id']}/resolve")
        assert done.status_code == 200 and done.json()["resolved_by"]["name"] == "Rita"
        assert client_of(rita).get(f"{ROOT}reports?open=true").json()["results"] == []
        assert (
            Notification.objects.get(user=alice).text == "Rita looked at what you reported. It is dealt with."
        )

    def test_a_sighting_that_one_sees(self, sighting_of_alice, bob, alice):
        assert post(bob, "reports", observation=str(sighting_of_alice.pk), reason="So.").status_code == 201
        draft = universe.sighting(alice, seed="draft", published=False)
        refused = post(bob, "reports", observation=str(draft.pk), reason="So.")
        assert "observation" in refusals(refused)

    def test_what_is_wrong_is_said(self, bob, mallory):
        problem(post(bob, "reports", reason="So."), 400)
        problem(post(bob, "reports", person=str(bob.pk), reason="So."), 400)
        assert "reason" in refusals(post(bob, "reports", person=str(mallory.pk), reason=" "))

    def test_owner_colleague_and_stranger_read_none(self, sighting_of_alice, alice, bob, charlie, rita):
        report = sanctions.report(by=charlie, observation=sighting_of_alice, reason="So.")
        for person, code in ((None, 401), (alice, 403), (bob, 403), (charlie, 403), (rita, 200)):
            assert client_of(person).get(f"{ROOT}reports").status_code == code
            assert post(person, f"reports/{report.pk}/resolve").status_code == code

    def test_nobody_sees_what_is_about_them(self, alice, rita):
        report = sanctions.report(by=alice, person=rita, reason="So.")
        assert client_of(rita).get(f"{ROOT}reports").json()["results"] == []
        assert post(rita, f"reports/{report.pk}/resolve").status_code == 404
        assert Report.objects.get().resolved_at is None

    def test_a_token_that_only_reads_reads_none(self, rita):
        client = client_of()
        for scopes, code in ((["read"], 403), (["read", "review"], 200)):
            secret = make_token(user=rita, name="t", by=rita, scopes=scopes).secret
            client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
            assert client.get(f"{ROOT}reports").status_code == code
            assert client.get(f"{ROOT}suspensions").status_code == code
            assert client.get(f"{ROOT}quality").status_code == code

    def test_lists_cost_the_same_however_long(self, mallory, alice, bob, rita, django_assert_max_num_queries):
        for each in (alice, bob):
            sanctions.report(by=each, person=mallory, reason="So.")
        browser = client_of(rita)
        browser.get(f"{ROOT}me")
        for path in ("reports", "suspensions", "quality"):
            with django_assert_max_num_queries(15):
                assert browser.get(f"{ROOT}{path}").status_code == 200


class TestSuspensions:
    def test_their_votes_leave_the_verdicts_and_come_back(self, tree, alice, mallory, rita):
        occurrence = universe.sighting(alice, seed="one").occurrences.get()
        for each in (alice, mallory):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
        end = (timezone.now() + timedelta(days=2)).isoformat()
        said = post(rita, "suspensions", person=str(mallory.pk), reason="Spam.", until=end, votes="leave_out")
        assert said.status_code == 201 and said.json()["person"]["name"] == "Mallory"
        worker.run_due()
        assert not Identification.objects.filter(person=mallory, withdrawn_at=None).exists()
        lifted = post(rita, f"suspensions/{said.json()['id']}/lift")
        assert lifted.status_code == 200 and lifted.json()["lifted_by"]["name"] == "Rita"
        worker.run_due()
        assert Identification.objects.filter(person=mallory, withdrawn_at=None).exists()

    def test_another_answers_the_appeal(self, suspension, mallory, rita, ada):
        at = f"suspensions/{suspension.pk}/answer"
        problem(post(ada, at, text="So."), 400)
        sanctions.appeal(by=mallory, text="It was not me.")
        problem(post(rita, at, text="So.", lifts=True), 403)
        answered = post(ada, at, text="You are right.", lifts=True)
        assert answered.status_code == 200
        assert answered.json()["answered_by"]["name"] == "Ada" and answered.json()["lifted_at"]

    def test_of_reviewers_an_admin_judges(self, rita, ada):
        roy = somebody("Roy", Role.REVIEWER)
        problem(post(rita, "suspensions", person=str(roy.pk), reason="So."), 403)
        assert post(ada, "suspensions", person=str(roy.pk), reason="So.").status_code == 201

    def test_what_is_wrong_is_said(self, suspension, mallory, bob, rita):
        problem(post(rita, "suspensions", person=str(mallory.pk), reason="Again."), 400)
        past = (timezone.now() - timedelta(days=2)).isoformat()
        refused = post(rita, "suspensions", person=str(bob.pk), reason="So.", until=past)
        assert "until" in refusals(refused)

    def test_those_that_stand(self, suspension, rita):
        assert len(client_of(rita).get(f"{ROOT}suspensions?standing=true").json()["results"]) == 1
        sanctions.lift(suspension=suspension, by=rita)
        assert client_of(rita).get(f"{ROOT}suspensions?standing=true").json()["results"] == []
        assert client_of(rita).get(f"{ROOT}suspensions/{suspension.pk}").json()["lifted_at"]

    def test_nobody_else_sees_or_does_any(self, suspension, mallory, alice, bob, charlie):
        for person in (alice, bob, charlie):
            for path in ("suspensions", f"suspensions/{suspension.pk}"):
                problem(client_of(person).get(f"{ROOT}{path}"), 403)
            problem(post(person, "suspensions", person=str(bob.pk), reason="So."), 403)
            problem(post(person, f"suspensions/{suspension.pk}/lift"), 403)
        assert client_of(mallory).get(f"{ROOT}suspensions").status_code == 403


def test_how_well_people_agree(tree, alice, bob, rita):
    assert client_of(rita).get(f"{ROOT}quality").json() == {"day": None, "figures": []}
    occurrence = universe.sighting(alice, seed="one").occurrences.get()
    for each in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
    report = quality.measure()
    told = client_of(rita).get(f"{ROOT}quality").json()
    assert told["day"] == str(report.day)
    figures = {each["figure"]: each for each in told["figures"]}
    assert figures["same"]["value"] == 1.0 and figures["same"]["count"] == 1
    assert figures["backlog_needs_id"]["value"] == 0
    assert [client_of(each).get(f"{ROOT}quality").status_code for each in (None, alice, bob)] == [
        401,
        403,
        403,
    ]
