"""What reviewers should look at: what a job finds, when it is a reason no more, and that what was found right lasts."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from labeling.actions import identifications, review, review_cases
from labeling.models import FoundRight, ReviewAct, ReviewCase
from labeling.queries import review as queues
from tests import universe
from tests.labeling.browsing import as_person, get, guess


def row(queue, person):
    [found] = queues.rows_after(queue, person, count=2)
    return found


def cases(**named):
    return ReviewCase.objects.filter(closed_at=None, **named)


def look() -> int:
    return review_cases.look(until=timezone.now())


class TestWhatAJobFinds:
    def test_a_name_that_the_model_gives_otherwise(self, client, occurrence, photo, tree, bob, charlie, rita):
        guess(photo, tree, ("rainbow_trout", 0.97), ("brown_trout", 0.03))
        for each in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=each)
        look()
        [case] = cases(queue="suspect")
        assert case.weight == pytest.approx(0.97) and case.taxon == tree["brown_trout"]
        page = get(as_person(client, rita), "review_queue", "suspect")
        assert "says rainbow trout, 0.97 sure; it is verified as brown trout" in page.text
        client.post(f"/review/suspect?at={case.pk}", {"then": "right"})
        assert not cases().exists() and FoundRight.objects.get().by == rita
        look()
        assert not cases(queue="suspect").exists(), "it lasts"
        act = ReviewAct.objects.get()
        client.post(reverse("undo_review", args=[act.pk]))
        assert cases(queue="suspect").get() == case and FoundRight.objects.get().withdrawn_at

    def test_it_returns_when_the_verdict_changes(self, occurrence, photo, tree, bob, charlie, rita, ada):
        guess(photo, tree, ("rainbow_trout", 0.97), ("brown_trout", 0.03))
        for each in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=each)
        look()
        review.right(rows=[row("suspect", rita)], queue="suspect", by=rita)
        for each in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
        look()
        assert cases(queue="suspect").get().taxon == tree["chub"]

    def test_a_group_above_or_a_hybrid_is_no_other_name(self, occurrence, photo, tree, bob, charlie):
        guess(photo, tree, ("cutbow", 0.9), taxon=tree["cutbow"])
        for each in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["rainbow_trout"], by=each)
        look()
        assert not cases(queue="suspect").exists()

    def test_names_given_after_the_guess_alone(
        self, client, occurrence, photo, tree, bob, charlie, rita, ada
    ):
        said = guess(photo, tree, ("brown_trout", 0.9), ("chub", 0.1))
        for person in (bob, charlie):
            identifications.add(
                occurrence=occurrence, taxon=tree["brown_trout"], by=person, suggestion_on_screen=said
            )
        look()
        assert cases(queue="anchored").get().details == {"people": 2}
        page = get(as_person(client, rita), "review_queue", "anchored")
        assert "All 2 who say brown trout had the model’s guess on screen" in page.text
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=ada)
        ReviewCase.objects.update(checked_at="2020-01-01T00:00Z")
        look()
        assert not cases(queue="anchored").exists(), "somebody who had seen none says so, too"

    def test_the_first_of_newcomers(self, tree, alice, rita):
        for number in range(4):
            universe.sighting(alice, seed=f"first {number}", size=(64, 48))
        universe.sighting(rita, seed="of a reviewer", size=(64, 48))
        look()
        assert cases(queue="first").count() == 3
        assert queues.counts(rita)["first"] == 3
        act = review.right(rows=queues.rows_after("first", rita, count=3), queue="first", by=rita, many=True)
        assert len(act.done) == 3 and not cases(queue="first").exists()
        look()
        assert not cases(queue="first").exists()

    def test_a_photo_that_is_shown_again(self, client, tree, alice, bob, rita):
        universe.sighting(alice, seed="same")
        again = universe.sighting(bob, seed="same").occurrences.get()
        look()
        case = cases(queue="repost").get()
        assert case.occurrence == again and case.details["own"] is False
        assert (
            "in another sighting of somebody else"
            in get(as_person(client, rita), "review_queue", "repost").text
        )

    def test_far_from_all_others_and_in_another_month(
        self, client, tree, alice, bob, charlie, rita, monkeypatch
    ):
        monkeypatch.setattr("labeling.queries.review_cases.KNOWN_ENOUGH", 3)
        there = {"latitude": 47.2, "longitude": 11.4, "local_date": date(2015, 10, 10)}
        here = {"latitude": 60.2, "longitude": 20.4, "local_date": date(2015, 3, 10)}
        for number, where in enumerate([there] * 4 + [here]):
            found = universe.sighting(alice, seed=f"range {number}", size=(64, 48), **where).occurrences.get()
            for each in (bob, charlie):
                identifications.add(occurrence=found, taxon=tree["brown_trout"], by=each)
        look()
        case = cases(queue="range").get()
        assert case.occurrence == found
        assert case.details == {"elsewhere": 4, "other_months": 4, "month": 3}
        page = get(as_person(client, rita), "review_queue", "range")
        assert "None of the 4 others verified as brown trout is within some 60 km" in page.text

    def test_looking_again_finds_nothing_twice(self, occurrence, photo, tree, bob, charlie):
        guess(photo, tree, ("rainbow_trout", 0.97), ("brown_trout", 0.03))
        for each in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=each)
        assert look() >= 1 and look() == 0
        assert not review_cases.anything_new()

    def test_an_account_that_grew_old_and_known_is_no_newcomer(self, occurrence, tree, alice, bob, charlie):
        for each in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=each)
        look()
        assert cases(queue="first").exists()
        alice.created = timezone.now() - review_cases.CHECKED_EVERY * 24 * 31
        alice.save(update_fields=["created"])
        ReviewCase.objects.update(checked_at="2020-01-01T00:00Z")
        look()
        assert not cases(queue="first").exists()


class TestTheDatabaseHolds:
    def test_one_open_case_of_a_kind(self, occurrence):
        ReviewCase.objects.create(occurrence=occurrence, queue="first")
        with pytest.raises(IntegrityError, match="reviewcase_one_is_open|UNIQUE"), transaction.atomic():
            ReviewCase.objects.create(occurrence=occurrence, queue="first")
        ReviewCase.objects.create(occurrence=occurrence, queue="first", closed_at=timezone.now())

    def test_who_closed_it_when(self, occurrence, rita):
        with pytest.raises(IntegrityError, match="reviewcase_closed_by_somebody"):
            ReviewCase.objects.create(occurrence=occurrence, queue="first", closed_by=rita)

    def test_one_stands_that_is_found_right(self, occurrence, rita):
        FoundRight.objects.create(occurrence=occurrence, status="needs_id", by=rita)
        with pytest.raises(IntegrityError, match="foundright_one_stands|UNIQUE"), transaction.atomic():
            FoundRight.objects.create(occurrence=occurrence, status="needs_id", by=rita)
        with pytest.raises(IntegrityError, match="foundright_verified_has_a_taxon"):
            FoundRight.objects.create(
                occurrence=occurrence, status="verified", by=rita, withdrawn_at=timezone.now()
            )
