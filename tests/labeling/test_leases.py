"""Tasks that are handed out: to nobody twice, to no more at once than are of use, and some that teach."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labeling.actions import identifications, leases, passes, quality, rulings
from labeling.actions.suggestions import suggest
from labeling.models import Identification, Lease
from labeling.queries import leases as queries
from species.models import Occurrence
from tests import universe
from tests.conftest import person as somebody
from tests.labeling.test_review_api import client_of
from tests.problems import problem, refusals

NEXT = "/api/v1/tasks/next"


def waiting(owner, *seeds) -> list[Occurrence]:
    return [universe.sighting(owner, seed=each, size=(64, 48)).occurrences.get() for each in seeds]


def take(person, **said):
    return leases.take(by=person, gold=False, **said)


def given(person, **said):
    answer = client_of(person).post(NEXT, said, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def is_over(*rows):
    hour = timedelta(hours=1)
    for each in rows:
        Lease.objects.filter(pk=each.pk).update(created=each.created - hour, until=each.created - hour / 2)


@pytest.fixture
def no_gold(monkeypatch):
    monkeypatch.setattr(leases, "GOLD", 0.0)


@pytest.fixture
def all_gold(monkeypatch):
    monkeypatch.setattr(leases, "GOLD", 1.1)


@pytest.fixture
def ruled(tree, charlie, rita) -> Occurrence:
    [found] = waiting(charlie, "ruled")
    rulings.rule(
        occurrence=found, taxon=tree["rainbow_trout"], reason="The red band.", by=rita, confirmed=True
    )
    found.refresh_from_db()
    return found


class TestWhoIsHandedWhat:
    def test_never_the_same_twice_and_never_ones_own(self, tree, alice, bob):
        first, second = waiting(alice, 1, 2)
        taken = [take(bob), take(bob)]
        assert {each.occurrence_id for each in taken} == {first.pk, second.pk}
        assert take(bob) is None and take(alice) is None
        is_over(*taken)
        assert take(bob) is None, "not even once its time is over"

    def test_the_order_is_the_room_s(self, tree, alice, bob):
        plain, unsure = waiting(alice, "plain", "unsure")
        for each, doubt in ((plain, 0.1), (unsure, 0.6)):
            suggest(
                photo=each.photos.get(),
                source="m",
                answers=[{"label": "chub", "probability": 1 - doubt}],
                taxon=tree["chub"],
                uncertainty=doubt,
            )
        assert [take(bob).occurrence_id for _ in range(2)] == [unsure.pk, plain.pk]

    def test_no_more_than_are_of_use_and_what_is_over_comes_back(self, tree, alice, bob, charlie, rita, ada):
        [one] = waiting(alice, "one")
        held = [take(bob), take(charlie)]
        assert [each.fills for each in held] == [False, True]
        assert take(rita) is None, "two would settle it"
        is_over(held[0])
        assert take(rita) is None, "while the last place is taken"
        is_over(held[1])
        assert take(rita).occurrence_id == take(ada).occurrence_id == one.pk

    def test_an_answer_makes_room_where_more_are_needed(self, tree, alice, bob, charlie, rita, ada):
        [one] = waiting(alice, "one")
        for person, name in ((bob, "brown_trout"), (charlie, "rainbow_trout")):
            take(person)
            identifications.add(occurrence=one, taxon=tree[name], by=person)
        assert take(rita).occurrence_id == one.pk, "they disagree"

    def test_who_cannot_tell_gives_their_place_to_others(self, tree, alice, bob, charlie, rita):
        [one] = waiting(alice, "one")
        take(bob), take(charlie)
        passes.add(occurrence=one, kind="cannot_tell", by=charlie)
        assert take(rita).occurrence_id == one.pk

    def test_in_any_order_of_asking_and_answering_no_more_are_out_than_are_of_use(self, tree, alice):
        people = [somebody(f"P{number}") for number in range(5)]
        waiting(alice, *range(3))
        for turn, person in enumerate(people * 3):
            lease = take(person)
            if lease is not None and turn % 3 == 0:
                identifications.add(occurrence=lease.occurrence, taxon=tree["chub"], by=person)
            for each in Occurrence.objects.filter(waits=True):
                out = queries.out(timezone.now()).filter(occurrence=each).count()
                assert out <= 2
        rows = Lease.objects.values_list("occurrence", "person")
        assert len(rows) == len(set(rows))

    def test_nobody_hoards(self, tree, alice, bob, monkeypatch):
        monkeypatch.setattr(leases, "HELD", 1)
        waiting(alice, 1, 2)
        take(bob)
        assert "in hand" in str(client_of(bob).post(NEXT).json())

    def test_once_each_and_an_end_later(self, alice, bob):
        waiting(alice, 1)
        lease = take(bob)
        wrong = {"occurrence": lease.occurrence, "person": bob, "until": lease.until}
        early = wrong | {"person": alice, "until": lease.created - timedelta(days=1)}
        for each in (wrong, early):
            with pytest.raises(IntegrityError), transaction.atomic():
                Lease.objects.create(**each)


class TestByTheApi:
    def test_one_task_with_its_photos_and_nothing_of_what_others_say(
        self, no_gold, tree, alice, bob, charlie
    ):
        [one] = waiting(alice, "one")
        identifications.add(occurrence=one, taxon=tree["chub"], by=charlie)
        said = given(bob, minutes=5)
        assert said["task"]["occurrence"] == str(one.pk) and len(said["task"]["photos"]) == 1
        assert "chub" not in str(said) and "Charlie" not in str(said)
        lease = Lease.objects.get(pk=said["lease"])
        assert timedelta(minutes=4) < lease.until - lease.created <= timedelta(minutes=5)
        nothing = client_of(bob).post(NEXT)
        assert (nothing.status_code, nothing.json()) == (200, {"lease": None, "until": None, "task": None})

    def test_out_of_a_set(self, no_gold, tree, alice, bob, charlie):
        one, other = waiting(alice, 1, 2)
        identifications.add(occurrence=one, taxon=tree["chub"], by=charlie)
        answers = [client_of(bob).post(f"{NEXT}?difficulty=unnamed", {}, format="json") for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 200]
        assert answers[0].json()["task"]["occurrence"] == str(other.pk)

    @pytest.mark.parametrize("minutes", [0, 61, "x"])
    def test_what_is_wrong_is_said(self, bob, minutes):
        assert "minutes" in refusals(client_of(bob).post(NEXT, {"minutes": minutes}, format="json"))

    def test_it_is_of_who_asked(self, no_gold, alice, bob, charlie, rita):
        waiting(alice, 1)
        at = f"/api/v1/tasks/{given(bob)['lease']}"
        assert client_of(bob).get(at).json()["answered"] is False
        assert [client_of(each).get(at).status_code for each in (alice, charlie, rita)] == [404, 404, 404]
        problem(client_of().get(at), 401)
        problem(client_of().post(NEXT), 401)

    def test_it_stays_within_its_queries(self, no_gold, alice, bob):
        waiting(alice, 1)
        browser = client_of(bob)
        browser.get("/api/v1/me")
        with CaptureQueriesContext(connection) as asked:
            assert browser.post(NEXT).status_code == 201
        said = [each["sql"] for each in asked if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(said) <= 15, "\n".join(each[:160] for each in said)


class TestThoseThatTeach:
    def test_it_looks_like_any_other_and_teaches_once_it_is_answered(self, all_gold, tree, ruled, bob):
        tree["rainbow_trout"].field_marks = [
            {"mark": "spots on the tail", "view": "the tail"},
            {"mark": "a red band", "view": "the side"},
        ]
        tree["rainbow_trout"].save()
        tree["brown_trout"].field_marks = [{"mark": "spots on the tail", "view": "the tail"}]
        tree["brown_trout"].save()
        said = given(bob)
        assert said["task"]["occurrence"] == str(ruled.pk) and set(said) == {"lease", "until", "task"}
        at = f"/api/v1/tasks/{said['lease']}"
        assert client_of(bob).get(at).json()["feedback"] is None
        identifications.add(occurrence=ruled, taxon=tree["brown_trout"], by=bob)
        browser = client_of(bob)
        told = browser.get(at).json()
        taught = told["feedback"]
        assert told["answered"] and (taught["taxon"], taught["right"]) == ("rainbow_trout", False)
        assert taught["reason"] == "The red band."
        assert taught["marks"][0] == {"mark": "a red band", "view": "the side"}, "the other has it not"
        assert {"mark": "spots on the tail", "view": "the tail"} in taught["marks"]
        # Said again after that, it is no blind word.
        browser.post("/api/v1/identifications", {"occurrence": str(ruled.pk), "taxon": "rainbow_trout"})
        assert Identification.objects.get(person=bob, withdrawn_at=None).others_on_screen

    def test_nobody_is_tried_on_their_own_or_on_their_ruling(self, all_gold, ruled, charlie, rita):
        assert queries.gold_for(charlie) is None and queries.gold_for(rita) is None

    def test_groups_and_what_cannot_be_settled_try_nobody(self, tree, alice, bob, rita):
        for seed, name in (("a", "salmonidae"), ("b", None)):
            [one] = waiting(alice, seed)
            taxon = name and tree[name]
            rulings.rule(occurrence=one, taxon=taxon, reason="So.", by=rita, confirmed=True)
        assert queries.gold_for(bob) is None

    def test_a_share_of_tasks(self, ruled, tree, bob, monkeypatch):
        monkeypatch.setattr(leases.random, "random", lambda: 0.5)
        assert leases.take(by=bob) is None
        monkeypatch.setattr(leases.random, "random", lambda: 0.01)
        assert leases.take(by=bob).is_gold
        assert 0.05 <= leases.GOLD <= 0.1

    def test_how_often_people_are_right_about_them(self, all_gold, tree, ruled, alice, bob, rita):
        for person, name in ((alice, "rainbow_trout"), (bob, "brown_trout")):
            leases.take(by=person)
            identifications.add(occurrence=ruled, taxon=tree[name], by=person)
        gold = quality.measure().figures["gold"]
        assert (gold["value"], gold["count"]) == (0.5, 2)

    def test_who_was_told_before_they_named_it_is_not_counted(self, all_gold, tree, ruled, bob):
        lease = leases.take(by=bob)
        passes.add(occurrence=ruled, kind="cannot_tell", by=bob)
        assert queries.is_answered(lease) and queries.feedback(lease).right is None
        identifications.add(occurrence=ruled, taxon=tree["rainbow_trout"], by=bob)
        assert quality.measure().figures["gold"]["count"] == 0

    def test_a_group_is_neither_right_nor_wrong(self, all_gold, tree, ruled, bob):
        lease = leases.take(by=bob)
        identifications.add(occurrence=ruled, taxon=tree["salmonidae"], by=bob)
        assert queries.feedback(lease).right is None
        assert quality.measure().figures["gold"]["count"] == 0
