"""Reports, warnings and suspensions: who does them, what they leave open, and how they end."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import make_token
from accounts.models import Role, Standing, Withheld
from jobs import worker
from labeling.actions import comments, identifications, sanctions
from labeling.models import Caution, Comment, Identification, Report, Rollback, Suspension
from labeling.queries import newcomers
from look.site import site
from notices.models import Notification
from species.models import Photo, Status
from tests import universe
from tests.conftest import person
from tests.labeling.browsing import get

OUT, HIDE = Suspension.Votes.LEAVE_OUT, Suspension.Photos.HIDE


@pytest.fixture
def roy(db):
    return person("Roy", Role.REVIEWER)


@pytest.fixture
def spammed(alice, bob, tree):
    """Five verdicts that rest on Bob's votes, and a photo of his."""
    found = []
    for number in range(5):
        occurrence = universe.sighting(alice, seed=number).occurrences.get()
        for each in (alice, bob):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
        found.append(occurrence)
    universe.sighting(bob, seed="bob")
    return found


def statuses(occurrences) -> set[str]:
    for each in occurrences:
        each.refresh_from_db()
    return {each.status for each in occurrences}


def test_the_spammer_s_votes_leave_the_verdicts_and_come_back(spammed, bob, rita):
    rows = Identification.objects.filter(person=bob).count()
    suspension = sanctions.suspend(person=bob, reason="Spam", by=rita, votes=OUT, photos=HIDE)
    worker.run_due()
    assert statuses(spammed) == {Status.NEEDS_ID}
    assert Identification.objects.filter(person=bob).count() == rows, "no row is deleted"
    assert not Photo.objects.filter(owner=bob, shown=True).exists()
    sanctions.lift(suspension=suspension, by=rita)
    worker.run_due()
    assert statuses(spammed) == {Status.VERIFIED}
    assert Photo.objects.filter(owner=bob, shown=True).count() == 1
    assert Withheld.objects.get().ended_at is not None


def test_kept_they_go_on_counting(spammed, bob, rita):
    sanctions.suspend(person=bob, reason="Rude", by=rita)
    worker.run_due()
    assert statuses(spammed) == {Status.VERIFIED} and Photo.objects.filter(owner=bob, shown=True).exists()


def test_it_ends_by_itself_and_votes_come_back(spammed, bob, rita):
    until = timezone.now() + timedelta(hours=1)
    suspension = sanctions.suspend(person=bob, reason="Spam", by=rita, until=until, votes=OUT)
    worker.run_due()
    assert sanctions.end_those_that_are_over() == 0
    Suspension.objects.update(until=timezone.now())
    assert sanctions.end_those_that_are_over() == 1
    worker.run_due()
    bob.refresh_from_db()
    suspension.refresh_from_db()
    assert bob.standing == Standing.GOOD and suspension.lifted_by is None
    assert statuses(spammed) == {Status.VERIFIED}


def test_who_is_suspended_reads_and_does_nothing_else(client, bob, rita, sighting_of_alice, tree):
    secret = make_token(user=bob, by=bob, name="phone").secret
    sanctions.suspend(person=bob, reason="Spam", by=rita)
    bob.refresh_from_db()
    occurrence = sighting_of_alice.occurrences.get()
    with pytest.raises(PermissionDenied):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    with pytest.raises(PermissionDenied):
        comments.add(observation=sighting_of_alice, text="x", by=bob)
    client.force_login(bob)
    assert client.get(sighting_of_alice.get_absolute_url()).status_code == 200
    answer = client.post(f"/sightings/{sighting_of_alice.pk}/comment", {"text": "Buy"})
    assert answer["Location"] == "/accounts/standing/" and not Comment.objects.exists()
    said = {"occurrence": str(occurrence.pk), "taxon": str(tree["chub"].pk)}
    refused = client.post("/api/v1/identifications", said, content_type="application/json")
    assert refused.status_code == 403 and "suspended" in refused.json()["detail"]
    client.logout()
    token = {"HTTP_AUTHORIZATION": f"Token {secret}"}
    refused = client.post("/api/v1/identifications", said, content_type="application/json", **token)
    assert refused.status_code == 403 and "suspended" in refused.json()["detail"]
    assert client.get("/api/v1/taxa", **token).status_code == 200
    assert not Identification.objects.exists()


