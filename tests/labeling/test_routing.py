"""What the crowd leaves open is one reviewer's to look at: who is asked, told, and asked next, and where it stands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role
from jobs import worker
from labeling import tasks
from labeling.actions import identifications, quality, review, routing, rulings, sanctions
from labeling.models import ReviewAct, Routing
from labeling.queries import review as queues
from labeling.queries import routing as queries
from notices.models import Notification
from species.models import Occurrence, Status
from tests import universe
from tests.conftest import person as somebody
from tests.labeling.browsing import as_person, get
from tests.labeling.test_review_api import client_of

HERE = {"latitude": 47.2, "longitude": 11.4}
THERE = {"latitude": 60.2, "longitude": 20.4}


def disputed(owner, tree, *people, seed="disputed", names=("brown_trout", "rainbow_trout"), **where):
    found = universe.sighting(owner, seed=seed, size=(64, 48), **where).occurrences.get()
    for number, person in enumerate(people):
        identifications.add(occurrence=found, taxon=tree[names[number % len(names)]], by=person)
    found.refresh_from_db()
    return found


def ruled(owner, tree, name, by, seed, **where):
    found = universe.sighting(owner, seed=seed, size=(64, 48), **where).occurrences.get()
    rulings.rule(occurrence=found, taxon=tree[name], reason="Seen.", by=by, confirmed=True)
    return found


@pytest.fixture
def rolf(db):
    return somebody("Rolf", Role.REVIEWER)


@pytest.fixture
def quarrel(tree, alice, bob, charlie) -> Occurrence:
    return disputed(alice, tree, bob, charlie, **HERE)


def whose(occurrence):
    found = queries.of_occurrence(occurrence.pk)
    return found and found.reviewer


def week_is_over():
    Routing.objects.filter(closed_at=None).update(until=timezone.now() - timedelta(seconds=1))


class TestWhoIsAsked:
    def test_who_ruled_on_the_group_and_why_is_written_down(self, quarrel, tree, alice, rita, rolf):
        for number in range(3):
            ruled(alice, tree, "brown_trout", rolf, f"r{number}", **THERE)
        ruled(alice, tree, "chub", rita, "c", **THERE)
        assert routing.route() == 1
        found = Routing.objects.get()
        assert (found.reviewer, found.cause) == (rolf, "disputed")
        assert found.reason == "3 ruled on in Salmonidae."
        assert found.until - found.created > timedelta(days=6)
        assert routing.route() == 0, "once"

    def test_in_range_who_knows_the_place(self, quarrel, tree, alice, rita, rolf):
        ruled(alice, tree, "brown_trout", rolf, "r", **THERE)
        ruled(alice, tree, "brown_trout", rita, "s", **HERE)
        routing.route()
        assert whose(quarrel) == rita
        assert "1 sightings and rulings within some 120 km" in Routing.objects.get().reason

    def test_nobody_of_their_own_and_nobody_who_does_not_review(self, tree, rita, bob, charlie, alice):
        own = disputed(rita, tree, bob, charlie)
        assert routing.route() == 0 and whose(own) is None
        rolf = somebody("Rolf", Role.REVIEWER)
        assert routing.route() == 1 and whose(own) == rolf

    def test_nobody_is_asked_for_more_than_they_can_look_at(
        self, tree, alice, bob, charlie, rita, monkeypatch
    ):
        monkeypatch.setattr(routing, "MOST", 1)
        first, second = (disputed(alice, tree, bob, charlie, seed=each) for each in "ab")
        assert routing.route() == 1
        assert (whose(first), whose(second)) == (rita, None), "the oldest first"


class TestWhatIsOpen:
    def test_what_several_named_and_nobody_any_more(self, tree, alice, bob, charlie, rita):
        names = ("salmonidae",)
        several = disputed(alice, tree, bob, charlie, seed="several", names=names)
        one = disputed(alice, tree, bob, seed="one", names=names)
        assert several.status == Status.NEEDS_ID
        assert routing.route() == 0
        long_ago = timezone.now() - queries.QUIET - timedelta(hours=1)
        Occurrence.objects.filter(pk__in=[several.pk, one.pk]).update(last_said=long_ago)
        assert routing.route() == 1
        assert (whose(several), whose(one)) == (rita, None)

    def test_all_have_their_turn_along_the_order_of_the_last_word(
        self, tree, alice, bob, charlie, rita, monkeypatch
    ):
        monkeypatch.setattr(queries, "STEP", 1)
        one = disputed(alice, tree, bob, seed="one", names=("salmonidae",))
        several = disputed(alice, tree, bob, charlie, seed="several", names=("salmonidae",))
        for number, each in enumerate((one, several)):
            said = timezone.now() - queries.QUIET - timedelta(hours=2 - number)
            Occurrence.objects.filter(pk=each.pk).update(last_said=said)
        assert routing.route() == 0 and routing.route() == 1
        assert whose(several) == rita
        assert routing.route() == 0, "at the end it begins again"

    def test_what_waits_three_times_as_long_as_half_of_all(self, tree, alice, rita):
        late, new = (universe.sighting(alice, seed=each, size=(64, 48)).occurrences.get() for each in "ab")
        Occurrence.objects.filter(pk=late.pk).update(created=timezone.now() - timedelta(hours=31))
        assert routing.route() == 0, "nothing is measured"
        report = quality.measure()
        report.figures["hours"]["median"] = 10.0
        report.save()
        assert routing.route() == 1
        assert (whose(late), whose(new)) == (rita, None)
        assert Routing.objects.get().cause == "late"

    def test_the_figure_counts_what_nobody_was_asked_about(self, tree, alice, bob, charlie, rita):
        ruled(alice, tree, "chub", rita, "settled")
        open_one = disputed(alice, tree, bob, charlie)
        Occurrence.objects.filter(pk=open_one.pk).update(created=timezone.now() - timedelta(days=3))
        assert quality.measure().figures["backlog"]["unattended"] == 1
        routing.route()
        assert quality.measure().figures["backlog"]["unattended"] == 0

    def test_what_was_found_right_is_nobody_s(self, client, tree, alice, bob, charlie, rita):
        named = disputed(alice, tree, bob, charlie, names=("salmonidae",))
        Occurrence.objects.update(last_said=timezone.now() - queries.QUIET - timedelta(hours=1))
        routing.route()
        [row] = queues.rows_after("routed", rita, count=2)
        act = review.right(rows=[row], queue="routed", by=rita)
        assert whose(named) is None and routing.route() == 0
        review.undo(act=act, by=rita)
        assert whose(named) == rita and ReviewAct.objects.get().undone_at


class TestTheWeek:
    def test_then_another_is_asked_and_then_who_had_it_least(self, quarrel, tree, alice, rita, rolf):
        ruled(alice, tree, "brown_trout", rita, "r", **THERE)
        routing.route()
        assert whose(quarrel) == rita
        week_is_over()
        assert routing.route() == 1 and whose(quarrel) == rolf
        assert Routing.objects.filter(outcome="passed_on", reviewer=rita).count() == 1
        week_is_over()
        routing.route()
        assert whose(quarrel) == rita, "each once; then who knows more"

    def test_the_only_one_keeps_it(self, quarrel, rita):
        routing.route()
        week_is_over()
        assert routing.route() == 0
        found = Routing.objects.get()
        assert found.reviewer == rita and found.until > timezone.now() + timedelta(days=6)

    def test_who_reviews_no_more_is_asked_no_more(self, quarrel, tree, alice, rita, rolf, ada):
        ruled(alice, tree, "brown_trout", rita, "r", **THERE)
        routing.route()
        sanctions.suspend(person=rita, reason="Harm.", by=ada)
        routing.route()
        assert whose(quarrel) in (rolf, ada)

    def test_what_is_settled_or_gone_is_closed_and_says_how(self, quarrel, tree, alice, bob, charlie, rita):
        other = disputed(alice, tree, bob, charlie, seed="other")
        routing.route()
        rulings.rule(occurrence=quarrel, taxon=tree["chub"], reason="Seen.", by=rita, confirmed=True)
        Occurrence.objects.filter(pk=other.pk).update(shown=False, listed=False)
        assert queues.counts(rita)["routed"] == 0, "at once"
        routing.route()
        assert dict(Routing.objects.values_list("occurrence", "outcome")) == {
            quarrel.pk: "settled",
            other.pk: "gone",
        }


class TestWhoIsTold:
    def test_whose_it_is_who_looks_and_what_came_of_it_in_one_notice(
        self, client, quarrel, tree, alice, rita
    ):
        routing.route()
        [told] = Notification.objects.filter(user=alice)
        assert told.text == "2 people named your sighting; people disagree. Rita was asked to look at it."
        assert told.kind == "routed" and told.url.endswith(f"#o-{quarrel.pk}")
        page = get(as_person(client, alice), "observation", quarrel.observation_id)
        assert "Rita was asked to look at it." in page.text
        rulings.rule(occurrence=quarrel, taxon=tree["brown_trout"], reason="Spots.", by=rita)
        [told] = Notification.objects.filter(user=alice)
        assert "Rita ruled on your sighting: brown trout. Spots." in told.text
        page = get(client, "observation", quarrel.observation_id)
        assert "was asked to look at it" not in page.text

    def test_reviewers_in_one_notice_too(self, tree, alice, bob, charlie, rita):
        for each in "ab":
            disputed(alice, tree, bob, charlie, seed=each)
        routing.route()
        [told] = Notification.objects.filter(user=rita)
        assert told.text == "2 sightings were routed to you to look at." and told.url == "/review/routed"
        routing.route()
        assert Notification.objects.filter(user=rita).count() == 1

    def test_nobody_hears_of_it_who_does_not_want_to(self, quarrel, alice, rita):
        alice.muted = ["routed"]
        alice.save(update_fields=["muted"])
        routing.route()
        assert not Notification.objects.filter(user=alice, kind="routed").exists()


class TestTheQueue:
    def test_it_is_ones_own_with_the_reason(self, client, quarrel, tree, rita, rolf):
        routing.route()
        mine, other = (rita, rolf) if whose(quarrel) == rita else (rolf, rita)
        assert (queues.counts(mine)["routed"], queues.counts(other)["routed"]) == (1, 0)
        page = get(as_person(client, mine), "review_queue", "routed")
        assert "People disagree about it." in page.text and "fewest wait here" in page.text
        assert "Routed to me" in get(client, "review").text
        assert "Brown trout or rainbow trout?" in get(client, "review_list", "routed").text
        data = {"then": "rule", "what": str(tree["brown_trout"].pk), "standard": "1"}
        [row] = queues.rows_after("routed", mine, count=2)
        assert client.post(f"/review/routed?at={row.key}", data).status_code == 302
        assert "Nothing waits here" in get(client, "review_queue", "routed").text

    def test_by_the_api(self, quarrel, rita, alice):
        routing.route()
        counts = {
            each["queue"]: each["count"] for each in client_of(rita).get("/api/v1/review").data["results"]
        }
        assert counts["routed"] == 1
        [row] = client_of(rita).get("/api/v1/review/routed").data["results"]
        assert row["about"] == "routing" and row["occurrence"] == str(quarrel.pk)
        assert row["details"]["cause"] == "disputed" and row["details"]["reason"]
        assert client_of(alice).get("/api/v1/review/routed").status_code == 403

    def test_pages_stay_within_their_queries(self, client, quarrel, rita, django_assert_max_num_queries):
        routing.route()
        as_person(client, rita)
        for address in ("/review", "/review/routed", "/review/routed/list"):
            client.get(address)
            with django_assert_max_num_queries(15):
                client.get(address)


def test_a_job_does_it_by_the_hour(quarrel, rita, monkeypatch):
    monkeypatch.setattr(tasks, "_routed", float("-inf"))
    tasks.look_for_what_is_left()
    worker.run_due()
    assert whose(quarrel) == rita


def test_where_nobody_reviews_nothing_is_to_do(quarrel):
    assert not queries.anything_to_do()


def test_one_is_open_and_what_is_closed_says_how(quarrel, tree, alice, bob, charlie, rita):
    routing.route()
    other = universe.sighting(alice, seed="other", size=(64, 48)).occurrences.get()
    right = {"occurrence": other, "reviewer": rita, "cause": "late", "reason": "So."}
    for wrong in (
        {"occurrence": quarrel},
        {"reason": ""},
        {"outcome": "gone"},
        {"closed_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Routing.objects.create(**right | wrong)
    Routing.objects.create(**right)