def test_they_still_log_in_appeal_take_everything_and_leave(client, bob, rita):
    sanctions.suspend(person=bob, reason="You sell watches", by=rita)
    client.force_login(bob)
    page = get(client, "standing")
    assert "You sell watches" in page.text and page.faults == []
    assert client.post("/accounts/standing/", {"then": "appeal", "text": "They are nice"}).status_code == 302
    assert client.post("/accounts/everything/")["Location"] == "/accounts/everything/"
    assert client.get("/accounts/leave/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302


def test_a_reviewer_who_is_suspended_reviews_nothing(client, rita, ada, roy):
    with pytest.raises(PermissionDenied):
        sanctions.suspend(person=rita, reason="x", by=roy)
    sanctions.suspend(person=rita, reason="x", by=ada)
    rita.refresh_from_db()
    assert not (rita.is_reviewer or rita.is_staff or rita.has_perm("labeling.view_flag"))
    client.force_login(rita)
    assert client.get("/review").status_code == 403


def test_another_reviewer_answers_the_appeal_and_it_is_heard_once(bob, rita, roy, ada):
    suspension = sanctions.suspend(person=bob, reason="Spam", by=rita, votes=OUT)
    with pytest.raises(ValidationError):
        sanctions.answer(suspension=suspension, text="x", lifts=True, by=roy)
    sanctions.appeal(by=bob, text="It was my brother")
    told = set(Notification.objects.filter(kind="appeal").values_list("user", flat=True))
    assert told == {roy.pk, ada.pk}
    with pytest.raises(ValidationError):
        sanctions.appeal(by=bob, text="Really")
    with pytest.raises(PermissionDenied, match="Another reviewer"):
        sanctions.answer(suspension=suspension, text="No", lifts=False, by=rita)
    with pytest.raises(IntegrityError), transaction.atomic():
        Suspension.objects.update(answered_by=rita, answer="No", answered_at=timezone.now())
    sanctions.answer(suspension=suspension, text="Brothers happen", lifts=True, by=roy)
    bob.refresh_from_db()
    suspension.refresh_from_db()
    assert bob.standing == Standing.GOOD and suspension.lifted_by == roy
    assert suspension.answer == "Brothers happen"


def test_a_warning_is_shown_at_the_next_visit_and_stays_in_the_history(client, bob, rita, sighting_of_alice):
    sanctions.warn(person=bob, reason="No links, please", by=rita)
    client.force_login(bob)
    address = sighting_of_alice.get_absolute_url()
    visit = {"HTTP_ACCEPT": "text/html,*/*"}
    answer = client.get(address, **visit)
    assert answer["Location"].startswith("/accounts/standing/?next=")
    assert client.get("/api/v1/taxa").status_code == 200, "programs see no page"
    page = client.get(answer["Location"], **visit).content.decode()
    assert "No links, please" in page
    answer = client.post("/accounts/standing/", {"then": "read", "next": address})
    assert answer["Location"] == address and client.get(address).status_code == 200
    assert (
        client.post("/accounts/standing/", {"then": "read", "next": "https://evil.example/"})["Location"]
        == "/accounts/standing/"
    )
    assert Caution.objects.get().acknowledged_at is not None
    assert "No links, please" in client.get("/accounts/standing/").content.decode()


@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_nobody_but_reviewers_judges(client, request, bob, who):
    other = request.getfixturevalue(who)
    for act in (sanctions.warn, sanctions.suspend):
        with pytest.raises(PermissionDenied):
            act(person=bob, reason="x", by=other)
    client.force_login(other)
    for address in ("/review/safety", f"/review/people/{bob.pk}"):
        assert client.get(address).status_code == 403
        client.logout()
        assert client.get(address).status_code == 302
        client.force_login(other)
    assert client.post(f"/review/people/{bob.pk}", {"then": "suspend", "reason": "x"}).status_code == 403


def test_reports_wait_for_reviewers_whom_they_are_not_about(client, alice, bob, rita, roy, sighting_of_alice):
    client.force_login(bob)
    assert client.post(f"/people/{alice.pk}/report", {"reason": ""}).status_code == 400
    assert client.post(f"/people/{alice.pk}/report", {"reason": "Sells watches"}).status_code == 302
    client.post(f"/people/{alice.pk}/report", {"reason": "Sells many watches"})
    client.post(f"/sightings/{sighting_of_alice.pk}/report", {"reason": "An advert"})
    client.post(f"/people/{rita.pk}/report", {"reason": "Too strict"})
    assert Report.objects.count() == 3
    client.force_login(rita)
    page = get(client, "safety")
    assert "Sells many watches" in page.text and "An advert" in page.text and "Too strict" not in page.text
    report = Report.objects.get(person=alice)
    assert client.post(f"/review/reports/{report.pk}/resolve").status_code == 302
    assert Notification.objects.filter(user=bob, kind="report").count() == 1
    own = Report.objects.get(person=rita)
    assert client.post(f"/review/reports/{own.pk}/resolve").status_code == 403
    sanctions.resolve(report=own, by=roy)


def test_nobody_reports_themselves_or_what_they_do_not_see(bob, alice, db):
    draft = universe.sighting(alice, seed="draft", published=False)
    with pytest.raises(PermissionDenied):
        sanctions.report(by=bob, reason="x", observation=draft)
    with pytest.raises(ValidationError):
        sanctions.report(by=bob, reason="x", person=bob)


def test_a_reviewer_does_all_of_it_on_the_page(client, spammed, bob, rita, roy):
    client.force_login(rita)
    address = f"/review/people/{bob.pk}"
    page = get(client, "safety_person", bob.pk)
    assert "5 verdicts" in page.text and page.faults == []
    assert client.post(address, {"then": "warn", "reason": ""}).status_code == 400
    assert client.post(address, {"then": "warn", "reason": "Stop"}).status_code == 302
    said = {
        "then": "suspend",
        "reason": "Again",
        "votes": "leave_out",
        "photos": "hide",
        "until": "2001-01-01",
    }
    assert client.post(address, said).status_code == 400
    assert client.post(address, said | {"until": ""}).status_code == 302
    worker.run_due()
    assert statuses(spammed) == {Status.NEEDS_ID}
    assert client.post(address, {"then": "lift"}).status_code == 302
    worker.run_due()
    assert statuses(spammed) == {Status.VERIFIED}
    said = {"then": "roll_back", "since": "", "kinds": ["names"], "reason": "Spam"}
    assert client.post(address, said).status_code == 302
    worker.run_due()
    assert statuses(spammed) == {Status.NEEDS_ID}
    rollback = Rollback.objects.get(person=bob, suspension=None)
    assert client.post(address, {"then": "undo", "rollback": rollback.pk}).status_code == 302
    worker.run_due()
    assert statuses(spammed) == {Status.VERIFIED}
    get(client, "safety_person", bob.pk)


def test_the_pages_ask_few_queries(client, spammed, alice, bob, charlie, rita, django_assert_max_num_queries):
    for each in (alice, charlie):
        sanctions.report(by=each, reason="x", person=bob)
    client.force_login(rita)
    for address in ("/review/safety", f"/review/people/{bob.pk}"):
        client.get(address)
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200


def test_new_people_are_slowed_down_and_only_they(sighting_of_alice, alice, bob, rita, tree, monkeypatch):
    few = site() | {"newcomers": {"days": 3, "comments": 2, "links": 1, "identifications": 1}}
    monkeypatch.setattr(newcomers, "site", lambda: few)
    with pytest.raises(ValidationError, match="at most 1 links"):
        comments.add(observation=sighting_of_alice, text="http://a.example http://b.example", by=bob)
    for number in range(2):
        comments.add(observation=sighting_of_alice, text=f"Hello {number}", by=bob)
    with pytest.raises(ValidationError, match="2 of these a day"):
        comments.add(observation=sighting_of_alice, text="Hello again", by=bob)
    occurrence = sighting_of_alice.occurrences.get()
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    with pytest.raises(ValidationError, match="1 of these a day"):
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob)
    assert Identification.objects.get(person=bob).taxon == tree["chub"], "what they said stands"
    type(bob).objects.filter(pk=bob.pk).update(created=timezone.now() - timedelta(days=4))
    bob.refresh_from_db()
    identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob)
    for taxon in ("chub", "bream"):
        identifications.add(occurrence=occurrence, taxon=tree[taxon], by=rita)
